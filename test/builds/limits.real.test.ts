import { expect } from 'chai';
import { buffer } from 'node:stream/consumers';
import { Builder, defaultBuildLimits } from '../../src/builds/index.ts';
import { systemClock } from '../../src/events/index.ts';
import { BuildWorld } from './build-world.ts';

const MB = 1024 ** 2;

/** An app whose buildpack is the app itself: what is in `build` runs as if a package's install script did it. */
function scripted(build: string): Record<string, string> {
  return { 'package.json': JSON.stringify({ scripts: { build: 'bash build.sh', start: 'node x' } }), 'build.sh': build };
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

  const attempt = (source: Parameters<BuildWorld['attempt']>[0], limits: Partial<typeof defaultBuildLimits>, config: Record<string, string> = {}): ReturnType<BuildWorld['attempt']> =>
    world.attempt(source, { app: 'hostile', limits: { ...defaultBuildLimits, ...limits }, config });
  const leftContainers = async (): Promise<string[]> => {
    await world.builder.settled();
    return (await world.engine.containers({ 'mothership.kind': 'build' })).map((container) => container.id);
  };

  it('is killed when it uses more memory than it may', async () => {
    const { error } = await attempt('fails/eats-memory', { memoryBytes: 256 * MB });
    expect(error).to.equal('BUILD_KILLED: The build was killed: used 256 MB of 256 MB memory.');
  });

  it('is killed when it fills the disk, in the app or in its cache', async () => {
    const app = await attempt('fails/fills-disk', { diskBytes: 400 * MB });
    expect(app.error).to.match(/^BUILD_KILLED: The build was killed: used \S+ [MG]B of 400 MB disk space\.$/);
    const cache = await attempt('fails/fills-disk', { diskBytes: 400 * MB }, { FILLS_CACHE: 'yes' });
    expect(cache.error).to.match(/^BUILD_KILLED: The build was killed: used \S+ [MG]B of 400 MB disk space\.$/);
    await world.builder.settled();
    await world.builder.forget('hostile');
    await world.build(scripted('true'), { app: 'hostile' });
  });

  it('cannot write one file that is larger than its disk space', async () => {
    const { error } = await attempt(scripted('head -c 300M /dev/zero > big'), { diskBytes: 200 * MB });
    expect(error).to.match(/^BUILD_(KILLED|FAILED)/);
  });

  it('is killed when it starts more processes than it may', async () => {
    const { error } = await attempt('fails/fork-bomb', { pids: 64, seconds: 60 });
    expect(error).to.equal('BUILD_KILLED: The build was killed: it had 64 of 64 processes and wanted more.');
  });

  it('is killed when it takes too long', async () => {
    const { error } = await attempt('fails/never-ends', { seconds: 5 });
    expect(error).to.equal('BUILD_KILLED: The build was killed: it took longer than 5 seconds.');
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
    const { lines } = await world.build(scripted([
      'echo "user $(id -u)"; grep -E "CapBnd|CapEff|NoNewPrivs" /proc/self/status',
      'ls /var/run/docker.sock /run/docker.sock 2>&1 | grep -c "No such file"',
      'find / -xdev -perm -4000 -type f -exec {} --version \\; > /dev/null 2>&1; id -u',
      'touch /mothership/x /etc/x 2>&1 | grep -c "Permission denied"',
    ].join('\n')), { app: 'hostile' });
    const said = lines.map((line) => line.trim());
    expect(said).to.include.members(['user 1000', 'CapBnd:\t0000000000000000', 'CapEff:\t0000000000000000', 'NoNewPrivs:\t1', '2', '1000']);
  });

  it('sees the cache of its own app only', async () => {
    await world.build(scripted('echo mine > /build/cache/mark'), { app: 'hostile' });
    const own = await world.build(scripted('cat /build/cache/mark'), { app: 'hostile' });
    expect(own.lines.join('\n')).to.contain('mine');
    const other = await world.build(scripted('cat /build/cache/mark || true; find / -name mark -type f 2>/dev/null | grep -c cache || true'), { app: 'stranger' });
    expect(other.lines.join('\n')).to.contain('No such file').and.not.contain('mine');
  });

  it('reaches the world but no other build', async () => {
    const stop = new AbortController();
    const address = new Promise<string>((resolve) => {
      const listen = 'echo "at $(hostname -I)"; perl -MIO::Socket::INET -e \'IO::Socket::INET->new(LocalPort => 7777, Listen => 1) or die; sleep 60\'';
      void world.attempt(scripted(listen), {
        app: 'stranger',
        signal: stop.signal,
        onEvent: (event) => {
          const found = event.type === 'output' ? /at (\d+\.\d+\.\d+\.\d+)/.exec(event.line) : null;
          if (found) setTimeout(() => resolve(found[1]!), 1000);
        },
      });
    });
    const { lines } = await world.build(scripted(`curl -s -m 3 telnet://${await address}:7777 < /dev/null; echo "other $?"; curl -s -o /dev/null ${world.registry}; echo "world $?"`), { app: 'hostile' });
    stop.abort();
    const said = lines.map((line) => line.trim());
    expect(said).to.include('other 28').and.include('world 0');
  });

  describe('with config vars', () => {
    const config = { PLAIN: 'a b', MULTI: 'one\ntwo\n\n', QUOTES: `'"$(id)\\`, EMPTY: '', SECRET: 'hush-7f3a91' };

    it('gets them byte for byte in files, and not in the environment of buildpacks', async () => {
      const script = 'for key in PLAIN MULTI QUOTES EMPTY; do echo "$key=$(base64 -w0 < /build/env/$key)"; done; stat -c "mode %a" /build/env/PLAIN; tr "\\0" "\\n" < /proc/1/environ | grep -c SECRET; cat /proc/1/cmdline | grep -c hush';
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
      const container = await world.engine.createContainer({ image: result.image, labels: { visited: 'yes' }, env: {}, networks: [{ id: 'none' }] });
      const everything = await Promise.all(['/app', '/build', '/mothership', '/tmp'].map(async (path) =>
        world.engine.getArchive(container, path).then(buffer, () => Buffer.alloc(0))));
      await world.engine.removeContainer(container);
      expect(Buffer.concat(everything).includes('package.json')).to.equal(true);
      expect(Buffer.concat(everything).includes('hush-7f3a91')).to.equal(false);
      expect(everything[1]?.length).to.equal(0);
    });
  });

  it('whose controller died is cleaned up by the next one', async () => {
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => { started = resolve; });
    const lost = world.attempt('fails/never-ends', {
      app: 'hostile', onEvent: (event) => { if (event.type === 'output' && event.line.includes('npm run build')) started(); },
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
