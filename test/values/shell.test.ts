import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { shellQuote, shellWord } from '../../src/values/shell.ts';

const HOSTILE = ['', ' ', "it's", '$HOME `id` \\', '"; rm -rf /;"', 'a\nb', '*', '~', '!', '#', 'é', "''", 'K=v', '-n'];

describe('shell words', () => {
  for (const quote of [shellQuote, shellWord])
    it(`${quote.name}: a shell reads back every word as it was`, () => {
      const script = `printf '%s\\0' ${HOSTILE.map(quote).join(' ')}`;
      assert.deepEqual(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1), HOSTILE);
    });

  it('leaves plain words readable', () => {
    assert.equal(shellWord('npm'), 'npm');
    assert.equal(shellWord('a b'), "'a b'");
    assert.equal(shellQuote('npm'), "'npm'");
  });

  it('refuses a null byte, which no argument can hold', () => {
    assert.throws(() => shellQuote('a\0b'), { code: 'INTERNAL' });
    assert.throws(() => shellWord('a\0b'), { code: 'INTERNAL' });
  });
});
