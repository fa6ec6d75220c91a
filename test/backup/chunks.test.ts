import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { cut, splitAt } from '../../src/backup/chunks.ts';
import { bytesOf, pieces } from './sample.ts';

describe('chunks of a stream', () => {
  const bytes = randomBytes(1000);

  it('have the length asked for, all but the last, however the stream came', async () => {
    for (const size of [1, 7, 100, 250, 1000])
      for (const length of [1, 99, 100, 1000, 1001]) {
        const chunks: Buffer[] = [];
        for await (const chunk of cut(pieces(bytes, size), length)) chunks.push(chunk);
        expect(Buffer.concat(chunks).equals(bytes)).to.equal(true);
        expect(chunks).to.have.length(Math.ceil(1000 / length));
        expect(chunks.slice(0, -1).every((chunk) => chunk.length === length)).to.equal(true);
      }
    expect(await bytesOf(cut(pieces(Buffer.alloc(0), 1), 10))).to.have.length(0);
  });

  it('begin after the bytes that were split off', async () => {
    for (const size of [1, 7, 1000])
      for (const length of [0, 5, 999, 1000, 2000]) {
        const [first, rest] = await splitAt(pieces(bytes, size), length);
        expect(first.equals(bytes.subarray(0, length))).to.equal(true);
        expect((await bytesOf(rest)).equals(bytes.subarray(length))).to.equal(true);
      }
  });

  it('close their source when the reader stops early', async () => {
    let closed = 0;
    async function* source(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield bytes;
      } finally {
        closed += 1;
      }
    }
    for await (const chunk of cut(source(), 10)) if (chunk) break;
    const [, rest] = await splitAt(source(), 10);
    for await (const chunk of rest) if (chunk) break;
    expect(closed).to.equal(1);
    await rest.return(undefined);
  });
});
