import { expect } from 'chai';
import { buffer } from 'node:stream/consumers';
import { Builder } from '../../src/builds/builder.ts';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { systemClock } from '../../src/events/index.ts';
import { firewallScript } from '../../src/nodes/index.ts';
import { BuildWorld } from './build-world.ts';

const MB = 1024 ** 2;

/** An app whose buildpack is the app itself: what is in `build` runs as if a package's install script did it. */
function scripted(build: string): Record<string, string> {
  return {
    'package.json': JSON.stringify({ scripts: { build: 'bash build.sh', start: 'node x' } }),
    'build.sh': build,
  };
}

describe('a build', function () {
  this.timeout(300_000);
  let world: BuildWorld;
  before(async function () {
    this.timeout(600_000);
    world = await BuildWorld.start();
    // Brings the runtime into the cache that most of the tests share.
    await world.build(scripted('true'), { app: 'hostile' });
  });
  after(() => world.stop());

  const attempt = (
    source: Parameters<BuildWorld['attempt']>[0],
    limits: Partial<typeof defaultBuildLimits>,
    config: Record<string, string> = {},
  ): ReturnType<BuildWorld['attempt']> =>
    world.attempt(source, { app: 'hostile', limits: { ...defaultBuildLimits, ...limits }, config });
  const leftContainers = async (): Promise<string[]> => {
    await world.builder.settled();
    return (await world.engine.containers({ 'mothership.kind': 'build' })).map((container) => container.id);
  };

  it('is killed when it uses more memory than it may', async () => {
    const { error } = await attempt('fails/eats-memory', { memoryBytes: 256 * MB });
    expect(error).to.equal('BUILD_KILLED: Build stopped: it exceeded its memory limit of 256 MB.');
  });

  it('is killed when it fills the disk, in the app or in its cache', async () => {
    const app = await attempt('fails/fills-disk', { diskBytes: 400 * MB });
    expect(app.error).to.match(/^BUILD_KILLED: Build stopped: it used \S+ [MG]B of disk; the limit is 400 MB\.$/);
    const cache = await attempt('fails/fills-disk', { diskBytes: 400 * MB }, { FILLS_CACHE: 'yes' });
    expect(cache.error).to.match(/^BUILD_KILLED: Build stopped: it used \S+ [MG]B of disk; the limit is 400 MB\.$/);
    await world.builder.settled();
    await world.builder.forget('hostile');
    await world.build(scripted('true'), { app: 'hostile' });
  });

  it('cannot write one file that is larger than its disk space', async () => {
    const { error } = await attempt(scripted('head -c 10G /dev/zero > big'), { diskBytes: 200 * MB });
    expect(error).to.match(
      /^BUILD_KILLED: Build stopped: (it wrote a file larger than its 200 MB disk space|it used \S+ [MG]B of disk; the limit is 200 MB)\.$/,
    );
  });

  it('may write one large file, within its disk space', async () => {
    await world.build(scripted('head -c 1200M /dev/zero > big && rm big'), { app: 'hostile' });
  });

  it('may print of limits that it does not reach', async () => {
    const said = 'EFBIG: file too large; fork: Resource temporarily unavailable; ENOSPC: no space left on device';
    await world.build(scripted(`for n in 1 2 3 4; do echo "${said}"; done; sleep 3`), { app: 'hostile' });
  });

  it('is killed when it prints more than it may', async () => {
    const { error, lines } = await attempt(scripted('yes'), { outputBytes: 100_000, seconds: 60 });
    expect(error).to.equal('BUILD_KILLED: Build stopped: it printed more than 0 MB or 250000 lines.');
    expect(lines.join('\n').length).to.be.below(100_000);
  });

  it('fails when its cache cannot be measured', async () => {
    const { error } = await attempt(
      scripted('mkdir -p "$1"/build/cache/shut && chmod 000 /build/cache/shut; sleep 30; true'),
      { seconds: 60 },
    );
    expect(error).to.match(/^BUILD_FAILED: .*\/build\/cache cannot be measured: .*Permission denied/);
    await world.builder.settled();
    await world.builder.forget('hostile');
    await world.build(scripted('true'), { app: 'hostile' });
  });

  it('is killed when it starts more processes than it may', async () => {
    const { error } = await attempt('fails/fork-bomb', { pids: 64, seconds: 60 });
    expect(error).to.equal('BUILD_KILLED: Build stopped: it had 64 of 64 processes and wanted more.');
  });

  it('is killed when it takes too long', async () => {
    const { error } = await attempt('fails/never-ends', { seconds: 5 });
    expect(error).to.equal('BUILD_KILLED: Build stopped: it took longer than 5 seconds.');
  });

  it('ends when it is cancelled', async () => {
    const stop = new AbortController();
    const { error, events } = await world.attempt('fails/never-ends', {
      app: 'hostile',
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'output' && event.line.includes('npm run build')) stop.abort();
      },
    });
    expect(error).to.equal('CANCELLED: The build was cancelled.');
    expect(events.at(-1)).to.deep.include({ type: 'phase', phase: 'build', state: 'failed' });
    expect(await leftContainers()).to.deep.equal([]);
  });

  it('has no root, no capability, no way to more rights, no socket of an engine', async () => {
    const { lines } = await world.build(
      scripted(
        [
          'echo "user $(id -u)"; grep -E "CapBnd|CapEff|NoNewPrivs" /proc/self/status',
          'ls /var/run/docker.sock /run/docker.sock 2>&1 | grep -c "No such file"',
          'find / -xdev -perm -4000 -type f -exec {} --version \\; > /dev/null 2>&1; id -u',
          'touch /mothership/x /etc/x 2>&1 | grep -c "Permission denied"',
        ].join('\n'),
      ),
      { app: 'hostile' },
    );
    const said = lines.map((line) => line.trim());
    expect(said).to.include.members([
      'user 1000',
      'CapBnd:\t0000000000000000',
      'CapEff:\t0000000000000000',
      'NoNewPrivs:\t1',
      '2',
      '1000',
    ]);
  });

  it('sees the cache of its own app only', async () => {
    await world.build(scripted('echo mine > /build/cache/mark'), { app: 'hostile' });
    const own = await world.build(scripted('cat /build/cache/mark'), { app: 'hostile' });
    expect(own.lines.join('\n')).to.contain('mine');
    const other = await world.build(
      scripted('cat /build/cache/mark || true; find / -name mark -type f 2>/dev/null | grep -c cache || true'),
      { app: 'stranger' },
    );
    expect(other.lines.join('\n')).to.contain('No such file').and.not.contain('mine');
  });

  it('reaches the world but no other build', async () => {
    const stop = new AbortController();
    const address = new Promise<string>((resolve) => {
      const listen =
        'echo "at $(hostname -I)"; perl -MIO::Socket::INET -e \'IO::Socket::INET->new(LocalPort => 7777, Listen => 1) or die; sleep 60\'';
      void world.attempt(scripted(listen), {
        app: 'stranger',
        signal: stop.signal,
        onEvent: (event) => {
          const found = event.type === 'output' ? /at (\d+\.\d+\.\d+\.\d+)/.exec(event.line) : null;
          if (found) setTimeout(() => resolve(found[1]!), 1000);
        },
      });
    });
    const { lines } = await world.build(
      scripted(
        `curl -s -m 3 telnet://${await address}:7777 < /dev/null; echo "other $?"; curl -s -o /dev/null ${world.registry}; echo "world $?"`,
      ),
      { app: 'hostile' },
    );
    stop.abort();
    const said = lines.map((line) => line.trim());
    expect(said).to.include('other 28').and.include('world 0');
  });

  describe('that reaches out', () => {
    const METADATA = '169.254.169.254';
    const listen = (port: number): string[] => [
      'perl',
      '-MIO::Socket::INET',
      '-e',
      `$s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5, ReuseAddr => 1) or die; while ($c = $s->accept) { <$c>; print $c "HTTP/1.0 200 OK\\r\\n\\r\\ncredentials\\n"; close $c }`,
    ];
    const fetches = (url: string): string =>
      `curl -sSv --connect-timeout 3 -m 6 ${url} | tee /dev/stderr | grep credentials`;
    const onNode = async (...argv: string[]): Promise<void> => void (await world.node.exec(argv));

    it("does not get to the machine's metadata, and is told so", async () => {
      // A network of its own with that address, one hop behind the node, as with a cloud.
      for (const line of [
        'ip netns add meta',
        'ip link add m0 type veth peer name m1',
        'ip link set m1 netns meta',
        'ip addr add 192.0.2.1/30 dev m0',
        'ip link set m0 up',
        'ip netns exec meta ip addr add 192.0.2.2/30 dev m1',
        'ip netns exec meta ip link set m1 up',
        'ip netns exec meta ip link set lo up',
        `ip netns exec meta ip addr add ${METADATA}/32 dev lo`,
        'ip netns exec meta ip route add default via 192.0.2.1',
        `ip route add ${METADATA}/32 via 192.0.2.2`,
      ])
        await onNode(...line.split(' '));
      await world.node.exec(['sh', '-c', 'setsid ip netns exec meta "$@" > /dev/null 2>&1 &', 'sh', ...listen(80)]);
      const open = await world.attempt(scripted(fetches(METADATA)), { app: 'hostile' });
      expect(open.lines.join('\n'), 'without the firewall').to.contain('credentials');
      await onNode('sh', '-c', firewallScript([world.node.ip]));
      const { error, lines } = await world.attempt(scripted(fetches(METADATA)), { app: 'hostile' });
      expect(lines.join('\n')).to.not.contain('credentials');
      expect(error, lines.join('\n')).to.match(
        /^BUILD_FAILED: .* builds cannot reach the machine's metadata service\./,
      );
      const dockerfile = 'ARG MOTHERSHIP_BUILD_IMAGE\nFROM ${MOTHERSHIP_BUILD_IMAGE}\n';
      const step = await world.attempt({ Dockerfile: `${dockerfile}RUN ${fetches(METADATA)}\n` }, { app: 'hostile' });
      expect(step.error).to.match(/^DOCKERFILE_FAILED: .*builds cannot reach the machine's metadata service\.$/s);
    });

    it('finds no socket of an engine, and is told so', async () => {
      const { error } = await world.attempt(
        scripted(
          'curl -sS --unix-socket /var/run/docker.sock http://engine/info || { echo "no answer at /var/run/docker.sock"; exit 1; }',
        ),
        { app: 'hostile' },
      );
      expect(error).to.match(/^BUILD_FAILED: .* builds have no Docker socket\./);
    });

    it("does not get to what is on the platform's networks", async () => {
      await world.engine.initSwarm({ advertiseAddress: world.node.ip });
      const network = await world.engine.createNetwork({
        name: 'mothership-control',
        driver: 'overlay',
        attachable: true,
        labels: {},
      });
      const run = async (entrypoint: string[]): Promise<string> => {
        const id = await world.engine.createContainer({
          image: world.stack.buildImage,
          labels: {},
          env: {},
          entrypoint,
          networks: [{ id: network }],
        });
        await world.engine.startContainer(id);
        return id;
      };
      const service = await run(listen(8080));
      const address = Object.values((await world.engine.container(service))!.addresses)[0]!;
      const neighbour = await run(['sh', '-c', `sleep 1; ${fetches(`http://${address}:8080/`)}`]);
      expect(await world.engine.waitContainer(neighbour), 'from the network itself').to.equal(0);
      const { error, lines } = await world.attempt(scripted(fetches(`http://${address}:8080/`)), { app: 'hostile' });
      expect(lines.join('\n')).to.not.contain('credentials');
      expect(error).to.match(/^BUILD_FAILED/);
      for (const id of [service, neighbour]) await world.engine.removeContainer(id);
    });
  });

  describe('with config vars', () => {
    const config = { PLAIN: 'a b', MULTI: 'one\ntwo\n\n', QUOTES: `'"$(id)\\`, EMPTY: '', SECRET: 'hush-7f3a91' };

    it('gets them byte for byte in files, and not in the environment of buildpacks', async () => {
      const script =
        'for key in PLAIN MULTI QUOTES EMPTY; do echo "$key=$(base64 -w0 < /build/env/$key)"; done; stat -c "mode %a" /build/env/PLAIN; tr "\\0" "\\n" < /proc/1/environ | grep -c SECRET; cat /proc/1/cmdline | grep -c hush';
      const { lines } = await world.attempt(scripted(script), { app: 'hostile', config });
      const said = lines.map((line) => line.trim());
      for (const key of ['PLAIN', 'MULTI', 'QUOTES', 'EMPTY'] as const) {
        expect(said).to.include(`${key}=${Buffer.from(config[key]).toString('base64')}`);
      }
      expect(said).to.include('mode 400');
      expect(said.slice(-8).filter((line) => line === '0')).to.have.length(2);
    });

    it('leaves none of them in the image', async () => {
      const { result } = await world.build(scripted('true'), { app: 'hostile', config });
      await world.builder.settled();
      const history = await world.node.docker(['history', '--no-trunc', result.image]);
      const inspect = await world.node.docker(['inspect', result.image]);
      expect(`${history}${inspect}`).to.not.contain('hush-7f3a91');
      const container = await world.engine.createContainer({
        image: result.image,
        labels: { visited: 'yes' },
        env: {},
        networks: [{ id: 'none' }],
      });
      const everything = await Promise.all(
        ['/app', '/build', '/mothership', '/tmp'].map(async (path) =>
          world.engine.getArchive(container, path).then(buffer, () => Buffer.alloc(0)),
        ),
      );
      await world.engine.removeContainer(container);
      expect(Buffer.concat(everything).includes('package.json')).to.equal(true);
      expect(Buffer.concat(everything).includes('hush-7f3a91')).to.equal(false);
      expect(everything[1]?.length).to.equal(0);
    });
  });

  it('whose controller died is cleaned up by the next one', async () => {
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const lost = world.attempt('fails/never-ends', {
      app: 'hostile',
      onEvent: (event) => {
        if (event.type === 'output' && event.line.includes('npm run build')) started();
      },
    });
    await running;
    await new Builder({ engine: world.engine, clock: systemClock }).cleanUp();
    expect((await lost).error).to.match(/^(BUILD|ENGINE)_FAILED/);
    expect(await leftContainers()).to.deep.equal([]);
  });

  it('leaves no container behind, whatever happened', async () => {
    expect(await leftContainers()).to.deep.equal([]);
  });
});
