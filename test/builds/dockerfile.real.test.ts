import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Relay } from '../../src/builds/index.ts';
import { Builder } from '../../src/builds/builder.ts';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { systemClock } from '../../src/events/index.ts';
import { BuildWorld, type Attempt, type Options } from './build-world.ts';

const MB = 1024 ** 2;
const FROM = 'ARG MOTHERSHIP_RUN_IMAGE\nFROM ${MOTHERSHIP_RUN_IMAGE} AS base\n';

describe('images', function () {
  this.timeout(240_000);
  let world: BuildWorld;
  before(async function () {
    this.timeout(600_000);
    world = await BuildWorld.start();
  });
  after(() => world.stop());

  const attempt = (dockerfile: string, options: Options = {}, files: Record<string, string> = {}): Promise<Attempt> =>
    world.attempt({ Dockerfile: FROM + dockerfile, ...files }, { app: 'docker', ...options });
  const make = async (
    dockerfile: string,
    options: Options = {},
    files: Record<string, string> = {},
  ): Promise<Attempt> => {
    const made = await attempt(dockerfile, options, files);
    expect(made.error, made.lines.join('\n')).to.equal('');
    return made;
  };

  describe('from a Dockerfile', () => {
    it('are of the stage that is asked for, with build args', async () => {
      const stages =
        'ARG COLOUR=none\nRUN echo "$COLOUR" > colour\nFROM base AS prod\nRUN echo prod > stage\nFROM base AS test\nRUN exit 7\n';
      const { result } = await make(stages, { target: 'prod', buildArgs: { COLOUR: 'red and $blue' } });
      expect(await world.run(result.image, 'cat stage')).to.equal('prod');
      expect((await attempt(stages)).error)
        .to.contain('RUN exit 7')
        .and.contain('exit status 7');
      expect(
        (
          await attempt('ARG COLOUR=none\nRUN test "$COLOUR" = "red and \\$blue"', {
            buildArgs: { COLOUR: 'red and $blue' },
          })
        ).error,
      ).to.equal('');
      expect((await attempt(stages, { target: 'nowhere' })).error).to.match(/^DOCKERFILE_STAGE_MISSING: .*nowhere/);
    });

    it('have here-documents and modes, and cache mounts that last, for one app alone', async () => {
      const steps = [
        'USER root',
        'COPY --chmod=755 <<EOT /app/hello',
        '#!/bin/sh',
        'echo "from a here-document"',
        'EOT',
        'ARG N',
        'RUN --mount=type=cache,target=/root/.cache <<EOT',
        'echo "$N" >> /root/.cache/log',
        'cp /root/.cache/log /app/log',
        'EOT',
        'COPY --link . /app/',
        'USER app',
      ].join('\n');
      await make(steps, { buildArgs: { N: '1' } });
      const { result } = await make(steps, { buildArgs: { N: '2' } }, { 'a.txt': 'a' });
      expect(await world.run(result.image, '/app/hello; cat log; ls -A')).to.equal(
        'from a here-document\n1\n2\nDockerfile\na.txt\nhello\nlog',
      );
      const other = await make(steps, { buildArgs: { N: '3' }, app: 'other' });
      expect(await world.run(other.result.image, 'cat log')).to.equal('3');
    });

    it('are the same for the same source, and send only layers that are new', async () => {
      const steps = 'USER root\nRUN head -c 30M /dev/urandom > /big && date > /when\nCOPY . /app/\n';
      const one = await make(steps, {}, { 'a.txt': 'one' });
      const { saveImages } = world.engine;
      world.engine.saveImages = () => Promise.reject(new Error("the stack's image is in the app's storage already"));
      const again = await make(steps, {}, { 'a.txt': 'one' }).finally(() => (world.engine.saveImages = saveImages));
      expect(again.result.image).to.equal(one.result.image);
      const two = await make(steps, {}, { 'a.txt': 'two' });
      const [before, after] = await Promise.all([one, two].map(({ result }) => world.engine.image(result.image)));
      expect(after!.layers.slice(0, -1)).to.deep.equal(before!.layers.slice(0, -1));
      expect(after!.layers.at(-1)).to.not.equal(before!.layers.at(-1));
      expect(await world.run(two.result.image, 'cat a.txt; echo; stat -c %s /big')).to.equal('two\n31457280');
    });

    it('carry no labels of the platform or of the engine from their base', async () => {
      const { result } = await make('LABEL mine=yes\n');
      expect((await world.engine.image(result.image))!.labels).to.deep.equal({
        mine: 'yes',
        'mothership.kind': 'app-image',
        'mothership.app': 'docker',
      });
    });

    it('are not made of images that the engine has, by name or by id', async () => {
      const secret = await make('RUN echo hush > /app/secret\n', { app: 'victim' });
      for (const image of [secret.result.tag, secret.result.image, secret.result.image.slice(7, 19)]) {
        const stolen = await world.attempt(
          { Dockerfile: `FROM ${image}\nRUN cat /app/secret\n` },
          { app: 'docker', limits: { ...defaultBuildLimits, seconds: 60 } },
        );
        expect(stolen.error, image).to.match(/^(DOCKERFILE_|IMAGE_REFUSED|BUILD_KILLED)/);
        expect(stolen.lines.join('\n')).to.not.contain('hush');
      }
    });

    describe('with secrets', () => {
      const config = { NPM_TOKEN: 'hush-91c2\n"$x', OTHER: 'hush-unasked' };

      it('have none of them in layers, history or output, though steps could read them', async () => {
        const steps = [
          'USER root',
          'RUN --mount=type=secret,id=npm-token --mount=type=secret,id=NPM_TOKEN,target=/etc/deep/er/rc,env=TOKEN \\',
          '  sha256sum < /run/secrets/npm-token > /app/root-sum && printf %s "$TOKEN" | sha256sum > /app/env-sum',
          'RUN --mount=type=secret,id=npm-token,target=/etc/deep/er/rc sha256sum < /etc/deep/er/rc > /app/deep-sum',
          'RUN ls -A /run/secrets 2> /dev/null > /app/after; env > /app/env',
          'USER app',
          'RUN --mount=type=secret,id=npm-token,uid=1000,mode=0400 sha256sum < /run/secrets/npm-token > app-sum; ls /run/secrets > only',
        ].join('\n');
        const { result, lines } = await make(steps, { config });
        const sum = await world.run(result.image, 'cat root-sum deep-sum env-sum app-sum | sort -u');
        expect(sum.split('\n'), sum).to.have.length(1);
        expect(sum).to.contain(createHash('sha256').update(config.NPM_TOKEN).digest('hex'));
        expect(await world.run(result.image, 'cat after only')).to.equal('npm-token');
        const history = await world.node.docker(['history', '--no-trunc', result.image]);
        const inspect = await world.node.docker(['inspect', result.image]);
        const saved = await buffer(await world.engine.saveImages([result.image]));
        for (const text of [history, inspect, lines.join('\n'), saved.toString('latin1')])
          expect(text.includes('hush-')).to.equal(false);
      });

      it('are built again when a secret has changed, and by another app always', async () => {
        const step = 'RUN --mount=type=secret,id=a,uid=1000 sha256sum < /run/secrets/a > /app/x\n';
        const sumOf = async (value: string, app = 'docker'): Promise<string> =>
          world.run((await make(step, { config: { A: value }, app })).result.image, 'cat x');
        const failed = await attempt(`${step}RUN false\n`, { config: { A: '0' } });
        expect(failed.error).to.match(/^DOCKERFILE_FAILED/);
        const first = await sumOf('1');
        expect(first).to.contain(createHash('sha256').update('1').digest('hex'));
        expect(await sumOf('2')).to.not.equal(first);
        expect(await sumOf('1')).to.equal(first);
        expect(await sumOf('2', 'other')).to.not.equal(first);
        const { lines } = await make(step, { config: { A: '1' } });
        expect(lines.join('\n')).to.contain('Using cache');
      });

      it('fail when one is required and nobody has it, and do without where it is not', async () => {
        expect((await attempt('RUN --mount=type=secret,id=nobody,required=true true\n')).error).to.match(
          /^DOCKERFILE_SECRET_MISSING: .*"nobody"/,
        );
        await make('RUN --mount=type=secret,id=nobody test ! -e /run/secrets/nobody\n');
      });
    });

    describe('that is hostile', () => {
      const limited = (limits: Partial<typeof defaultBuildLimits>): Options => ({
        limits: { ...defaultBuildLimits, ...limits },
      });

      it('has rights in its own namespace only, and few', async () => {
        const steps = [
          'USER root',
          'RUN grep -E "Cap(Eff|Bnd)" /proc/self/status; tr -s " " < /proc/self/uid_map',
          'RUN mount -t tmpfs none /mnt 2>&1; unshare -U true 2>&1; unshare -m true 2>&1; true',
          'RUN mknod /tmp/disk b 8 0 2>&1; ls /dev/sda /dev/vda /dev/kmsg 2>&1; true',
          'RUN ls /build/in /build/cache /var/run/docker.sock 2>&1; cat /proc/1/environ 2>&1; kill -9 1 2>&1; true',
          'RUN echo 1 2>&1 > /proc/sys/kernel/printk; echo b > /proc/sysrq-trigger; true',
          'RUN perl -e \'chroot("/tmp") ? print "chroot 0\\n" : print "chroot: $!\\n"\'',
          // PTRACE_TRACEME
          'RUN perl -e \'print "ptrace ", syscall(101, 0, 0, 0, 0), "\\n"\'',
        ].join('\n');
        const { lines } = await make(steps);
        const said = lines.join('\n');
        // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, SETFCAP
        expect(said).to.contain('CapBnd:\t00000000800005fb').and.contain(' 0 1000 1\n 1 1879048192 65536');
        expect(said)
          .to.match(/mount: .*permission denied/)
          .and.match(/unshare: unshare failed: Operation not permitted/);
        expect(said).to.contain('mknod: /tmp/disk: Operation not permitted').and.contain("'/dev/sda': No such file");
        expect(said).to.contain("'/build/in': No such file").and.contain("'/var/run/docker.sock': No such file");
        expect(said).to.contain('/proc/1/environ: Permission denied').and.contain('ptrace -1');
        expect(said).to.contain('chroot: Operation not permitted');
        expect(said).to.match(/printk: (Read-only file system|Permission denied)/);
        expect(said).to.match(/sysrq-trigger: (Read-only file system|Permission denied|Directory nonexistent)/);
      });

      it('reach no service of the node, even at an address that an admin allowed', async () => {
        const serve =
          '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:18999", Listen => 5, ReuseAddr => 1) or die; ' +
          'while ($c = $s->accept) { <$c>; print $c "HTTP/1.0 200 OK\\r\\n\\r\\nhush\\n"; close $c }';
        const listening = 'until curl -s http://127.0.0.1:18999 | grep -q hush; do sleep 0.1; done';
        const script = `setsid perl -MIO::Socket::INET -e '${serve}' > /dev/null 2>&1 < /dev/null & ${listening}`;
        await world.node.exec(['timeout', '20', 'bash', '-c', script]);
        const { error, lines } = await attempt('ADD http://127.0.0.1:18999/x /app/x\nRUN cat /app/x\n', {
          registries: { allowed: ['127.0.0.1:18999'], logins: [] },
        });
        expect(error).to.match(/^DOCKERFILE_FAILED: .*connection refused/);
        expect(lines.join('\n')).to.not.contain('hush');
      });

      it('are not made by a fork bomb', async () => {
        const { error } = await attempt(
          'RUN bomb() { bomb | bomb & }; bomb; sleep 600\n',
          limited({ pids: 64, seconds: 120 }),
        );
        expect(error).to.equal('BUILD_KILLED: Build stopped: it had 64 of 64 processes and wanted more.');
      });

      it('are not made by what takes all memory', async () => {
        const { error } = await attempt('RUN tail /dev/zero\n', limited({ memoryBytes: 256 * MB }));
        expect(error).to.equal('BUILD_KILLED: Build stopped: it exceeded its memory limit of 256 MB.');
      });

      it('are not made by what fills the disk', async () => {
        const { error } = await attempt('USER root\nRUN head -c 10G /dev/zero > /b\n', {
          ...limited({ diskBytes: 700 * MB, seconds: 120 }),
          app: 'full',
        });
        expect(error).to.match(
          /^BUILD_KILLED: Build stopped: (it used \S+ [MG]B of disk; the limit is 700 MB|it wrote a file larger than its 700 MB disk space)\.$/,
        );
        await world.builder.settled();
        expect((await attempt('RUN true\n', { app: 'full' })).error, 'the next build').to.equal('');
        await world.builder.settled();
        await world.builder.forget('full');
        expect((await world.engine.volumes({})).map(({ name }) => name).join()).to.not.contain('full');
      });

      it('are made whatever they print of limits', async () => {
        const said = 'EFBIG: file too large; fork: Resource temporarily unavailable; File size limit exceeded';
        const { error } = await attempt(`RUN for n in 1 2 3 4; do echo "${said}"; done; sleep 3\n`, limited({}));
        expect(error).to.equal('');
      });

      it('are not made by what sleeps for three hours', async () => {
        const { error } = await attempt('RUN sleep 3h\n', limited({ seconds: 10 }));
        expect(error).to.equal('BUILD_KILLED: Build stopped: it took longer than 10 seconds.');
      });

      it('leave no container and no program behind', async () => {
        const { error } = await attempt(
          'RUN (setsid sleep 1000 &) && (setsid sleep 1001 > /dev/null 2>&1 < /dev/null &)\n',
        );
        expect(error).to.equal('');
        await world.builder.settled();
        expect(await world.engine.containers({})).to.deep.equal([]);
      });
    });
  });

  it('of a slug are laid on another run image, with the same layers', async () => {
    const { result } = await world.build({ 'index.html': '<h1>one</h1>', 'static.json': '{}' }, { app: 'page' });
    await world.builder.settled();
    const newer = await world.engine.buildImage(
      Readable.from([
        await context(`FROM ${world.stack.runImage}\nUSER root\nRUN echo newer > /etc/newer\nUSER app\n`),
      ]),
      { tag: 'mothership-test/newer' },
      () => undefined,
    );
    const began = Date.now();
    const image = await new Relay(world.engine).run({
      app: { id: 'page', name: 'page' },
      image: result.image,
      runImage: newer,
      buildId: 'relay',
      tag: { repository: 'mothership-app/page', tag: 'relay' },
    });
    expect(Date.now() - began).to.be.lessThan(60_000);
    const [before, after, base] = await Promise.all(
      [result.image, image, newer].map(async (id) => (await world.engine.image(id))!),
    );
    expect(after!.layers.slice(0, base!.layers.length)).to.deep.equal(base!.layers);
    expect(after!.entrypoint).to.deep.equal(before!.entrypoint);
    expect(await world.run(image, 'cat /etc/newer')).to.equal('newer');
    expect(await world.visit({ ...result, image }, 'curl -s $URL')).to.contain('<h1>one</h1>');
    const files = 'find . -type f -exec sha256sum {} + | sort';
    expect(await world.run(image, files)).to.equal(await world.run(result.image, files));
    expect(await new Builder({ engine: world.engine, clock: systemClock }).settled()).to.equal(undefined);
  });
});

async function context(dockerfile: string): Promise<Buffer> {
  const { pack } = await import('tar-stream');
  const out = pack();
  out.entry({ name: 'Dockerfile' }, dockerfile);
  out.finalize();
  return buffer(Readable.from(out));
}
