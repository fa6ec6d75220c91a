import { expect } from 'chai';
import { execa } from 'execa';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextsFile, saveContext } from '../../src/cli/session/contexts.ts';
import type { Cluster } from '../fixtures/cluster.ts';
import { prepare } from '../fixtures/cluster-fixture.ts';

const MINUTE = 60_000;

/** All that the engine holds, with what Docker itself makes. */
async function inventory({ node }: Cluster): Promise<Record<string, string[]>> {
  const list = async (...argv: string[]): Promise<string[]> =>
    (await node.docker(argv)).split('\n').filter(Boolean).sort();
  return {
    swarm: await list('info', '-f', '{{.Swarm.LocalNodeState}}'),
    containers: await list('ps', '-aq'),
    networks: await list('network', 'ls', '--format', '{{.Name}} {{.Driver}}'),
    volumes: await list('volume', 'ls', '-q'),
    images: await list('images', '-aq', '--no-trunc'),
  };
}

/** The environment of a computer that knows another cluster of that name. */
async function elsewhere(): Promise<{ XDG_CONFIG_HOME: string }> {
  const env = { XDG_CONFIG_HOME: await mkdtemp(join(tmpdir(), 'mothership-contexts-')) };
  const context = { url: 'https://mothership.example.com', token: 't', domain: 'example.com' };
  await saveContext(contextsFile({ env, home: '/' }), 'mothership', context);
  return env;
}

describe("setup on a real engine, with nothing but Debian's packages", function () {
  this.timeout(15 * MINUTE);
  let machine: Cluster;
  const argv = (): string[] => ['setup', '--yes', '--address', machine.node.ip];

  before(async () => void (machine = await prepare('setup')));

  /** Runs setup until stderr says `line`, then sends the signal; answers the exit code, undefined for a killed process. */
  async function interruptedAt(line: RegExp, signal: 'SIGINT' | 'SIGKILL'): Promise<number | undefined> {
    const child = machine.start(argv());
    let seen = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (line.test(seen)) return;
      seen += chunk.toString();
      if (line.test(seen)) child.kill(signal);
    });
    const { exitCode } = await child;
    expect(seen).to.match(line);
    return exitCode;
  }

  it("refuses a Swarm with somebody else's services, and touches nothing of it", async () => {
    const { node } = machine;
    await node.docker(['swarm', 'init', '--advertise-addr', node.ip]);
    await execa('tar', ['-c', '-C', '/', 'etc/hostname']).pipe('docker', [
      '-H',
      node.dockerHost,
      'import',
      '-',
      'stranger:1',
    ]);
    await node.docker([
      'service',
      'create',
      '-d',
      '--no-resolve-image',
      '--name',
      'stranger',
      '--replicas',
      '0',
      'stranger:1',
      'true',
    ]);
    const { code, stderr } = await machine.mothership([...argv(), '--json']);
    expect(code).to.equal(1);
    expect(JSON.parse(stderr.slice(stderr.indexOf('{'))) as object).to.deep.include({ code: 'SETUP_SWARM_FOREIGN' });
    expect(await node.docker(['service', 'ls', '--format', '{{.Name}}'])).to.equal('stranger');
    await node.docker(['swarm', 'leave', '--force']);
    await node.docker(['rmi', 'stranger:1']);
    await node.docker(['network', 'rm', 'docker_gwbridge']);
  });

  it('makes a cluster though it is interrupted again and again, then has nothing to do, and can be destroyed without a trace', async () => {
    const before = await inventory(machine);
    expect(await interruptedAt(/swarm\.\.\. done/, 'SIGINT')).to.equal(130);
    expect(await interruptedAt(/image base\.\.\. done/, 'SIGKILL')).to.equal(undefined);
    expect(await interruptedAt(/image debian-13-run\.\.\. done/, 'SIGKILL')).to.equal(undefined);
    expect(await interruptedAt(/certificate\.\.\. done/, 'SIGKILL')).to.equal(undefined);
    expect(await interruptedAt(/settings\.\.\. done/, 'SIGINT')).to.equal(130);
    await machine.ok(argv());

    const again = await machine.json<{ steps: unknown[] }>(argv());
    expect(again.steps).to.deep.equal([]);
    const checks = await machine.json<{ check: string; state: string }[]>(['doctor']);
    expect(checks.filter(({ state }) => state === 'failed')).to.deep.equal([]);
    expect(checks.map(({ check }) => check)).to.include.members([
      'engine',
      'controller',
      'router',
      'answer',
      'disk',
      'clock',
    ]);

    const whole = await inventory(machine);
    const env = await elsewhere();
    for (const [context, code] of [
      ['typo', 'CONTEXT_UNKNOWN'],
      ['mothership', 'CONTEXT_ELSEWHERE'],
    ] as const) {
      const argv = ['cluster:destroy', '--context', context, '--confirm', 'mothership', '--json'];
      expect((await machine.mothership(argv, { env })).stderr).to.contain(code);
      expect(await inventory(machine)).to.deep.equal(whole);
    }

    await machine.ok(['cluster:destroy', '--confirm', 'mothership', '--images']);
    expect(await inventory(machine)).to.deep.equal(before);
    expect((await machine.mothership(['cluster:info'])).stderr).to.contain('Not logged in to a cluster');
  });
});
