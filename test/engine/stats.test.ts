import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dockerEngine, type ContainerStats } from '../../src/engine/index.ts';

/** What engine 26 answers to `stats?stream=false&one-shot=true`, without what nobody reads. */
const sample = (at: string, cpu: number, memory: object): object => ({
  read: at,
  preread: '0001-01-01T00:00:00Z',
  cpu_stats: { cpu_usage: { total_usage: cpu } },
  memory_stats: memory,
  pids_stats: { current: 7, limit: 30 },
});
const v2 = { usage: 90_000_000, limit: 536_870_912, stats: { inactive_file: 30_000_000, file: 50_000_000 } };
const v1 = { usage: 90_000_000, limit: 536_870_912, stats: { total_inactive_file: 20_000_000, inactive_file: 1 } };

async function statsOf(...answers: (object | undefined)[]): Promise<ContainerStats | undefined> {
  const server = createServer((request, response) => {
    const answer = answers.shift();
    expect(request.url).to.equal('/containers/box/stats?stream=false&one-shot=true');
    response
      .writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer ?? { message: 'No such container: box' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const engine = dockerEngine({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  return engine
    .stats('box')
    .finally(() => server.closeAllConnections())
    .finally(() => server.close());
}

describe('stats of a container', () => {
  const [first, second] = ['2026-11-22T01:00:00.000000000Z', '2026-11-22T01:00:00.500000000Z'];

  it('are cores between two samples, and memory without the cache that can go', async () => {
    expect(await statsOf(sample(first, 4e9, v2), sample(second, 4.75e9, v2))).to.deep.equal({
      cpus: 1.5,
      memoryBytes: 60_000_000,
      memoryLimitBytes: 536_870_912,
      processes: 7,
    });
    expect(await statsOf(sample(first, 4e9, v1), sample(second, 4e9, v1))).to.deep.equal({
      cpus: 0,
      memoryBytes: 70_000_000,
      memoryLimitBytes: 536_870_912,
      processes: 7,
    });
  });

  it("do without the engine's time where it tells none", async () => {
    const never = '0001-01-01T00:00:00Z';
    const stats = (await statsOf(sample(never, 0, v2), sample(never, 0.125e9, v2)))!;
    expect(stats.cpus).to.be.greaterThan(0.1).and.at.most(0.51);
  });

  it('are none of one that does not run, is gone or goes meanwhile', async () => {
    expect(await statsOf(sample(first, 0, {}))).to.equal(undefined);
    expect(await statsOf(undefined)).to.equal(undefined);
    expect(await statsOf(sample(first, 4e9, v2), undefined)).to.equal(undefined);
  });
});
