import { expect } from 'chai';
import type { LogLine } from '../../src/engine/index.ts';
import { Position } from '../../src/logs/position.ts';

const line = (at: string, text: string, stream: LogLine['stream'] = 'stdout'): LogLine => ({
  at: `2026-01-01T00:00:0${at}Z`,
  stream,
  line: text,
});

describe('a position in a log', () => {
  let position: Position;
  beforeEach(() => (position = new Position()));

  const read = (...lines: LogLine[]): string[] =>
    lines.filter((each) => position.advance(each)).map(({ line: text }) => text);

  it('passes every line of a first reading, equal ones too', () => {
    expect(position.rewind()).to.equal(undefined);
    expect(read(line('1.5', 'a'), line('1.5', 'a'), line('2.0', 'b'))).to.deep.equal(['a', 'a', 'b']);
  });

  it('passes of a second reading only the lines after the first, also of those with the same time', () => {
    const first = [line('1.1', 'a'), line('1.5', 'b'), line('1.5', 'b')];
    read(...first);
    expect(position.rewind()).to.equal(Date.parse('2026-01-01T00:00:01Z') / 1000);
    expect(read(...first, line('1.5', 'b'), line('1.6', 'c'))).to.deep.equal(['b', 'c']);
    position.rewind();
    expect(read(line('1.6', 'c'), line('1.6', 'd'))).to.deep.equal(['d']);
  });

  it('is one of each stream: their times need not be in order together', () => {
    read(line('2.0', 'late', 'stderr'), line('1.0', 'early'));
    expect(position.rewind()).to.equal(Date.parse('2026-01-01T00:00:01Z') / 1000);
    expect(read(line('1.0', 'early'), line('2.0', 'late', 'stderr'), line('1.5', 'new'))).to.deep.equal(['new']);
  });
});
