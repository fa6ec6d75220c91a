import { expect } from 'chai';
import { lines } from '../../src/events/index.ts';
import type { LineOptions } from '../../src/events/lines.ts';

describe('lines', () => {
  const read = async (chunks: readonly (string | Buffer)[], options?: LineOptions): Promise<string[]> => {
    const found: string[] = [];
    const source = (async function* () {
      yield* chunks.map((chunk) => Buffer.from(chunk));
    })();
    for await (const line of lines(source, options)) found.push(line);
    return found;
  };

  it('are the same wherever the chunks are cut', async () => {
    const text = Buffer.from('one\n\n東京 ☃\r\nlast');
    for (let size = 1; size <= text.length; size++) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
        text.subarray(n * size, (n + 1) * size),
      );
      expect(await read(chunks), `${size} bytes`).to.deep.equal(['one', '', '東京 ☃\r', 'last']);
    }
  });

  it('come without an unfinished last one when that is not wanted', async () => {
    expect(await read(['{"a":1}\n{"b":'], { unfinished: false })).to.deep.equal(['{"a":1}']);
    expect(await read(['a\n'])).to.deep.equal(['a']);
    expect(await read([])).to.deep.equal([]);
  });

  it('that are too long come in pieces', async () => {
    expect(await read(['abcdefg', 'h\nij\nxyz', '\nklmno'], { limit: 3 })).to.deep.equal([
      'abc',
      'def',
      'gh',
      'ij',
      'xyz',
      'klm',
      'no',
    ]);
  });

  it('take time in proportion to the text, even as one line in small chunks', async () => {
    const chunks = Array.from({ length: 200_000 }, () => 'x'.repeat(50));
    const [line] = await read(chunks);
    expect(line).to.have.lengthOf(10_000_000);
  }).timeout(5_000);
});
