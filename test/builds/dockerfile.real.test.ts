import { expect } from 'chai';
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
      expect((await attempt(stages)).error).to.contain('code: 7');
      expect(
        (
          await attempt('ARG COLOUR=none\nRUN test "$COLOUR" = "red and \\$blue"', {
            buildArgs: { COLOUR: 'red and $blue' },
          })
        ).error,
      ).to.equal('');
      expect((await attempt(stages, { target: 'nowhere' })).error).to.match(/^DOCKERFILE_FAILED: .*nowhere/);
    });

    it('take cache mounts and links, and what is sent for that is in none of them', async () => {
      const { result, lines } = await make(
        'RUN --mount=type=cache,target=/root/.cache \\\n  echo one \\\n  && echo two > /app/two\nCOPY --link . /app/\n',
        {},
        { 'a.txt': 'a' },
      );
      expect(lines.join('\n')).to.contain('Left out of the Dockerfile');
      expect((await world.run(result.image, 'ls -A /app; cat /app/two')).split('\n'))
        .to.include.members(['Dockerfile', 'a.txt', 'two'])
        .and.not.include('.mothership.Dockerfile')
        .and.not.include('.dockerignore');
    });

    it('are refused what only BuildKit can do, before anything runs', async () => {
      const { error, lines } = await attempt('RUN echo ran\nRUN --mount=type=ssh echo\n');
      expect(error).to.match(/^DOCKERFILE_NEEDS_BUILDKIT/);
      expect(lines.join()).to.not.contain('ran');
    });

    describe('with secrets', () => {
      const config = { NPM_TOKEN: 'hush-91c2\n"$x', OTHER: 'hush-unasked' };

      it('have none of them in layers, history or output, though steps could read them', async () => {
        const steps = [
          'USER root',
          'RUN --mount=type=secret,id=npm-token --mount=type=secret,id=NPM_TOKEN,target=/etc/deep/er/rc,env=TOKEN \\',
          '  sha256sum < /run/secrets/npm-token > /app/root-sum && sha256sum < /etc/deep/er/rc > /app/deep-sum && printf %s "$TOKEN" | sha256sum > /app/env-sum',
          'RUN ls -A /dev/shm /run/secrets > /app/after; env > /app/env',
          'USER app',
          'RUN --mount=type=secret,id=npm-token,uid=1000,mode=0400 sha256sum < /run/secrets/npm-token > app-sum; ls /dev/shm > only',
        ].join('\n');
        const { result, lines } = await make(steps, { config });
        const sum = await world.run(result.image, 'cat root-sum deep-sum env-sum app-sum | sort -u');
        expect(sum.split('\n'), sum).to.have.length(1);
        expect(sum).to.contain(
          (await import('node:crypto')).createHash('sha256').update(config.NPM_TOKEN).digest('hex'),
        );
        expect(await world.run(result.image, 'cat after only')).to.equal('/dev/shm:\n\n/run/secrets:\nnpm-token');
        const history = await world.node.docker(['history', '--no-trunc', result.image]);
        const inspect = await world.node.docker(['inspect', result.image]);
        const saved = await buffer(await world.engine.saveImages([result.image]));
        for (const text of [history, inspect, lines.join('\n'), saved.toString('latin1')])
          expect(text.includes('hush-')).to.equal(false);
        expect(lines.join('\n')).to.contain('--mount=type=secret,id=npm-token').and.not.contain('mothership-secrets');
      });

      it('come from the cache when nothing but a secret is another', async () => {
        const step = 'RUN --mount=type=secret,id=a echo ran > /app/x\n';
        await make(step, { config: { A: '1' } });
        const { lines } = await make(step, { config: { A: '2' } });
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

      it('are not made by a fork bomb', async () => {
        const { error } = await attempt(
          'RUN bomb() { bomb | bomb & }; bomb; sleep 600\n',
          limited({ pids: 64, seconds: 120 }),
        );
        // A busy engine limits a running step late; by then the kernel may have killed it for its memory.
        expect(error).to.match(
          /^BUILD_KILLED: Build stopped: (it had 64 of 64 processes and wanted more|a step was killed, .*)\.$/,
        );
      });

      it('are not made by what fills the disk', async () => {
        const { error } = await attempt(
          'USER root\nRUN head -c 300M /dev/zero > /a\nRUN head -c 10G /dev/zero > /b\n',
          limited({ diskBytes: 500 * MB, seconds: 120 }),
        );
        expect(error).to.match(
          /^BUILD_KILLED: Build stopped: (it used \S+ [MG]B of disk; the limit is 500 MB|it wrote a file larger than its 500 MB disk space)\.$/,
        );
      });

      it('are made with one large file, within their disk space', async () => {
        const { error } = await attempt(
          'USER root\nRUN head -c 1200M /dev/zero > /a && rm /a\n',
          limited({ diskBytes: 2048 * MB, seconds: 120 }),
        );
        expect(error).to.equal('');
      });

      it('are made whatever they print of limits', async () => {
        const said = 'EFBIG: file too large; fork: Resource temporarily unavailable; File size limit exceeded';
        const { error } = await attempt(`RUN for n in 1 2 3 4; do echo "${said}"; done; sleep 3\n`, limited({}));
        expect(error).to.equal('');
      });

      it('are not made by what sleeps for three hours', async () => {
        const { error } = await attempt('RUN sleep 3h\n', limited({ seconds: 5 }));
        expect(error).to.equal('BUILD_KILLED: Build stopped: it took longer than 5 seconds.');
      });

      it('leave no container behind, and give no step of another build away', async () => {
        const forged = await attempt(
          'RUN sleep 0.2; id=$(hostname); echo " ---> Running in $id"; echo " ---> Running in 000000000000"; sleep 0.2\n',
        );
        expect(forged.error).to.equal('');
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
