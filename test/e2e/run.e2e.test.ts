import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { ListedRun, LogEntry } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';
import { onTerminal } from './terminal.ts';

describe('one-off processes', function () {
  this.timeout(120_000);
  const app = 'run-e2e';
  let mothership: Cluster;

  const leftovers = async (): Promise<string[]> =>
    (await mothership.engine.containers({ 'mothership.kind': 'run' })).map(({ name }) => name);

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp(app);
  });

  it('print what the program prints, each on its own stream, and nothing else on stdout', async () => {
    const { code, stdout, stderr } = await mothership.mothership([
      'run',
      '-a',
      app,
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2',
    ]);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'out\n' });
    expect(stderr).to.contain('err\n');
  });

  for (const expected of [0, 1, 7, 130, 255]) {
    it(`end with the program's exit code ${expected}`, async () => {
      expect((await mothership.mothership(['run', '-a', app, `exit ${expected}`])).code).to.equal(expected);
    });
  }

  it('take arguments as they are: no shell in between', async () => {
    const odd = ['two words', `it's`, '$HOME', '*', '', '"', '\\', 'ü'];
    const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    expect(
      JSON.parse(await mothership.ok(['run', '-a', app, '--', 'node', '-e', script, '--', ...odd, ...odd])),
    ).to.deep.equal([...odd, ...odd]);
  });

  it('let the app be named last, as on Heroku', async () => {
    expect(await mothership.ok(['run', 'echo', 'x', 'y', 'x', '-a', app])).to.equal('x y x\n');
  });

  it('give one word to a shell', async () => {
    expect(await mothership.ok(['run', '-a', app, 'echo $((40 + 2)) | tr 2 3'])).to.equal('43\n');
  });

  it("have the release's config and their own", async () => {
    expect(
      await mothership.ok([
        'run',
        '-a',
        app,
        '-e',
        'OWN=mine',
        '--',
        'sh',
        '-c',
        'echo $MOTHERSHIP_APP $MOTHERSHIP_RELEASE $OWN',
      ]),
    ).to.equal(`${app} v1 mine\n`);
  });

  it('read what is piped in, to its end and byte by byte', async () => {
    const bytes = randomBytes(300_000);
    const { createHash } = await import('node:crypto');
    const sum = createHash('sha256').update(bytes).digest('hex');
    expect(await mothership.ok(['run', '-a', app, '--', 'sha256sum'], { stdin: bytes })).to.equal(`${sum}  -\n`);
  });

  it('write much without losing any', async () => {
    expect((await mothership.ok(['run', '-a', app, '--', 'seq', '1', '200000'])).split('\n').slice(-3)).to.deep.equal([
      '199999',
      '200000',
      '',
    ]);
  });

  it('have a terminal when there is one: prompt, size, exit code', async () => {
    const { code, stdout } = await onTerminal(
      mothership,
      ['run', '-a', app, '--', 'bash', '--norc'],
      [
        { after: '# ', keys: 'tty; stty size; echo typed-$((1 + 1))\r' },
        { after: 'typed-2', keys: 'exit 5\r' },
      ],
    );
    expect(stdout)
      .to.match(/\/dev\/pts\/\d+/)
      .and.to.contain('30 100')
      .and.to.contain('typed-2');
    expect(code).to.equal(5);
  });

  it("know their terminal's size from their first moment, as programs in a process do", async () => {
    for (const command of ['run', 'ps:exec']) {
      const { code, stdout } = await onTerminal(mothership, [command, '-a', app, '--', 'stty', 'size'], []);
      expect(stdout, command).to.contain('30 100');
      expect(code).to.equal(0);
    }
  });

  it('are interrupted by Ctrl-C on a terminal', async () => {
    const { code } = await onTerminal(
      mothership,
      ['run', '-a', app, '--', 'sh', '-c', 'trap "exit 9" INT; echo ready-$((1 + 1)); while :; do sleep 0.1; done'],
      [{ after: 'ready-2', keys: '\x03' }],
    );
    expect(code).to.equal(9);
  });

  it("go on in the background with run:detached, write to the app's logs and keep their exit code", async () => {
    const start = async (script: string): Promise<string> =>
      (await mothership.ok(['run:detached', '-a', app, '--', 'sh', '-c', script])).trim();
    const listed = async (name: string): Promise<ListedRun | undefined> =>
      (await mothership.json<ListedRun[]>(['run:list', '-a', app])).find((each) => each.name === name);
    const [running, ending] = await Promise.all([start('echo from-detached; sleep 300'), start('echo bye; exit 3')]);
    expect(running).to.match(/^run\.\d+$/);
    for (const [name, said] of [
      [running, 'from-detached'],
      [ending, 'bye'],
    ])
      await eventually('the line in the logs', 15, async () => {
        const lines = (await mothership.ok(['logs', '-a', app, '--ps', name!, '--json'])).split('\n').filter(Boolean);
        return lines.map((line) => JSON.parse(line) as LogEntry).some(({ ps, line }) => ps === name && line === said);
      });
    await eventually('its end', 15, async () => (await listed(ending))?.state === 'ended');
    expect(await listed(ending)).to.include({ exitCode: 3, detached: true });
    expect((await mothership.ps(app)).map((task) => task.name)).to.include(running);
    const names = ['ps:exec', '-a', app, '--ps', running, '--', 'printenv', 'DYNO'];
    expect(await mothership.ok(names)).to.equal(`${running}\n`);

    const engine = mothership.engine;
    const controller = (await engine.containers({ 'mothership.kind': 'controller' })).find((each) => each.running)!;
    await engine.killContainer(controller.id);
    await eventually('the next controller', 60, async () => {
      const { status } = await mothership.http('mothership', '/health').catch(() => ({ status: 0 }));
      return status === 200;
    });
    await mothership.ok(['run:stop', running, '-a', app]);
    await eventually('its end', 15, async () => (await listed(running))?.state === 'ended');
    expect((await listed(running))!.exitCode).to.be.a('number');
    expect((await mothership.ps(app)).some((task) => task.name === running)).to.equal(false);
    const tasks = await engine.tasks({ labels: { 'mothership.kind': 'detached' } });
    expect(tasks, 'none ran twice').to.have.lengthOf(new Set(tasks.map(({ serviceId }) => serviceId)).size);
  });

  it('end when the terminal goes away', async () => {
    const before = await leftovers();
    const child = mothership.start(['run', '-a', app, '--', 'sleep', '300']);
    await eventually('its container', 15, async () => (await leftovers()).length > before.length);
    child.kill('SIGKILL');
    await child;
    await eventually(
      'no container',
      50,
      async () =>
        (await mothership.engine.containers({ 'mothership.kind': 'run' })).filter(({ running }) => running).length ===
        0,
    );
  });

  it('are refused for an app with nothing to run', async () => {
    await mothership.ok(['apps:create', 'run-empty', '--no-link']);
    const { code, stderr } = await mothership.mothership(['run', '-a', 'run-empty', '--json', '--', 'true']);
    expect(code).to.equal(1);
    expect(stderr).to.contain('APP_HAS_NO_RELEASE');
  });
});
