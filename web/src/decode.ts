/** Base64 columns of the document as typed arrays. */

/** Bytes of a base64 text. */
export function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

function view(text: string, bytesPerValue: number): DataView<ArrayBuffer> {
  const bytes = decodeBytes(text);
  if (bytes.length % bytesPerValue !== 0) {
    throw new Error(`a column of ${bytes.length} bytes cannot hold values of ${bytesPerValue} bytes`);
  }
  return new DataView(bytes.buffer);
}

/** Little-endian 32-bit floats. */
export function decodeFloat32(text: string): Float32Array {
  const source = view(text, 4);
  const values = new Float32Array(source.byteLength / 4);
  for (let index = 0; index < values.length; index++) values[index] = source.getFloat32(4 * index, true);
  return values;
}

/** Little-endian unsigned 16-bit integers. */
export function decodeUint16(text: string): Uint16Array {
  const source = view(text, 2);
  const values = new Uint16Array(source.byteLength / 2);
  for (let index = 0; index < values.length; index++) values[index] = source.getUint16(2 * index, true);
  return values;
}

/** Little-endian unsigned 32-bit integers. */
export function decodeUint32(text: string): Uint32Array {
  const source = view(text, 4);
  const values = new Uint32Array(source.byteLength / 4);
  for (let index = 0; index < values.length; index++) values[index] = source.getUint32(4 * index, true);
  return values;
}
