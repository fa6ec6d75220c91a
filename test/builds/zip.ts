import { crc32 } from 'node:zlib';

/** Contents by path within an archive. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** The second halves of a file's two headers are alike: version, flags, method, time, date, checksum, sizes, length of the name. */
function description(name: Buffer, content: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  // 1 January 1980.
  fields.writeUInt16LE(0x21, 8);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function fixed(length: number, ...values: readonly (readonly [at: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(length);
  for (const [at, value] of values) bytes.writeUInt32LE(value, at);
  return bytes;
}

/** A zip archive, nothing of it compressed: the same bytes for the same files. */
export function zip(files: Files): Buffer {
  const parts: Buffer[] = [];
  const index: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)];
    const fields = description(name, content);
    parts.push(fixed(4, [0, 0x04034b50]), fields, name, content);
    // Made by version 2.0; no comment, no attributes; where the file begins.
    index.push(
      fixed(4, [0, 0x02014b50]),
      Buffer.from([20, 3]),
      fields,
      fixed(14, [6, (0o100644 << 16) >>> 0], [10, offset]),
      name,
    );
    offset += 4 + fields.length + name.length + content.length;
  }
  const size = index.reduce((sum, part) => sum + part.length, 0);
  const end = fixed(22, [0, 0x06054b50], [12, size], [16, offset]);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  return Buffer.concat([...parts, ...index, end]);
}
