//! A picture of grey values as PNG (W3C, Portable Network Graphics, third edition), not compressed: it is small, and its bytes
//! depend on no library.

/// Bytes of a stored block of deflate (RFC 1951) at most.
const STORED: usize = 65_535;

/// Eight-bit grey values, `[height][width]`. Width and height are above zero.
pub(crate) fn grey_png(values: &[u8], width: usize) -> Vec<u8> {
    let height = values.len() / width;
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend((width as u32).to_be_bytes());
    head.extend((height as u32).to_be_bytes());
    // Eight bits, grey; deflate, the five filters, no interlacing.
    head.extend([8, 0, 0, 0, 0]);
    chunk(&mut png, b"IHDR", &head);
    // Each line begins with its filter: none.
    let lines: Vec<u8> =
        values.chunks_exact(width).flat_map(|line| [0].into_iter().chain(line.iter().copied())).collect();
    chunk(&mut png, b"IDAT", &stored(&lines));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    png.extend((data.len() as u32).to_be_bytes());
    png.extend(name);
    png.extend(data);
    let sum = crc32(name.iter().chain(data));
    png.extend(sum.to_be_bytes());
}

/// The form of zlib (RFC 1950) with nothing compressed.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut zlib = vec![0x78, 0x01];
    let blocks = data.len().div_ceil(STORED);
    for (at, block) in data.chunks(STORED).enumerate() {
        let length = block.len() as u16;
        zlib.push(u8::from(at + 1 == blocks));
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend(block);
    }
    let (mut one, mut two) = (1_u32, 0_u32);
    for byte in data {
        one = (one + u32::from(*byte)) % 65_521;
        two = (two + one) % 65_521;
    }
    zlib.extend((two << 16 | one).to_be_bytes());
    zlib
}

fn crc32<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        // The check value of CRC-32, and the Adler-32 of "Wikipedia".
        assert_eq!(crc32(b"123456789".iter()), 0xcbf4_3926);
        assert!(stored(b"Wikipedia").ends_with(&0x11e6_0398_u32.to_be_bytes()));
    }

    #[test]
    fn large_pictures_take_several_blocks() {
        let png = grey_png(&vec![7; 300 * 400], 400);
        assert!(png.len() > 120_000 && png.ends_with(b"IEND\xae\x42\x60\x82"));
    }
}
