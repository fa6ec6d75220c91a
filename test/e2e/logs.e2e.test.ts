import { expect } from 'chai';
import type { LogEntry } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

describe('logs', function () {
  this.timeout(60_000);
  const app = 'logs-e2e';
  let mothership: Cluster;

  const read = async (...flags: string[]): Promise<LogEntry[]> => {
    const text = await mothership.ok(['logs', '-a', app, '--json', ...flags]);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogEntry);
  };
  const say = (line: string): Promise<unknown> => mothership.http(app, `/log?line=${line}`);

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp(app);
    await mothership.ok(['ps:scale', 'web=2', '-a', app]);
  });

  it('show what every process wrote and what the router did, oldest first', async () => {
    for (let n = 0; n < 10; n++) await say(`word-${n}`);
    const lines = await eventually('lines of both', 15, async () => {
      const found = await read();
      const words = found.filter(({ line }) => line.includes('word-'));
      // Ten lines of two processes and ten of the router: the engine hands them on in its own time.
      return new Set(words.map(({ ps }) => ps)).size >= 3 && words.length >= 20 ? found : undefined;
    });
    expect(new Set(lines.map(({ source }) => source))).to.deep.equal(new Set(['app', 'router']));
    const words = lines.filter(({ line }) => line.startsWith('tiny: said word-'));
    const said = (of: readonly LogEntry[]): number[] => of.map(({ line }) => Number(line.at(-1)));
    expect(said(words).sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The engine gives a line the time at which it read it: only within a process is that the order in which they were written.
    for (const ps of ['web.1', 'web.2']) {
      const own = said(words.filter((line) => line.ps === ps));
      expect(own, ps).to.deep.equal(own.toSorted());
    }
    const times = lines.map(({ at }) => at);
    expect(times).to.deep.equal([...times].sort());
  });

  it('are cut to -n lines, the newest', async () => {
    const all = await read('--source', 'app');
    expect(await read('--source', 'app', '-n', '3')).to.deep.equal(all.slice(-3));
  });

  it('are narrowed to a process or a source', async () => {
    expect(new Set((await read('--ps', 'web.2')).map(({ ps }) => ps))).to.deep.equal(new Set(['web.2']));
    const router = await read('--source', 'router');
    expect(router).to.not.be.empty;
    for (const { source, line } of router) {
      expect(source).to.equal('router');
      expect(line).to.match(/method=GET path=\S+ .*status=200/);
    }
  });

  it('hold no line of another app', async () => {
    const lines = await read('-n', '1000');
    expect(lines.filter(({ line }) => /host=(?!logs-e2e)/.test(line))).to.deep.equal([]);
  });

  it('follow with --tail until Ctrl-C', async () => {
    const tail = mothership.start(['logs', '-a', app, '--tail', '-n', '0', '--json']);
    let seen = '';
    tail.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await eventually('the line that was said', 20, async () => {
      await say('live');
      return seen.includes('said live');
    });
    tail.kill('SIGINT');
    expect((await tail).exitCode).to.equal(130);
  });

  it('go on over a new release', async () => {
    const tail = mothership.start(['logs', '-a', app, '--tail', '-n', '0', '--source', 'app', '--json']);
    let seen = '';
    tail.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await mothership.ok(['config:set', 'A=1', '-a', app]);
    await eventually('a line of the new release', 20, async () => {
      await say('after-release');
      return seen.includes('said after-release');
    });
    tail.kill('SIGINT');
    await tail;
  });
});
