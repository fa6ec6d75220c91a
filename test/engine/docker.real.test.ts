import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { dockerEngine, type ContainerSpec, type EngineAddress } from '../../src/engine/index.ts';
import { Secret } from '../../src/events/index.ts';
import { BASE_IMAGE, cleanup, newRunId, startNode, type LabNode } from '../lab/index.ts';
import { configContract } from './configs.contract.ts';
import { containerContract, tarOf } from './containers.contract.ts';
import { imageContract } from './images.contract.ts';
import { serviceContract } from './services.contract.ts';
import { collect, CONTRACT, fresh, refusal, running, serviceSpec, until, type Subject } from './subject.ts';

const HOST_SOCKET = '/var/run/docker.sock';
const nothing = (): void => {};

function realSubject(place: string | EngineAddress): Subject {
  return {
    engine: dockerEngine(typeof place === 'string' ? { socketPath: place } : place),
    image: BASE_IMAGE,
    teachProgram: nothing,
    teachService: nothing,
  };
}

async function removeAll({ engine }: Subject): Promise<void> {
  for (const service of await engine.services(CONTRACT).catch(() => [])) await engine.removeService(service.id);
  for (const container of await engine.containers(CONTRACT)) await engine.removeContainer(container.id);
  for (const image of await engine.images(CONTRACT)) for (const tag of image.tags) await engine.removeImage(tag);
}

describe('dockerEngine', function () {
  this.timeout(60_000);
  const runId = newRunId();
  let node: LabNode;
  let subject: Subject;

  before(async function () {
    this.timeout(600_000);
    node = await startNode({ name: 'engine', runId });
    await node.loadImage(BASE_IMAGE);
    subject = realSubject(node.socket);
    await subject.engine.initSwarm({ advertiseAddress: node.ip });
  });

  afterEach(() => removeAll(subject));

  after(() => cleanup(runId));

  configContract(() => subject);
  serviceContract(() => subject);
  containerContract(() => subject);
  imageContract(() => subject);

  describe('what a task gets', () => {
    it('is its environment, files, user, limits and no more rights than asked for', async () => {
      const { engine } = subject;
      const name = fresh('cfg');
      const config = await engine.createConfig({ name, labels: CONTRACT, data: Buffer.from('from a config') });
      const script = [
        'echo "env $PLAIN $HIDDEN"; echo "file $(cat /etc/x/y) $(stat -c %a /etc/x/y)"; echo "user $(id -u)"; echo "dir $(pwd)"',
        'grep -E "CapBnd|NoNewPrivs" /proc/self/status; echo "init $(cat /proc/1/comm)"; touch /x 2>/dev/null || echo "read only"',
        'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null | sed "s/^/memory /"',
        'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null | sed "s/^/pids /"; echo "retries $(cat /proc/sys/net/ipv4/tcp_retries2)"; echo end; sleep 60',
      ].join('; ');
      const id = await engine.createService(
        serviceSpec(subject, {
          script,
          ...{
            env: { PLAIN: 'a b', HIDDEN: new Secret('hush') },
            user: '1000:1000',
            workingDir: '/usr',
            init: true,
            readOnly: true,
          },
          ...{ capDrop: ['ALL'], noNewPrivileges: true, limits: { memoryBytes: 64 * 2 ** 20, cpus: 0.5, pids: 50 } },
          configs: [{ id: config, name, path: '/etc/x/y', mode: 0o444 }],
          logOptions: { 'max-size': '1m' },
          sysctls: { 'net.ipv4.tcp_retries2': '7' },
        }),
      );
      const [task] = await running(subject, id, 1);
      const lines = await until('its output', async () => {
        const all = (await collect(engine.taskLogs(task!.id, {}))).map(({ line }) => line);
        return all.includes('end') && all;
      });
      expect(lines).to.include.members([
        'env a b hush',
        'file from a config 444',
        'user 1000',
        'dir /usr',
        'read only',
        'init docker-init',
      ]);
      expect(lines).to.include.members([
        'CapBnd:\t0000000000000000',
        'NoNewPrivs:\t1',
        `memory ${64 * 2 ** 20}`,
        'pids 50',
        'retries 7',
      ]);
    });
  });

  describe('when the engine goes away', () => {
    it('says where it looked', async () => {
      const missing = await refusal(dockerEngine({ socketPath: '/nowhere/docker.sock' }).info(), 'ENGINE_UNREACHABLE');
      expect(missing.message).to.contain('/nowhere/docker.sock').and.contain('ENOENT');
      const closed = await refusal(dockerEngine({ host: '127.0.0.1', port: 9 }).info(), 'ENGINE_UNREACHABLE');
      expect(closed.message).to.contain('127.0.0.1:9').and.contain('ECONNREFUSED');
    });

    it('ends events with an error and answers again when it is back', async () => {
      const { engine } = subject;
      const events = collect(engine.events(new AbortController().signal));
      const id = await engine.createConfig({ name: fresh('cfg'), labels: CONTRACT, data: Buffer.from('kept') });
      await Promise.all([refusal(events, 'ENGINE_UNREACHABLE'), node.stopEngine('KILL')]);
      await rm(node.socket, { force: true });
      await refusal(engine.config(id), 'ENGINE_UNREACHABLE');
      await node.startEngine();
      const found = await until('the config', () => engine.config(id).catch(() => undefined));
      expect(found.data.toString()).to.equal('kept');
    });

    it('is told apart from an engine without a Swarm, which can be left twice', async () => {
      const { engine } = subject;
      await engine.leaveSwarm();
      await engine.leaveSwarm();
      expect((await engine.info()).swarm).to.equal('inactive');
      expect((await refusal(engine.configs({}), 'ENGINE_FAILED')).message).to.contain('not a swarm manager');
      await engine.initSwarm({ advertiseAddress: node.ip });
    });
  });

  describe('builds', () => {
    it('are broken off by the signal, with the step they run', async () => {
      const { engine, image } = subject;
      const stop = new AbortController();
      const reason = new Error('enough');
      const mark = fresh('mark');
      const dockerfile = `FROM ${image}\nRUN sleep 300.${mark.length} # ${mark}\n`;
      const options = { tag: `${mark}:v1`, labels: CONTRACT, signal: stop.signal };
      const building = engine.buildImage(tarOf({ Dockerfile: dockerfile }), options, (line) => {
        if (line.includes('Running in')) setTimeout(() => stop.abort(reason), 300);
      });
      expect(await building.catch((error: unknown) => error)).to.equal(reason);
      await until('the step to end', async () =>
        (await engine.containers({})).every((container) => !container.running),
      );
    });

    it("fail with the parser's words before the first step", async () => {
      const options = { tag: `${fresh('wrong')}:v1`, labels: CONTRACT };
      const error = await refusal(
        subject.engine.buildImage(tarOf({ Dockerfile: 'FROM x\nNONSENSE\n' }), options, nothing),
        'DOCKERFILE_FAILED',
      );
      expect(error.message.toLowerCase()).to.contain('unknown instruction: nonsense');
    });
  });

  describe('archives', () => {
    it('that break off are an error', async () => {
      const id = await subject.engine.createContainer(boxSpec(subject));
      const broken = Readable.from(
        (async function* () {
          yield Buffer.alloc(512, 'x');
          throw new Error('the sender is gone');
        })(),
      );
      const error: unknown = await subject.engine.putArchive(id, '/tmp', broken).then(
        () => 'taken',
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(Error);
    });
  });

  it('puts containers where they are to be, and keeps nothing of what they say when it is told so', async () => {
    const { engine } = subject;
    const id = await engine.createContainer({
      ...boxSpec(subject),
      command: ['echo heard; cat /proc/self/cgroup'],
      unlogged: true,
      cgroupParent: `/mothership-lab/${runId}/elsewhere`,
    });
    const { stdout } = await engine.attachContainer(id, { tty: false, stdin: false });
    const heard = text(stdout);
    await engine.startContainer(id);
    expect(await engine.waitContainer(id)).to.equal(0);
    expect(await heard)
      .to.match(/^heard\n/)
      .and.contain(`:/mothership-lab/${runId}/elsewhere/${id}`);
    expect(
      await collect(engine.containerLogs(id, {})).then(
        (lines) => lines.length,
        () => 0,
      ),
    ).to.equal(0);
  });
});

/** What the suite asks of older engines too: the host's, without touching a Swarm it may have. */
describe("dockerEngine with the host's engine", function () {
  this.timeout(60_000);
  const subject = realSubject(HOST_SOCKET);

  afterEach(() => removeAll(subject));

  containerContract(() => subject);
  imageContract(() => subject);

  it('limits containers', async () => {
    const { engine } = subject;
    const script =
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; ulimit -n; cat /proc/self/oom_score_adj; ' +
      'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; grep -E "CapBnd|NoNewPrivs" /proc/self/status; cat /proc/1/comm';
    const id = await engine.createContainer({
      ...boxSpec(subject),
      ...{ command: [script], init: true, capDrop: ['ALL'], noNewPrivileges: true, oomScoreAdj: 500, cpuShares: 256 },
      ...{
        limits: { memoryBytes: 64 * 2 ** 20, cpus: 0.5, pids: 50 },
        ulimits: [{ name: 'nofile', soft: 100, hard: 200 }],
      },
    });
    await engine.startContainer(id);
    expect(await engine.waitContainer(id)).to.equal(0);
    const lines = (await collect(engine.containerLogs(id, {}))).map(({ line }) => line);
    expect(lines).to.deep.equal([
      String(64 * 2 ** 20),
      '100',
      '500',
      '50',
      'CapBnd:\t0000000000000000',
      'NoNewPrivs:\t1',
      'docker-init',
    ]);
  });

  it('kills what takes more memory than it may', async () => {
    const { engine } = subject;
    const limits = { memoryBytes: 32 * 2 ** 20 };
    const id = await engine.createContainer({ ...boxSpec(subject), command: ['exec tail /dev/zero'], limits });
    await engine.startContainer(id);
    expect(await engine.waitContainer(id)).to.equal(137);
    expect((await engine.container(id))?.exitCode).to.equal(137);
  });

  it('connects a container to several networks', async () => {
    const { engine } = subject;
    const names = [fresh('net'), fresh('net')];
    const ids = await Promise.all(
      names.map((name) => engine.createNetwork({ name, driver: 'bridge', labels: CONTRACT })),
    );
    try {
      const networks = names.map((id) => ({ id, aliases: ['box'] }));
      const id = await engine.createContainer({ ...boxSpec(subject), command: ['sleep 60'], networks });
      await engine.startContainer(id);
      expect(Object.keys((await engine.container(id))!.addresses).sort()).to.deep.equal([...ids].sort());
      await engine.removeContainer(id);
    } finally {
      for (const id of ids) await engine.removeNetwork(id);
    }
  });
});

/** Every call on streams of our own making, as over SSH and through agents. */
describe('dockerEngine that is dialled', function () {
  this.timeout(60_000);
  const dial = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ path: HOST_SOCKET, allowHalfOpen: true });
      socket.once('error', reject).once('connect', () => resolve(socket));
    });
  const subject = realSubject({ dial, where: 'the host' });

  afterEach(() => removeAll(subject));

  containerContract(() => subject);
  imageContract(() => subject);
});

function boxSpec({ image }: Subject): ContainerSpec {
  return {
    image,
    labels: CONTRACT,
    entrypoint: ['sh', '-c'],
    command: ['exit 0'],
    env: {},
    networks: [{ id: 'none' }],
  };
}
