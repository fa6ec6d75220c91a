import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { formatEnv, parseAssignment, parseEnv } from '../../src/cli/parse/env-file.ts';

const awkward = {
  PLAIN: 'a-b_c./:1',
  EMPTY: '',
  SPACES: '  two  words ',
  SINGLE: "it's",
  DOUBLE: 'say "hi"',
  LINES: 'one\ntwo\n',
  DOLLAR: '$HOME `id` $(id)',
  BACKSLASH: 'a\\nb\\',
  HASH: '#no comment',
  EQUALS: 'a=b=c',
  UNICODE: 'naïve ☃ 日本',
  TAB: 'a\tb',
  BANG: 'wow!',
  EMOJI: '👩‍👩‍👧',
};

describe('shell words', () => {
  it('are read back by this program as they were', () => {
    expect(parseEnv(formatEnv(awkward), 'text')).to.deep.equal(awkward);
  });

  it('are read back by a real shell as they were', () => {
    const script = `${formatEnv(awkward)}\nexport ${Object.keys(awkward).join(' ')}\nenv -0`;
    const output = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
    const seen = Object.fromEntries(
      output
        .split('\0')
        .filter(Boolean)
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    expect(seen).to.include(awkward);
  });

  it('take what env files hold', () => {
    const text = [
      '# comment',
      '',
      'export A=1 # one',
      'B = two words ',
      'C="a\\nb \\"q\\" $X"',
      'D=',
      'E=a#b',
      'F=a\\ b',
      'G=\'x\'"y"z',
      '\tH=tab',
      'I="over',
      'lines"',
      'J=last',
    ].join('\r\n');
    expect(parseEnv(text, 'text')).to.deep.equal({
      A: '1',
      B: 'two words',
      C: 'a\nb "q" $X',
      D: '',
      E: 'a#b',
      F: 'a b',
      G: 'xyz',
      H: 'tab',
      I: 'over\nlines',
      J: 'last',
    });
  });

  for (const [what, text, line] of [
    ['a line without =', 'A=1\nnonsense', 2],
    ['a name with a dash', 'a-b=1', 1],
    ['an open quote', "A=1\nB='x", 2],
    ['a name that starts with a digit', '1A=x', 1],
  ] as const) {
    it(`refuse ${what} and name the line`, () => {
      expect(() => parseEnv(text, 'app.env')).to.throw(`app.env, line ${line}, is not KEY=VALUE`);
    });
  }

  it('never repeat a value in an error', () => {
    expect(() => parseEnv('MY KEY=hunter2', 'text'))
      .to.throw()
      .with.property('message')
      .that.does.not.include('hunter2');
  });

  it('split an argument at its first =', () => {
    expect(parseAssignment('A=b=c')).to.deep.equal(['A', 'b=c']);
    expect(() => parseAssignment('=x')).to.throw('is not KEY=VALUE');
    expect(() => parseAssignment('x')).to.throw('is not KEY=VALUE');
  });

  it('take 10,000 config vars in little processor time', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`KEY_${i}`, `value ${i} with 'quotes'`]));
    const began = process.cpuUsage();
    expect(parseEnv(formatEnv(many), 'text')).to.deep.equal(many);
    expect(process.cpuUsage(began).user / 1_000).to.be.below(3_000);
  });
});
