import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { NumberedEvent } from '../../src/events/index.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import { eventually } from '../eventually.ts';

const ID = '0123456789abcdef';
const LIMITS = { headBytes: 20_000, tailBytes: 5_000 };
const output = (line: string) => ({ type: 'output', source: 'build', line }) as const;
const lineOf = (event: NumberedEvent): string =>
  event.type === 'output' ? event.line : event.type === 'notice' ? event.message : event.type;

describe("an operation's events", () => {
  let folder: string;
  const life = new AbortController();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-events-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const file = (): string => join(folder, `${ID}.ndjson`);
  const opened = (): Promise<EventLog> => EventLog.open(folder, ID, LIMITS);
  async function all(log: EventLog, from = 0): Promise<NumberedEvent[]> {
    const events: NumberedEvent[] = [];
    for await (const event of log.read(from, life.signal)) events.push(event);
    return events;
  }

  it('are read while they come, and again from any number', async () => {
    const log = await opened();
    const live: string[] = [];
    const following = (async () => {
      for await (const event of log.read(0, life.signal)) live.push(lineOf(event));
    })();
    log.append(output('one'), 0);
    await eventually('the first line', () => live[0] === 'one');
    log.append(output('two'), 0);
    log.append({ type: 'done', result: {} }, 0);
    await following;
    expect(live).to.deep.equal(['one', 'two', 'done']);
    expect((await all(log, 1)).map(lineOf)).to.deep.equal(['two', 'done']);
    expect(await all(log, 9)).to.deep.equal([]);
  });

  it('keep the beginning and the end of much output, say what is missing, and stay within a size', async () => {
    const log = await opened();
    for (let n = 0; n < 20_000; n += 1) {
      log.append(output(`line ${n}`), 0);
      if (n % 100 === 0) await log.flushed();
    }
    log.append({ type: 'phase', phase: 'build', state: 'failed' }, 0);
    log.append({ type: 'done', result: {} }, 0);
    await log.flushed();
    expect((await stat(file())).size).to.be.lessThan(30_000);
    for (const each of [log, await opened()]) {
      const events = await all(each);
      const shown = events.map(lineOf);
      expect(shown.slice(0, 2)).to.deep.equal(['line 0', 'line 1']);
      expect(shown.slice(-3)).to.deep.equal(['line 19999', 'phase', 'done']);
      const notice = shown.findIndex((line) => line.startsWith('Left out'));
      const [before, after] = [shown[notice - 1]!, shown[notice + 1]!].map((line) => Number(line.slice(5)));
      expect(shown[notice]).to.contain(`${after! - before! - 1} lines`);
      expect(events.map(({ n }) => n)).to.deep.equal(events.map(({ n }) => n).toSorted((a, b) => a - b));
    }
  });

  it('come live, beyond what is kept of the beginning', async () => {
    const log = await opened();
    let last = '';
    const following = (async () => {
      for await (const event of log.read(0, life.signal)) last = lineOf(event);
    })();
    for (let n = 0; n < 2000; n += 1) log.append(output(`line ${n}`), 0);
    await eventually('the last line', () => last === 'line 1999');
    log.append({ type: 'done', result: {} }, 0);
    await following;
    expect(last).to.equal('done');
  });

  it('continue after a controller died while it wrote', async () => {
    const log = await opened();
    log.append(output('one'), 0);
    await log.flushed();
    await appendFile(file(), '{"type":"output","source":"bui');
    const again = await opened();
    again.append({ type: 'done', result: {} }, 0);
    await again.flushed();
    expect((await all(again)).map(({ n, type }) => [n, type])).to.deep.equal([
      [0, 'output'],
      [1, 'done'],
    ]);
    expect((await opened()).hasEnded).to.equal(true);
    expect((await readFile(file(), 'utf8')).split('\n')).to.have.lengthOf(3);
  });

  it('can be followed to their end though the disk is full', async () => {
    const log = await opened();
    await rm(folder, { recursive: true });
    log.append(output('one'), 0);
    await log.flushed();
    log.append({ type: 'done', result: {} }, 0);
    await log.flushed();
    expect((await all(log)).map(lineOf)).to.deep.equal(['one', 'done']);
  });
});
