import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, BuildWorld, type Attempt } from './build-world.ts';

/** A registry at which nobody is at home. */
const NOWHERE = 'http://127.0.0.1:9/';

/** Again for ten seconds when it is refused. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (let left = 40; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

describe('buildpacks', function () {
  this.timeout(300_000);
  let world: BuildWorld;
  before(async function () {
    this.timeout(600_000);
    world = await BuildWorld.start();
  });
  after(() => world.stop());

  const layersOf = async ({ result }: Attempt): Promise<readonly string[]> =>
    (await world.engine.image(result.image))?.layers ?? [];

  describe('nodejs', () => {
    it('builds an npm app with the Node.js that it asks for, without development dependencies', async () => {
      const { result, lines } = await world.build('npm', { app: 'node' });
      expect(result).to.deep.include({
        kind: 'buildpacks',
        buildpacks: ['nodejs 1.0.0'],
        processTypes: { web: 'npm start' },
      });
      expect(result.image).to.match(/^sha256:[0-9a-f]{64}$/);
      expect(lines.join('\n'))
        .to.match(/Node\.js 22\.\d+\.\d+, npm 10\./)
        .and.match(/npm ci/);
      const answer = JSON.parse(await world.visit(result, 'curl -s $URL')) as { node: string; env: string };
      expect(answer.node).to.match(/^v22\./);
      expect(answer.env).to.equal('production');
      expect(await world.run(result.image, 'ls node_modules'))
        .to.contain('express')
        .and.not.contain('is-number');
    });

    it('builds it again without the network, and faster, when only code has changed', async () => {
      const { result, lines } = await world.build('npm', { app: 'node', npmRegistry: NOWHERE });
      expect(lines).to.include('-----> Dependencies unchanged');
      expect(await world.visit(result, 'curl -s $URL')).to.contain('v22.');
    });

    it('changes one layer when one line of code changes', async () => {
      const files = Object.fromEntries(
        ['package.json', 'package-lock.json', 'server.js'].map((name) => [
          name,
          readFileSync(join(APPS, 'npm', name), 'utf8'),
        ]),
      );
      const before = await layersOf(await world.build('npm', { app: 'node' }));
      const after = await layersOf(
        await world.build({ ...files, 'server.js': `${files['server.js']}// A line.\n` }, { app: 'node' }),
      );
      expect(after.slice(0, -1)).to.deep.equal(before.slice(0, -1));
      expect(after.at(-1)).not.to.equal(before.at(-1));
    });

    it('builds what it had left out when its layers have gone meanwhile', async () => {
      for (const image of await world.engine.images({ 'mothership.layer-of': 'node' })) {
        // The engine may still be removing a container of it.
        for (const tag of image.tags) await patiently(() => world.engine.removeImage(tag));
      }
      const { result } = await world.build('npm', { app: 'node' });
      expect(await world.visit(result, 'curl -s $URL')).to.contain('v22.');
    });

    it('starts from nothing when told to, and makes the same layers to the byte', async () => {
      const before = await layersOf(await world.build('npm', { app: 'node' }));
      await world.builder.settled();
      await world.builder.forget('node');
      const attempt = await world.attempt('npm', { app: 'node', clearCache: true, npmRegistry: NOWHERE });
      expect(attempt.error).to.match(/^BUILD_FAILED/);
      const again = await world.build('npm', { app: 'node', clearCache: true });
      expect(again.lines).to.include('-----> Installing the runtime');
      expect(await layersOf(again)).to.deep.equal(before);
    });

    it('takes several process types from the Procfile and needs no lock file', async () => {
      const { result } = await world.build('npm-no-lock', { app: 'js' });
      expect(Object.keys(result.processTypes)).to.deep.equal(['web', 'clock']);
      expect(await world.visit(result, 'curl -s $URL')).to.equal('172800000');
    });

    for (const [app, command] of [
      ['yarn', 'yarn install --frozen-lockfile'],
      ['berry', 'yarn install --immutable'],
      ['pnpm', 'pnpm install --frozen-lockfile'],
    ] as const) {
      it(`builds an app with the lock file of ${app}`, async () => {
        const { result, lines } = await world.build(app, { app: 'js' });
        expect(lines.join('\n')).to.contain(command);
        expect(await world.visit(result, 'curl -s $URL')).to.equal('172800000');
        const again = await world.build(app, { app: 'js', npmRegistry: NOWHERE });
        expect(again.lines).to.include('-----> Dependencies unchanged');
        expect(await world.visit(again.result, 'curl -s $URL')).to.equal('172800000');
      });
    }

    it("builds and starts an app of Yarn 4 with Plug'n'Play", async () => {
      const files = {
        'package.json': JSON.stringify({
          name: 'q',
          packageManager: 'yarn@4.9.1',
          scripts: { start: 'node server.js' },
          dependencies: { ms: '2.1.3' },
        }),
        'server.js':
          'const ms = require("ms"); require("http").createServer((q, r) => r.end(String(ms("2d")))).listen(process.env.PORT);',
        Procfile: 'web: yarn start',
      };
      for (let time = 1; time <= 2; time += 1) {
        const { result, lines } = await world.build(files, { app: 'pnp' });
        expect(lines.join('\n')).to.contain('There is no yarn.lock').and.contain('yarn install --no-immutable');
        expect(await world.visit(result, 'curl -s $URL')).to.equal('172800000');
      }
    });

    it('runs the build script with development dependencies and config vars, then takes the former out', async () => {
      const config = { BUILD_SECRET: 'of the build' };
      const { result, lines } = await world.build('build-script', { app: 'js', config });
      expect(lines.join('\n')).to.contain('built with of the build').and.contain('npm prune');
      expect(JSON.parse(await world.visit(result, 'curl -s $URL'))).to.deep.equal({
        built: 'yes',
        ms: 1000,
        development: false,
      });
      const again = await world.build('build-script', { app: 'js', config, npmRegistry: NOWHERE });
      expect(again.lines.join('\n')).to.contain('built with of the build').and.not.contain('npm prune');
      expect(JSON.parse(await world.visit(again.result, 'curl -s $URL'))).to.deep.equal({
        built: 'yes',
        ms: 1000,
        development: false,
      });
    });

    it('says why when the build script fails', async () => {
      const { error } = await world.attempt('fails/compile-error', { app: 'js' });
      expect(error)
        .to.match(/^BUILD_FAILED/)
        .and.contain('bin/compile of nodejs')
        .and.contain('SyntaxError');
    });

    it('says why when package.json asks for what there is not', async () => {
      const node = await world.attempt({ 'package.json': '{"engines":{"node":"99"}}' }, { app: 'js' });
      expect(node.error)
        .to.match(/^BUILD_FAILED/)
        .and.contain('engines.node in package.json asks for "99", which does not exist: the newest version is ');
      const range = await world.attempt({ 'package.json': '{"engines":{"node":"newest; rm -rf /"}}' }, { app: 'js' });
      expect(range.error).to.contain('which is not a version');
      const json = await world.attempt({ 'package.json': '{"engines":' }, { app: 'js' });
      expect(json.error).to.match(/package\.json is not valid JSON \(.* at line 1, column \d+\)/);
      const locks = await world.attempt(
        { 'package.json': '{}', 'yarn.lock': '', 'package-lock.json': '{}' },
        { app: 'js' },
      );
      expect(locks.error).to.contain('lock files of several package managers');
    });

    it('says so when nothing names a process to run', async () => {
      const { error } = await world.attempt({ 'package.json': '{}' }, { app: 'js' });
      expect(error).to.equal('NO_PROCESS_TYPES: The app was built by nodejs 1.0.0, but has no process types.');
    });
  });

  describe('static', () => {
    it('serves a site and nothing else', async () => {
      const { result } = await world.build('static');
      const script = [
        'curl -s $URL/ | grep -o "A static site"',
        'curl -s -o /dev/null -w "%{http_code} %{content_type}\\n" $URL/assets/style.css',
        'curl -s $URL/with%20space/%C3%A9.txt',
        'curl -s -o /dev/null -w "missing %{http_code}\\n" $URL/nothing; curl -s $URL/nothing | grep -o Gone',
        'for path in .secret .profile.d/x static.json %2e%2e/%2e%2e/etc/passwd ../../etc/passwd .mothership/static/nginx.conf; do curl -s --path-as-is -o /dev/null -w "%{http_code} " $URL/$path; done; echo',
        'curl -s -r 0-1 -w " %{http_code}\\n" $URL/assets/style.css',
        'etag=$(curl -sI $URL/ | sed -n "s/^ETag: //p" | tr -d "\\r"); curl -s -o /dev/null -w "%{http_code}\\n" -H "If-None-Match: $etag" $URL/',
        'curl -sI $URL/assets | grep -i ^location',
        'curl -s -X POST -o /dev/null -w "%{http_code}\\n" $URL/',
      ].join('\n');
      expect((await world.visit(result, script)).trim().split(/\r?\n/)).to.deep.equal([
        'A static site',
        '200 text/css; charset=utf-8',
        'unicode',
        'missing 404',
        'Gone',
        '404 404 404 400 400 404 ',
        'h1 206',
        '304',
        'Location: /assets/',
        '405',
      ]);
    });

    it('serves a single-page app from a folder of its own', async () => {
      const { result } = await world.build('single-page');
      const script = 'for path in "" about some/route about.html; do curl -s $URL/$path | grep -o "<title>.*"; done';
      expect((await world.visit(result, script)).trim().split('\n')).to.deep.equal([
        '<title>One page</title>',
        '<title>About</title>',
        '<title>One page</title>',
        '<title>About</title>',
      ]);
    });

    it('finishes a download when it is told to stop', async () => {
      const { result } = await world.build(
        { 'index.html': 'hello', 'large.bin': 'x'.repeat(20_000_000) },
        { app: 'large' },
      );
      const script =
        'curl -s --limit-rate 10M $URL/large.bin | wc -c & sleep 0.7; docker kill -s TERM $CONTAINER > /dev/null; wait; docker wait $CONTAINER';
      expect((await world.visit(result, script)).trim().split('\n')).to.deep.equal(['20000000', '0']);
    });

    it('gives files the types that browsers need', async () => {
      const types = {
        'm.mjs': 'text/javascript; charset=utf-8',
        'a.js': 'text/javascript; charset=utf-8',
        'a.js.map': 'application/json; charset=utf-8',
        'a.wasm': 'application/wasm',
        'a.avif': 'image/avif',
        'a.webmanifest': 'application/manifest+json',
        'favicon.ico': 'image/x-icon',
        'feed.rss': 'application/rss+xml',
        'a.unknown': 'application/octet-stream',
      };
      const names = Object.keys(types);
      const { result } = await world.build(
        { 'index.html': 'x', ...Object.fromEntries(names.map((name) => [name, 'x'])) },
        { app: 'types' },
      );
      const script = names.map((name) => `curl -s -o /dev/null -w "%{content_type}\\n" $URL/${name}`).join('\n');
      expect((await world.visit(result, script)).trim().split('\n')).to.deep.equal(Object.values(types));
    });

    it('does not let static.json write its settings', async () => {
      for (const json of [
        '{"root": "../.."}',
        '{"fallback": "x; } location /etc { alias /etc"}',
        '{"error_page": "a b"}',
      ]) {
        const { error } = await world.attempt({ 'static.json': json, 'index.html': 'x' }, { app: 'evil' });
        expect(error)
          .to.match(/^BUILD_FAILED/)
          .and.contain('is not a path');
      }
      const array = await world.attempt({ 'static.json': '[]', 'index.html': 'x' }, { app: 'evil' });
      expect(array.error).to.contain('static.json is not a JSON object');
    });
  });

  describe('procfile', () => {
    it('runs what the app brings, with the signal at every process', async () => {
      const { result } = await world.build('procfile');
      expect(result).to.deep.include({ buildpacks: ['procfile 1.0.0'], processTypes: { web: 'bin/server' } });
      expect(
        await world.visit(result, 'curl -s $URL; docker kill -s TERM $CONTAINER > /dev/null; docker wait $CONTAINER'),
      ).to.equal('from a binary\n0\n');
    });

    it('sources .profile.d and .profile before the command', async () => {
      const { result } = await world.build(
        {
          Procfile: 'web: echo "$A$B$HOME$PWD" && id -u',
          '.profile.d/a.sh': 'export A=a',
          '.profile': 'export B="${A}b"',
          '.profile.d/no.txt': 'exit 9',
        },
        { app: 'profile' },
      );
      expect(await world.run(result.image, result.processTypes['web']!)).to.equal('aab/app/app\n1000');
    });
  });

  describe('the choice of a buildpack', () => {
    it("is the app's own if it says so, in its order, the last one's release counting", async () => {
      const files = { 'package.json': '{"scripts":{"start":"node x"}}', 'index.html': 'x', 'static.json': '{}' };
      const { result, lines } = await world.build(files, { app: 'js', buildpacks: ['heroku/nodejs', 'static'] });
      expect(result.buildpacks).to.deep.equal(['nodejs 1.0.0', 'static 1.0.0']);
      expect(result.processTypes).to.deep.equal({ web: '.mothership/static/serve' });
      expect(lines).to.include('-----> Static site app detected by static');
    });

    it('names what is looked for when nothing fits', async () => {
      expect((await world.attempt('fails/nothing')).error)
        .to.match(/^NOTHING_DETECTED/)
        .and.contain('Found: notes.txt');
      expect((await world.attempt('procfile', { buildpacks: ['static'] })).error).to.match(/^BUILDPACK_REFUSED/);
      expect((await world.attempt('procfile', { buildpacks: ['../../etc'] })).error).to.match(/^BUILDPACK_INVALID/);
      const unknown = await world.attempt('procfile', { buildpacks: ['nowhere'] });
      expect(unknown.error).to.equal(
        'BUILDPACK_UNKNOWN: Cannot find the buildpack "nowhere". This stack has: ruby, bun, deno, nodejs, python, java, php, go, static, procfile.',
      );
      expect((await world.attempt('fails/bad-procfile')).error).to.match(/^PROCFILE_INVALID.*line 2/);
    });
  });

  describe('a Dockerfile', () => {
    it('builds without what .dockerignore names', async () => {
      const { result, events } = await world.build('dockerfile');
      expect(result).to.deep.include({ kind: 'dockerfile', buildpacks: [], processTypes: { web: null } });
      expect(await world.visit(result, 'curl -s $URL', { PORT: '7000' })).to.equal('from a binary\n');
      expect(
        events.flatMap((event) => (event.type === 'phase' && event.state === 'done' ? [event.phase] : [])),
      ).to.deep.equal(['build', 'image']);
    });

    it('takes its process types from a Procfile, and its own path when it is told one', async () => {
      const files = {
        'deploy/Dockerfile.prod':
          'ARG MOTHERSHIP_RUN_IMAGE\nFROM ${MOTHERSHIP_RUN_IMAGE}\nENTRYPOINT []\nCOPY . /app\n',
        Procfile: 'web: cat /app/hello',
        hello: 'from the Procfile',
      };
      const { result } = await world.build(files, { app: 'docker', dockerfile: './deploy/Dockerfile.prod' });
      expect(result.processTypes).to.deep.equal({ web: 'cat /app/hello' });
      const missing = await world.attempt(files, { app: 'docker', kind: 'dockerfile' });
      expect(missing.error).to.equal('DOCKERFILE_MISSING: The source has no file Dockerfile.');
      const buildpack = await world.build(
        { ...files, Dockerfile: 'FROM nowhere' },
        { app: 'docker', kind: 'buildpacks' },
      );
      expect(buildpack.result.kind).to.equal('buildpacks');
    });

    it('fails with the step that failed', async () => {
      const { error, events } = await world.attempt('fails/bad-dockerfile');
      expect(error)
        .to.match(/^DOCKERFILE_FAILED/)
        .and.contain('exit 3');
      expect(events.filter((event) => event.type === 'phase').at(-1)?.state).to.equal('failed');
    });
  });
});
