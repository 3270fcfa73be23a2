//! Writes the seeds that this project can make itself: `cargo run --example seeds`, in this folder.
//!
//! Tables of a few rows through every writer, spectra and arrays spelled out, models of a fit that takes milliseconds.
//! Seeds that need the writers of others come from `seeds.py`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use lumenfold::settings::Kind;
use lumenfold::{Model, Net, Norm, Settings, Sparsity, fit};
use lumenfold_data::{
    ArrayValues, ArrayWriter, Axis, BlockOptions, BlockReader, BlockWriter, Column, Dataset, DatasetOptions, Source,
    Table, Target, Values, WriteOptions, write_table,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    tables()?;
    spelled_out()?;
    models()
}

/// The place of a seed.
fn seed(target: &str, name: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    fs::create_dir_all(&folder)?;
    Ok(folder.join(name))
}

fn put(target: &str, name: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
    Ok(fs::write(seed(target, name)?, bytes)?)
}

/// Columns of every type, with units and missing values; `.npy` holds numbers only.
fn mixed(numbers_only: bool) -> Result<Table> {
    let mut columns = vec![
        Column::new("u", Values::Float64(vec![23.5, f64::NAN, -1e300])).with_unit("mag"),
        Column::new("g", Values::Float32(vec![0.1, f32::INFINITY, 3.0])),
    ];
    if !numbers_only {
        let ids = [Some(1_237_648), None, Some(-7)].into_iter().collect::<Vec<Option<i64>>>();
        columns.push(Column::new("id", Values::Integer(ids.into_iter().collect())));
        columns.push(Column::new("good", Values::booleans(vec![true, false, true])));
        columns.push(Column::new("class", Values::text(["STAR", "", "a \"b\", c"])));
    }
    Ok(Table::new("t", columns)?)
}

/// Two maps of 2 × 3 values with an identifier.
fn maps() -> Result<Table> {
    let mut columns = vec![Column::new("id", Values::integers(vec![4, 5]))];
    columns.extend((0..6).map(|at| Column::new(format!("x{at}"), Values::Float32(vec![at as f32, 0.5]))));
    let q = Axis::new("q", Some("1/angstrom".to_owned()), vec![0.5, 1.0])?;
    let energy = Axis::new("energy", Some("meV".to_owned()), vec![1.0, 2.0, 4.0])?;
    Ok(Table::new("maps", columns)?.with_axes(1..7, vec![q, energy])?)
}

fn tables() -> Result<()> {
    let endings = [
        ("text", "csv"),
        ("text", "tsv"),
        ("text", "csv.gz"),
        ("text", "csv.zst"),
        ("npy", "npy"),
        ("npz", "npz"),
        ("parquet", "parquet"),
        ("arrow", "arrow"),
        ("fits", "fits"),
        ("hdf5", "h5"),
        ("votable", "vot"),
    ];
    // Samples with their errors, as an archive has them.
    let archive = seed("npz", "errors.npz")?;
    let mut arrays = ArrayWriter::create(&archive)?;
    arrays.array("flux", &[2, 3], ArrayValues::Float64(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))?;
    arrays.array("errors", &[2, 3], ArrayValues::Float64(&[0.1; 6]))?;
    arrays.array("energy_meV", &[3], ArrayValues::Float64(&[1.0, 2.0, 4.0]))?;
    arrays.finish()?;
    for (target, ending) in endings {
        let write = |name: &str, table: &Table| -> Result<()> {
            let path = seed(target, &format!("{name}.{ending}"))?;
            Ok(write_table(table, &Target::from(path), &WriteOptions::default())?)
        };
        write("mixed", &mixed(ending == "npy")?)?;
        // An array has no room for an identifier, and FITS is long: its errors below are maps enough.
        if !["npy", "fits"].contains(&ending) {
            write("maps", &maps()?)?;
        }
        if ["npy", "npz"].contains(&ending) {
            continue;
        }
        let options = BlockOptions { errors: true, ..BlockOptions::default() };
        let mut reader = BlockReader::open(&[Source::from(archive.as_path())], &options)?;
        let target = Target::from(seed(target, &format!("errors.{ending}"))?);
        let mut writer = BlockWriter::create(&target, &WriteOptions::default())?;
        while let Some(block) = reader.next_block()? {
            writer.write(&block)?;
        }
        writer.finish()?;
    }
    Ok(())
}

fn idx(code: u8, sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Formats that are not written, and forms of others that the writers do not choose.
fn spelled_out() -> Result<()> {
    put("idx", "bytes", idx(0x08, &[3], &[7, 2, 1]))?;
    put("idx", "signed", idx(0x09, &[2, 2], &[0x80, 0x7f, 0, 1]))?;
    put("idx", "short", idx(0x0b, &[1, 2, 1], &[0x80, 0, 1, 2]))?;
    put("idx", "int", idx(0x0c, &[2], &[255, 255, 255, 254, 0, 1, 0, 0]))?;
    put("idx", "float", idx(0x0d, &[2, 1, 1, 1], &[63, 0, 0, 0, 192, 64, 0, 0]))?;
    put("idx", "double", idx(0x0e, &[1], &0.1_f64.to_be_bytes()))?;

    let fortran = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n";
    put("npy", "fortran", npy(fortran, &[0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6]))?;
    let fields = "{'descr': [('u', '<f4'), ('n', '|u1')], 'fortran_order': False, 'shape': (2,), }\n";
    put("npy", "fields", npy(fields, &[0, 0, 128, 63, 7, 0, 0, 0, 64, 8]))?;
    let cube = "{'descr': '|b1', 'fortran_order': False, 'shape': (2, 1, 2), }\n";
    put("npy", "cube", npy(cube, &[0, 1, 1, 0]))?;
    put("npy", "half", npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }\n", &[0, 60, 0, 126]))?;

    put(
        "spe",
        "calibrated",
        "$SPEC_ID:\nA stone\n$DATE_MEA:\n04/26/2017 11:05:11\n$MEAS_TIM:\n100 101.5\n$DATA:\n2 5\n 7\n 0\n 12\n 3\n$ROI:\n0\n$ENER_FIT:\n1.0 2.0\n$MCA_CAL:\n3\n1.0E+000 2.0E+000 0.5E+000 keV\n",
    )?;
    put("spe", "plain", "$DATA:\r\n0 2\r\n1\r\n2.5\r\n3\r\n$ENER_FIT:\r\n0 0\r\n")?;
    put("spe", "camera", [&[0, 0, 3, 4][..], &[0; 300]].concat())?;

    let infrared = |title: &str, data: &str| {
        format!(
            "##TITLE= {title}\n##JCAMP-DX= 4.24 $$ a comment\n##DATA TYPE= INFRARED SPECTRUM\n##XUNITS= 1/CM\n\
             ##YUNITS= ABSORBANCE\n##FIRSTX= 4000\n##LASTX= 3986\n##XFACTOR= 2.0\n##YFACTOR= 0.25\n##NPOINTS= 8\n\
             ##FIRSTY= 2.5\n##DELTAX= -2\n{data}\n##END=\n"
        )
    };
    let plain = infrared("plain", "##XYDATA= (X++(Y..Y))\n2000 10 11 13 13\n1996 12 12 12 -4");
    let squeezed = infrared("squeezed", "##XYDATA=(X++(Y..Y))\n2000A0JK%\n1997A3j%T\n1994A2j6");
    let pairs = "##XYPOINTS=(XY..XY)\n2000,10; 1999,11; 1998,?; 1997 13\n1996 12\n1995 12 1994 12\n1993 -4";
    put("jcamp", "plain", &plain)?;
    put("jcamp", "squeezed", &squeezed)?;
    put("jcamp", "pairs", infrared("pairs", pairs))?;
    put("jcamp", "packed", infrared("packed", "##XYDATA= (X++(Y..Y))\n2000+10+11+13+13\n1996+12S+12U-4"))?;
    put("jcamp", "linked", format!("##TITLE= all\n##DATA TYPE= LINK\n##BLOCKS= 3\n{plain}{squeezed}##END=\n"))?;
    put("jcamp", "peaks", infrared("peaks", "##PEAK TABLE= (XY..XY)\n1,2"))?;

    let skyserver = "#Table1\nobjid,u,class\n1237648720693755918,23.5,STAR\n1,-9999,\n";
    put("text", "skyserver", skyserver)?;
    put("text", "quoted", "\u{feff}ä;b\r\n\"1;2\";3\r\n\"x\"\"\ny\";4,5\r\n")?;
    put("text", "blanks", "# a comment\n  x   y\n 1.0D+00 2\n nan -inf\n")?;
    put("text", "matrix", "1 2 3\n4 5 6\n")?;

    let votable = |fields: &str, data: &str| {
        format!(
            "<?xml version=\"1.0\"?><VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\
             <RESOURCE><TABLE name=\"t\">{fields}<DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>"
        )
    };
    let fields = "<FIELD name=\"n\" datatype=\"short\" unit=\"mag\"><VALUES null=\"-1\"/></FIELD>\
                  <FIELD name=\"x\" datatype=\"float\" arraysize=\"2\"/><FIELD name=\"s\" datatype=\"char\" arraysize=\"*\"/>";
    let elements = "<TABLEDATA><TR><TD>1</TD><TD>1.5 NaN</TD><TD>a &amp; b</TD></TR><TR><TD>-1</TD><TD/><TD><![CDATA[<]]></TD></TR></TABLEDATA>";
    put("votable", "elements", votable(fields, elements))?;
    // One row: 7, (1, 2), the text ab.
    let row = "AAc/gAAAQAAAAAAAAAJhYg==";
    put("votable", "binary", votable(fields, &format!("<BINARY><STREAM encoding=\"base64\">{row}</STREAM></BINARY>")))?;
    let flagged = "AAAHP4AAAEAAAAAAAAACYWI=";
    let stream = format!("<BINARY2><STREAM encoding=\"base64\">{flagged}</STREAM></BINARY2>");
    put("votable", "binary2", votable(fields, &stream))?;
    let bits = "<FIELD name=\"f\" datatype=\"bit\" arraysize=\"3\"/><FIELD name=\"b\" datatype=\"boolean\"/>\
                <FIELD name=\"c\" datatype=\"unicodeChar\" arraysize=\"2\"/><FIELD name=\"v\" datatype=\"int\" arraysize=\"*\"/>";
    let stream = "<BINARY><STREAM encoding=\"base64\">oFQAYQBiAAAAAQAAAAk=</STREAM></BINARY>";
    put("votable", "bits", votable(bits, stream))?;

    put("axes", "named", "energy_meV,q")?;
    put("axes", "given", "q[1/angstrom]=0.5:2:4,energy[meV]=10:-1e1:11")?;
    put("axes", "shape", "28x28")?;

    let convolution = "\u{2}[[encoder]]\nlayer = \"convolution\"\nchannels = 4\nkernel = [3, 2]\nstride = 2\n[[encoder]]\n\
        layer = \"activation\"\nfunction = \"silu\"\n[[encoder]]\nlayer = \"group-norm\"\ngroups = 2\n[[encoder]]\n\
        layer = \"residual\"\nlayers = [{ layer = \"convolution\", kernel = 3, groups = 4 }, { layer = \"channel-norm\" }]\n\
        [[encoder]]\nlayer = \"pool\"\nmode = \"max\"\nkernel = 2\n[[encoder]]\nlayer = \"dropout\"\nshare = 0.1\n[[encoder]]\nlayer = \"dense\"\n";
    put("description", "convolution", convolution)?;
    let dense = "\u{0}encoder = [{ layer = \"dense\", outputs = 9 }, { layer = \"layer-norm\" }, { layer = \"dense\" }]\n\
        decoder = [{ layer = \"dense\", outputs = 20 }, { layer = \"dense\" }]\n";
    put("description", "dense", dense)?;
    let decoder = "\u{2}encoder = [{ layer = \"dense\" }]\ndecoder = [\n{ layer = \"dense\", outputs = 24 },\n\
        { layer = \"reshape\", channels = 2, size = [4, 3] },\n\
        { layer = \"transposed-convolution\", channels = 1, kernel = 3, stride = 2, size = [8, 6] },\n\
        { layer = \"upsample\", mode = \"linear\", size = [12, 9] }]\n";
    put("description", "decoder", decoder)?;
    let outer = "\u{4}encoder = [{ layer = \"dense\" }]\ndecoder = [{ layer = \"dense\" }, { layer = \"outer-product\", channels = 1, rank = 2, size = [6, 5, 7] }]\n";
    put("description", "outer_product", outer)
}

/// Samples of a bump that moves along one axis, or over two.
fn bumps(sizes: &[usize]) -> Result<Dataset> {
    let width: usize = sizes.iter().product();
    let value = |row: usize, at: usize| (-((at as f64 - row as f64 % width as f64) / 2.0).powi(2)).exp();
    let column = |at| Column::new(format!("v{at}"), Values::Float64((0..20).map(|row| value(row, at)).collect()));
    let axes = sizes.iter().enumerate().map(|(at, size)| Axis::counted(at + 1, *size)).collect();
    let table = Table::new("bumps", (0..width).map(column).collect())?;
    Ok(Dataset::from_table(table, &DatasetOptions { axes: Some(axes), ..DatasetOptions::default() })?)
}

fn models() -> Result<()> {
    let small = Settings { hidden: vec![3], latent: 1, epochs: Some(1), batch: Some(16), ..Settings::default() };
    let convolutional = Settings { net: Net::Convolutional, norm: Norm::None, hidden: vec![2], ..small.clone() };
    let settings = [
        ("dense", &[3][..], small.clone()),
        (
            "sparse",
            &[3],
            Settings { kind: Kind::Sparse, sparsity: Some(Sparsity::TopK(1)), latent: 3, ..small.clone() },
        ),
        ("variational", &[3], Settings { kind: Kind::Variational, ..small.clone() }),
        ("convolutional", &[3, 4], convolutional),
    ];
    for (name, sizes, settings) in settings {
        let fitted = fit(&bumps(sizes)?, &settings, &AtomicBool::new(false), |_| {})?;
        let path = seed("model", name)?;
        Model::from(fitted).save(&path)?;
        let document = lumenfold_fuzz::model::disassembled(&fs::read(&path)?).ok_or("the file that was just saved")?;
        put("document", name, document)?;
    }
    Ok(())
}
