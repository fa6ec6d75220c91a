import { expect } from 'chai';
import { formatMemory, formatSize, parseCpus, parseMemory, parseSize } from '../../src/values/size.ts';

const M = 2 ** 20;

describe('sizes', () => {
  for (const [text, bytes] of [
    ['512M', 512 * M],
    ['1G', 1024 * M],
    ['1.5g', 1536 * M],
    ['256MiB', 256 * M],
    ['64mb', 64 * M],
    ['1048576', M],
    ['2k', 2048],
  ] as const) {
    it(`reads ${text}`, () => expect(parseMemory(text)).to.equal(bytes));
  }
  for (const text of ['', 'M', '-1M', '1X', '1 0M', 'NaN', '1e3', '99999999999T'])
    it(`refuses "${text}" as memory`, () => expect(parseMemory(text)).to.equal(undefined));
  for (const [text, cpus] of [
    ['0.5', 0.5],
    ['2', 2],
    ['.25', 0.25],
    ['250m', 0.25],
  ] as const)
    it(`reads ${text} cpus`, () => expect(parseCpus(text)).to.equal(cpus));
  for (const text of ['', '-1', '1.2.3', 'one', 'm'])
    it(`refuses "${text}" as cpus`, () => expect(parseCpus(text)).to.equal(undefined));

  it('reads both halves, or one', () => {
    expect(parseSize('512M/0.5')).to.deep.equal({ memory: 512 * M, cpus: 0.5 });
    expect(parseSize('1G')).to.deep.equal({ memory: 1024 * M });
    expect(parseSize('/2')).to.deep.equal({ cpus: 2 });
    for (const text of ['', '/', '1G/x', 'x/1', '1G/1/1']) expect(parseSize(text), text).to.equal(undefined);
  });

  it('writes what it reads', () => {
    for (const text of ['512M', '1G', '1.5G', '100K']) expect(formatMemory(parseMemory(text)!)).to.equal(text);
    expect(formatSize({ memory: 512 * M, cpus: 0.5 })).to.equal('512M/0.5');
  });
});
