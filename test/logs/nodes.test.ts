import { expect } from 'chai';
import type { Engine, LogOptions } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { AppLogs } from '../../src/logs/index.ts';
import { eventually } from '../eventually.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

const app = { id: 'shop', name: 'shop' };
const labels = { 'mothership.kind': 'process', 'mothership.app': 'shop' };

describe('logs in a cluster of many nodes', () => {
  let clock: FakeClock;
  let engine: FakeEngine;
  let away: Set<string>;
  let stalled: Set<string>;
  let tasks: Record<string, string>;
  const stop = new Set<AbortController>();

  beforeEach(async () => {
    clock = new FakeClock();
    engine = new FakeEngine({ clock, nodes: [{ hostname: 'a' }, { hostname: 'b' }] });
    away = new Set();
    stalled = new Set();
    for (const slot of ['a', 'b']) {
      await engine.createService({
        name: `shop-${slot}`,
        labels,
        containerLabels: { ...labels, 'mothership.type': slot },
        image: 'x',
        env: {},
        networks: [],
        replicas: 1,
        endpointMode: 'dnsrr',
        constraints: [`node.hostname==${slot}`],
        restart: { condition: 'any', delayMs: 0 },
      });
    }
    engine.settle();
    const all = await engine.tasks({});
    const nodes = await engine.nodes();
    tasks = Object.fromEntries(all.map((task) => [nodes.find(({ id }) => id === task.nodeId)!.hostname, task.id]));
    for (const name of ['a', 'b']) engine.say(tasks[name]!, `old ${name}`);
  });
  afterEach(() => {
    for (const each of stop) each.abort();
  });

  /** Nodes that are away throw, stalled ones never answer, and nobody may ask Swarm for logs. */
  const logs = (): AppLogs => {
    const manager = new Proxy(engine, {
      get: (target, key) =>
        key === 'taskLogs' ? () => expect.fail('asked Swarm') : (Reflect.get(target, key, target) as unknown),
    });
    const on = async (id: string): Promise<Engine> => {
      const node = (await engine.nodes()).find((each) => each.id === id)!.hostname;
      if (away.has(node)) throw fail('NODE_UNREACHABLE', { node, why: 'it is down' });
      return new Proxy(engine, {
        get: (target, key) => {
          if (key !== 'containerLogs') return Reflect.get(target, key, target) as unknown;
          return async function* (container: string, options: LogOptions) {
            if (stalled.has(node)) await new Promise(() => undefined);
            for await (const line of engine.containerLogs(container, options)) {
              if (away.has(node)) throw fail('ENGINE_UNREACHABLE', { where: node, why: 'the connection was lost' });
              yield line;
            }
          };
        },
      });
    };
    return new AppLogs({ engine: manager, clock, nodes: { on } });
  };

  const read = async (follow: boolean, count: number, shown: string[] = []): Promise<string[]> => {
    const end = new AbortController();
    stop.add(end);
    for await (const { ps, line } of logs().read({ app, lines: 10, follow, source: 'app' }, end.signal)) {
      shown.push(`${ps}: ${line}`);
      if (shown.length === count) end.abort();
    }
    return shown;
  };

  it("come from the nodes' engines", async () => {
    expect(await read(false, 2)).to.have.members(['a.1: old a', 'b.1: old b']);
  });

  it('are without those of a node that is gone, and say so', async () => {
    away.add('b');
    expect(await read(false, 2)).to.deep.equal([
      'a.1: old a',
      'mothership: Missing log lines from node b: it is not responding.',
    ]);
  });

  it('wait only a moment for a node that stalls', async () => {
    stalled.add('b');
    const began = clock.now();
    expect(await clock.passUntil(read(false, 2))).to.deep.equal([
      'a.1: old a',
      'mothership: Missing log lines from node b: it is not responding.',
    ]);
    expect(clock.now() - began).to.be.lessThan(6_000);
  });

  it('go on from the others when a node falls silent, and from it when it is back, each line once', async () => {
    const shown: string[] = [];
    const lines = read(true, 6, shown);
    const shows = (count: number): Promise<boolean> => eventually(`${count} lines`, () => shown.length === count);
    await shows(2);
    engine.say(tasks['b']!, 'one b');
    await shows(3);
    away.add('b');
    engine.say(tasks['b']!, 'unheard b');
    await shows(4);
    engine.say(tasks['a']!, 'one a');
    await shows(5);
    await clock.advance(1_200);
    away.clear();
    expect((await clock.passUntil(lines)).slice(2)).to.deep.equal([
      'b.1: one b',
      'mothership: Missing log lines from node b: it is not responding.',
      'a.1: one a',
      'b.1: unheard b',
    ]);
  });
});
