import { expect } from 'chai';
import { fields, table } from '../../src/cli/output/table.ts';
import { formatAge, formatBytes, formatDuration, printable, render, toJson } from '../../src/cli/output/text.ts';

const plain = (_style: unknown, text: string): string => text;

describe('text', () => {
  it('aligns columns, wide characters too, and leaves nothing at the end of lines', () => {
    const rows = [
      { name: 'a', note: '' },
      { name: '日本', note: 'x' },
      { name: 'é́', note: 'y' },
    ];
    expect(table(rows, { Name: (row) => row.name, Note: (row) => row.note }, plain)).to.deep.equal([
      'Name  Note',
      'a',
      '日本  x',
      'é́     y',
    ]);
  });

  it('puts values under each other', () => {
    expect(fields({ A: 'x', Long: 'one\ntwo', None: undefined }, plain)).to.deep.equal([
      'A:     x',
      'Long:  one',
      '       two',
    ]);
  });

  it('shows what programs write without letting them move the cursor', () => {
    const hostile = '\x1b[31mred\x1b[0m \x1b[2Jgone \x1b]0;title\x07 back\rspace\x08 \x9b31m';
    expect(printable(hostile, false)).to.equal('red gone  backspace ');
    expect(printable(hostile, true)).to.equal('\x1b[31mred\x1b[0m gone  backspace \x1b[0m');
    expect(printable('plain', true)).to.equal('plain');
  });

  it('colors what it painted, and nothing that only looks like it', () => {
    const screen = { isTTY: true } as never;
    const lines = (user: string): string[] =>
      render((paint) => [`${user} ${paint('green', 'up')}`], screen, { env: { TERM: 'xterm' } } as never);
    expect(lines('shop')).to.deep.equal(['shop \x1b[32mup\x1b[39m']);
    expect(lines('\x1b[31m✗ failed\x1b[39m\nshop')).to.deep.equal(['✗ failed shop \x1b[32mup\x1b[39m']);
    expect(lines('\x1b[31m')).to.deep.equal([' up']);
  });

  it('escapes in JSON what a terminal could act on', () => {
    const value = { text: '\x1b\x9b2J\u202e' };
    expect(toJson(value)).to.equal('{"text":"\\u001b\\u009b2J\\u202e"}');
    expect(JSON.parse(toJson(value))).to.deep.equal(value);
  });

  it('rounds times, ages and bytes', () => {
    expect([0, 850, 1_234, 59_900, 123_000].map(formatDuration)).to.deep.equal([
      '0ms',
      '850ms',
      '1.2s',
      '59.9s',
      '2m 3s',
    ]);
    const now = Date.parse('2026-03-02T00:00:00Z');
    expect(
      [
        '2026-03-01T23:59:59Z',
        '2026-03-01T23:55:00Z',
        '2026-03-01T21:00:00Z',
        '2026-02-20T00:00:00Z',
        '2026-03-02T00:00:09Z',
      ].map((at) => formatAge(at, now)),
    ).to.deep.equal(['~ 1s ago', '~ 5m ago', '~ 3h ago', '~ 10d ago', '~ 0s ago']);
    expect([12, 1_500, 2.5e6, 3e9].map(formatBytes)).to.deep.equal(['12 B', '1.5 kB', '2.5 MB', '3.0 GB']);
  });
});
