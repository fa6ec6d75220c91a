import { expect } from 'chai';
import { containerJson } from '../../src/engine/containers/container-spec.ts';
import { planOneOff } from '../../src/processes/one-offs/one-off.ts';
import { LocalEngines } from '../../src/nodes/engines/node-engines.ts';
import { OneOffs } from '../../src/processes/one-offs/one-offs.ts';
import { rejection, World } from '../platform/world.ts';
import { release } from '../rollout/plan.test.ts';

describe('a one-off process', () => {
  const input = {
    ...{ app: { id: 'shop', name: 'shop' }, release, name: 'run.1234', command: ['true'], env: {} },
    ...{ tty: false, stdin: false, size: { memoryBytes: 512 * 2 ** 20, cpus: 1 }, port: 5000, network: 'net' },
  };

  it('keeps at most 30 MB of output on disk, swaps nothing and gains no privileges', () => {
    const { HostConfig, ...config } = containerJson(planOneOff(input)) as { HostConfig: Record<string, unknown> };
    expect(config).to.deep.include({ Healthcheck: { Test: ['NONE'] } });
    expect(HostConfig).to.deep.include({
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      Memory: 512 * 2 ** 20,
      MemorySwap: 512 * 2 ** 20,
      SecurityOpt: ['no-new-privileges'],
    });
  });

  it('is the one of its app, whatever other apps have', async () => {
    const world = await World.create();
    world.engine.imageStore.add(release.image!);
    const { engine, clock } = world;
    const oneOffs = new OneOffs({ engine, engines: new LocalEngines(engine), clock });
    const network = await engine.createNetwork({ name: 'net', driver: 'overlay', labels: {} });
    for (const id of ['shop', 'blog']) {
      await oneOffs.prepare({ ...input, network, app: { id, name: id }, stdin: true });
      await clock.advance(30_000);
    }
    expect(await rejection(oneOffs.attach('shop', input.name))).to.equal('RUN_NOT_FOUND');
    expect((await oneOffs.attach('blog', input.name)).tty).to.equal(false);
    await world.close();
  });

  it('gives its terminal a size before the program starts', () => {
    const terminal = { columns: 177, rows: 33 };
    const stty = 'stty rows 33 cols 177 2>/dev/null; ';
    expect(planOneOff({ ...input, terminal, command: ['top -b'] }).command).to.deep.equal([`${stty}top -b`]);
    expect(planOneOff({ ...input, terminal, command: ['echo', 'a b'] }).command).to.deep.equal([
      `${stty}exec echo 'a b'`,
    ]);
    const other = { ...release, kind: 'dockerfile' as const };
    expect(planOneOff({ ...input, terminal, release: other }).entrypoint).to.deep.equal([
      '/bin/sh',
      '-c',
      `${stty}true`,
    ]);
  });
});
