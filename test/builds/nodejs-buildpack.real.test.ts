import { expect } from 'chai';
import { BuildpackShell, type Compiled } from './buildpack-shell.ts';
import { FakeRegistry } from './fake-registry.ts';

type Json = Readonly<Record<string, unknown>>;

/** The nodejs buildpack with package managers that do nothing but say what they were asked: nothing of it needs a container. */
describe('the nodejs buildpack', function () {
  this.timeout(60_000);
  let registry: FakeRegistry;
  let shell: BuildpackShell;
  before(async () => {
    registry = await FakeRegistry.start();
    shell = await BuildpackShell.create(registry.url);
  });
  after(async () => {
    await shell.remove();
    await registry.stop();
  });
  const build = (
    manifest: Json | string,
    files: Readonly<Record<string, string>> = {},
    options: Parameters<BuildpackShell['compile']>[2] = {},
  ): Promise<Compiled> => {
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
    return shell.compile('nodejs', { 'package.json': text, ...files }, options);
  };
  const built = async (...args: Parameters<typeof build>): Promise<Compiled> => {
    const done = await build(...args);
    expect(done.exitCode, done.lines.join('\n')).to.equal(0);
    return done;
  };
  /** Its last line, which says why. */
  const refusal = async (...args: Parameters<typeof build>): Promise<string> => {
    const { exitCode, lines } = await build(...args);
    expect(exitCode).not.to.equal(0);
    return lines.filter(Boolean).at(-1) ?? '';
  };
  const output = ({ lines }: Compiled): string => lines.join('\n');
  /** Calls that change what is installed. */
  const installs = ({ calls }: Compiled): string[] =>
    calls.filter((call) => /^\w+ (ci|install|rebuild|prune|work)/.test(call));

  const locks = {
    npm: { 'package-lock.json': '{}' },
    yarn: { 'yarn.lock': '# yarn lockfile v1\n' },
    berry: { 'yarn.lock': '__metadata:\n  version: 8\n', '.yarnrc.yml': 'nodeLinker: node-modules\n' },
    pnpm: { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" },
  } as const;

  describe('chooses a version', () => {
    for (const [said, version] of [
      [undefined, '24.6.0'],
      ['lts/*', '24.6.0'],
      ['latest', '25.1.0'],
      ['lts/jod', '22.18.0'],
      ['>=20', '24.6.0'],
      ['20.x', '20.19.0'],
    ] as const)
      it(`for engines.node ${said ?? 'that is missing'}`, async () => {
        expect(output(await built({ engines: { node: said } }))).to.contain(`Node.js ${version},`);
      });

    it('and says in the words of package.json that there is none', async () => {
      expect(await refusal({ engines: { node: '99.x' } })).to.equal(
        ' !     engines.node in package.json asks for "99.x", which does not exist: the newest version is 25.1.0.',
      );
      expect(await refusal({ packageManager: 'pnpm@99.0.0' })).to.contain(
        'packageManager in package.json asks for "99.0.0"',
      );
      const strange = await build({ engines: { node: 'newest; rm -rf /' } });
      expect(strange.lines.filter(Boolean).at(-1)).to.contain('engines.node in package.json says "newest; rm -rf /"');
      expect(output(strange)).not.to.contain('curl:');
    });

    it('takes the Yarn that wrote the lock file', async () => {
      const yarn3 = { 'yarn.lock': '__metadata:\n  version: 6\n', '.yarnrc.yml': 'nodeLinker: node-modules\n' };
      expect(output(await built({}, yarn3))).to.contain('yarn 3.8.7');
      expect(output(await built({}, locks.berry))).to.contain('yarn 4.9.1');
      expect(output(await built({}, locks.yarn))).to.contain('yarn 1.22.22');
    });
  });

  it('says where package.json is not JSON', async () => {
    expect(await refusal('{\n  "name": "x",\n}\n')).to.match(
      /^ !     package\.json is not valid JSON \(.* at line 3, column 1\)/,
    );
    expect(await refusal('[]')).to.equal(' !     package.json is not a JSON object.');
  });

  it('keeps the runtimes of several package managers', async () => {
    await shell.clearCache();
    await built({}, locks.npm);
    await built({}, locks.pnpm);
    const again = await built({}, locks.npm);
    expect(again.lines).not.to.include('-----> Installing the runtime');
  });

  describe('without a lock file', () => {
    for (const [packageManager, call, missing] of [
      ['yarn@4.6.0', 'yarn install --no-immutable', 'yarn.lock'],
      ['yarn@1.22.22', 'yarn install --prefer-offline --non-interactive --production=true', 'yarn.lock'],
      ['pnpm@9.15.4', 'pnpm install --no-frozen-lockfile --prefer-offline --prod=true', 'pnpm-lock.yaml'],
      ['npm@10.9.0', 'npm install --omit=dev --prefer-offline --no-audit --no-fund', 'package-lock.json'],
    ] as const)
      it(`installs with ${packageManager}, and says what is missing`, async () => {
        const done = await built({ packageManager });
        expect(installs(done)).to.deep.equal([call]);
        expect(output(done)).to.contain(`There is no ${missing}:`);
      });

    it('names one that the package manager does not read', async () => {
      expect(output(await built({ packageManager: 'pnpm@9.15.4' }, locks.npm))).to.contain(
        'packageManager in package.json says pnpm, which does not read package-lock.json.',
      );
    });
  });

  describe('takes development dependencies out after the scripts', () => {
    const manifest = { devDependencies: { mkdirp: '3' }, scripts: { build: 'echo built > built.txt' } };
    const pruning = /prune|focus|--offline.*--production=true/;
    const prunes = (done: Compiled): boolean => done.calls.some((call) => pruning.test(call));

    for (const manager of ['npm', 'yarn', 'berry', 'pnpm'] as const) {
      it(`with ${manager}`, async () => expect(prunes(await built(manifest, locks[manager]))).to.equal(true));

      it(`with ${manager}, but not when NODE_ENV is another`, async () => {
        const done = await built(manifest, locks[manager], { config: { NODE_ENV: 'development' } });
        expect(prunes(done)).to.equal(false);
        expect(output(done)).to.contain('Development dependencies are not taken out: NODE_ENV=development is set.');
      });
    }

    for (const [manager, config] of [
      ['npm', { NPM_CONFIG_PRODUCTION: 'false' }],
      ['yarn', { YARN_PRODUCTION: 'false' }],
      ['berry', { YARN2_SKIP_PRUNING: 'true' }],
      ['pnpm', { PNPM_SKIP_PRUNING: 'true' }],
    ] as const)
      it(`with ${manager}, but not with ${Object.keys(config)[0]}`, async () => {
        expect(prunes(await built(manifest, locks[manager], { config }))).to.equal(false);
      });

    it('does not install them with NPM_CONFIG_PRODUCTION=true', async () => {
      const done = await built(manifest, locks.npm, { config: { NPM_CONFIG_PRODUCTION: 'true' } });
      expect(installs(done)).to.deep.equal(['npm ci --omit=dev --prefer-offline --no-audit --no-fund']);
    });

    it('installs them for an app without scripts when they are to stay', async () => {
      const done = await built({ devDependencies: { a: '1' } }, locks.npm, { config: { NODE_ENV: 'staging' } });
      expect(installs(done)).to.deep.equal(['npm ci --include=dev --prefer-offline --no-audit --no-fund']);
    });

    it('says what takes the place of YARN_PRODUCTION with Yarn 2 and later', async () => {
      expect(await refusal(manifest, locks.berry, { config: { YARN_PRODUCTION: 'false' } })).to.contain(
        'YARN2_SKIP_PRUNING=true',
      );
    });

    it('says that Yarn 3 cannot without its plugin', async () => {
      const yarn3 = { 'yarn.lock': '__metadata:\n  version: 6\n', '.yarnrc.yml': 'nodeLinker: node-modules\n' };
      const done = await built(manifest, yarn3);
      expect(prunes(done)).to.equal(false);
      expect(output(done)).to.contain('yarn plugin import workspace-tools');
    });
  });

  it('runs heroku-cleanup last, without development dependencies', async () => {
    const say = (what: string): string => `echo ${what} >> order.txt`;
    const scripts = {
      'heroku-prebuild': say('pre'),
      'heroku-postbuild': say('post'),
      'heroku-cleanup': say('cleanup'),
    };
    const fake = 'if [[ $1 == prune ]]; then echo prune >> order.txt; fi';
    const done = await built({ scripts, devDependencies: { a: '1' } }, locks.npm, { fake });
    expect(done.app['order.txt']).to.equal('pre\npost\nprune\ncleanup\n');
    const alone = await built({ scripts: { 'heroku-cleanup': say('cleanup') } }, locks.npm);
    expect(alone.app['order.txt']).to.equal('cleanup\n');
  });

  describe('with node_modules that are checked in', () => {
    const local = { 'node_modules/local/package.json': '{}' };

    it('rebuilds them with npm, and installs what is missing', async () => {
      for (const lock of [{}, locks.npm]) {
        const done = await built({ dependencies: { local: '1.0.0' } }, { ...local, ...lock });
        expect(installs(done).map((call) => call.split(' ')[1])).to.deep.equal(['rebuild', 'install']);
        expect(done.app).to.include.keys('node_modules/local/package.json');
        expect(output(done)).to.contain('node_modules are checked in: rebuilding them');
        expect(done.layers.filter((line) => line.startsWith('dependencies'))).to.deep.equal([]);
      }
    });

    it('says that other package managers install their own', async () => {
      const done = await built({}, { ...local, ...locks.yarn });
      expect(done.app).not.to.include.keys('node_modules/local/package.json');
      expect(output(done)).to.contain('node_modules are checked in, but not used: yarn installs its own.');
    });
  });

  describe('with Yarn 2 and later', () => {
    beforeEach(() => shell.clearCache());
    const pnp = { 'yarn.lock': '__metadata:\n  version: 8\n' };
    const fake = `if [[ $1 == install ]]; then
      echo "$YARN_ENABLE_GLOBAL_CACHE" > pnp.txt
      mkdir -p "$YARN_CACHE_FOLDER"
      if [[ -f $YARN_CACHE_FOLDER/ms.zip ]]; then echo kept >> pnp.txt; else echo fetched > "$YARN_CACHE_FOLDER/ms.zip"; fi
      touch .pnp.cjs
      exit
    fi`;

    it("has the packages in the app for Plug'n'Play, and fetches them once", async () => {
      const first = await built({ packageManager: 'yarn@4.6.0' }, pnp, { fake });
      expect(first.app).to.deep.include({ '.yarn/cache/ms.zip': 'fetched\n', 'pnp.txt': 'false\n' });
      expect(first.app).to.include.keys('.pnp.cjs');
      expect(first.layers.join('\n'))
        .to.match(/^archives \w+ \.yarn\/cache$/m)
        .and.not.match(/^dependencies/m);
      const second = await built({ packageManager: 'yarn@4.6.0' }, pnp, { fake });
      expect(second.app).to.deep.include({ '.yarn/cache/ms.zip': 'fetched\n', 'pnp.txt': 'false\nkept\n' });
    });

    it('uses what a zero-install has checked in, with either linker', async () => {
      for (const linker of ['pnp', 'node-modules']) {
        const files = { ...pnp, '.yarnrc.yml': `nodeLinker: ${linker}\n`, '.yarn/cache/ms.zip': 'checked in' };
        for (let time = 1; time <= 2; time += 1)
          expect((await built({}, files, { fake })).app).to.deep.include({
            '.yarn/cache/ms.zip': 'checked in',
            'pnp.txt': 'false\nkept\n',
          });
      }
    });

    it('uses the folder that .yarnrc.yml names, as long as it is in the app', async () => {
      const inApp = await built({}, { ...pnp, '.yarnrc.yml': 'cacheFolder: ./vendor/yarn # ours\n' }, { fake });
      expect(inApp.app).to.include.keys('vendor/yarn/ms.zip');
      const outside = await built({}, { ...pnp, '.yarnrc.yml': 'cacheFolder: "/tmp/yarn"\n' }, { fake });
      expect(outside.app).to.include.keys('.yarn/cache/ms.zip');
    });
  });

  describe('keeps folders from build to build', () => {
    beforeEach(() => shell.clearCache());
    const count = (path: string): string =>
      `mkdir -p ${path} && echo x >> ${path}/count && wc -l < ${path}/count > seen.txt`;
    const seen = async (manifest: Json, files = {}, options = {}): Promise<string> =>
      (await built(manifest, { ...locks.npm, ...files }, options)).app['seen.txt']!.trim();

    it('that cacheDirectories names, and the cache of Next.js', async () => {
      for (const [path, more] of [
        ['.next/cache', {}],
        ['client/cache', { cacheDirectories: ['node_modules', './client/cache/'] }],
        ['other', { cache_directories: ['other'] }],
        ['node_modules/.cache', { cacheDirectories: ['node_modules/.cache'] }],
      ] as const) {
        const manifest = { scripts: { build: count(path) }, ...more };
        expect([await seen(manifest), await seen(manifest)], path).to.deep.equal(['1', '2']);
      }
    });

    it('unless the app brings them, or Node.js is another', async () => {
      const manifest = { scripts: { build: count('kept') }, cacheDirectories: ['kept'] };
      expect(await seen(manifest)).to.equal('1');
      expect(await seen(manifest, { 'kept/count': 'x\nx\nx\n' })).to.equal('4');
      expect(await seen({ ...manifest, engines: { node: '22' } })).to.equal('1');
    });

    it('unless NODE_MODULES_CACHE is false', async () => {
      const manifest = { scripts: { build: count('.next/cache') } };
      expect(await seen(manifest)).to.equal('1');
      expect(await seen(manifest, {}, { config: { NODE_MODULES_CACHE: 'false' } })).to.equal('1');
    });

    it('but none outside of the app', async () => {
      for (const path of ['../x', '/etc', 'a/../../b'])
        expect(await refusal({ scripts: { build: 'true' }, cacheDirectories: [path] }, locks.npm)).to.contain(
          'is not a folder of the app',
        );
    });
  });

  describe('says why', () => {
    const cases: [string, keyof typeof locks, string, RegExp][] = [
      [
        "npm's lock file does not fit",
        'npm',
        "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.\nnpm error Invalid: lock file's ms@2.1.3 does not satisfy ms@2.1.2\nnpm error\nnpm error Options:\nnpm error [--install-links]",
        /package-lock\.json does not fit package\.json \(Invalid: lock file's ms@2\.1\.3 does not satisfy ms@2\.1\.2\): run "npm install"/,
      ],
      [
        'there is no such package for npm',
        'npm',
        "npm error code E404\nnpm error 404  'localonly@1.0.0' is not in this registry.\nnpm error A complete log",
        /There is no localonly@1\.0\.0 in the npm registry/,
      ],
      [
        'there is no such package for a newer npm',
        'npm',
        "npm error code E404\nnpm error 404  The requested resource 'localonly@1.0.0' could not be found or you do not have permission to access it.\nnpm error 404 tarball, folder",
        /There is no localonly@1\.0\.0 in the npm registry/,
      ],
      [
        'there is no such version for npm',
        'npm',
        'npm error code ETARGET\nnpm error notarget No matching version found for ms@^99.0.0.\nnpm error notarget In most cases',
        /There is no ms@\^99\.0\.0 in the npm registry/,
      ],
      [
        'packages do not fit each other',
        'npm',
        'npm error code ERESOLVE\nnpm error Could not resolve dependency:\nnpm error peer react@"^17" from old@1.0.0\nnpm error Fix the upstream',
        /\(peer react@"\^17" from old@1\.0\.0\)/,
      ],
      [
        'a private repository is out of reach',
        'npm',
        'npm error code 128\nnpm error An unknown git error occurred\nnpm error git@github.com: Permission denied (publickey).\nnpm error fatal: Could not read',
        /MOTHERSHIP_BUILD_SSH_KEY/,
      ],
      [
        'an install script failed',
        'npm',
        'npm error code 1\nnpm error path /build/app/node_modules/bcrypt\nnpm error command failed\nnpm error gyp ERR!',
        /The install script of bcrypt failed/,
      ],
      [
        "Yarn 1's lock file does not fit",
        'yarn',
        'error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.\ninfo Visit',
        /yarn\.lock does not fit package\.json: run "yarn install"/,
      ],
      [
        'there is no such package for Yarn 1',
        'yarn',
        'error Couldn\'t find package "localonly" on the "npm" registry.\ninfo Visit https://yarnpkg.com',
        /There is no package "localonly" in the npm registry/,
      ],
      [
        "Yarn 4's lock file does not fit",
        'berry',
        '➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.\n➤ YN0000: · Failed with errors in 0s 81ms',
        /yarn\.lock does not fit package\.json: run "yarn install"/,
      ],
      [
        'there is no such package for Yarn 4',
        'berry',
        '➤ YN0035: │ localonly@npm:1.0.0: Package not found\n➤ YN0035: │   Response Code: 404\n➤ YN0000: · Failed',
        /There is no localonly@npm:1\.0\.0 in the npm registry/,
      ],
      [
        "pnpm's lock file does not fit",
        'pnpm',
        ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date with package.json\n\n  Failure reason:\n  specifiers in the lockfile ({"ms":"2.1.3"}) don\'t match specs in package.json ({"ms":"2.1.2"})',
        /pnpm-lock\.yaml does not fit package\.json \(specifiers in the lockfile .*2\.1\.2.*\): run "pnpm install"/,
      ],
      [
        "pnpm 10's lock file does not fit",
        'pnpm',
        " ERR_PNPM_OUTDATED_LOCKFILE  Cannot install\n\n  Failure reason:\n  specifiers in the lockfile don't match specifiers in package.json:\n* 1 dependencies are mismatched:\n  - ms (lockfile: 2.1.3, manifest: 2.1.2)",
        /pnpm-lock\.yaml does not fit package\.json \(ms \(lockfile: 2\.1\.3, manifest: 2\.1\.2\)\): run/,
      ],
      [
        'there is no such package for pnpm',
        'pnpm',
        ' ERR_PNPM_FETCH_404  GET https://npm.example.com/localonly: Not Found - 404\n\nThis error happened while installing',
        /There is no https:\/\/npm\.example\.com\/localonly in the npm registry/,
      ],
      [
        'the registry does not answer',
        'pnpm',
        ' WARN  GET http://10.0.0.1/ms error (ECONNREFUSED). Will retry in 10 seconds.',
        /The npm registry does not answer/,
      ],
      [
        'nothing is known',
        'npm',
        'npm error something else',
        /npm could not install the dependencies; the lines above/,
      ],
    ];
    for (const [what, manager, lines, reason] of cases)
      it(`${what}`, async () => {
        const lock = Object.keys(locks[manager])[0]!;
        const names = { manager: manager === 'berry' ? 'yarn' : manager, lock_file: lock, manager_version: '1' };
        expect(
          await shell.explain('nodejs', lines, { ...names, no_registry: 'The npm registry does not answer' }),
        ).to.match(reason);
      });

    it('at the end of what it prints', async () => {
      const fake =
        'if [[ $1 == ci ]]; then echo "npm error notarget No matching version found for ms@^99.0.0."; exit 1; fi';
      expect(await refusal({}, locks.npm, { fake })).to.match(/^ !     There is no ms@\^99\.0\.0 in the npm registry/);
    });

    it('a script failed', async () => {
      const scripts = { build: 'exit 3' };
      expect(await refusal({ scripts }, locks.npm)).to.contain('The script build in package.json failed');
      const memory = { build: 'echo "FATAL ERROR: JavaScript heap out of memory"; exit 134' };
      expect(await refusal({ scripts: memory }, locks.npm)).to.contain('--max-old-space-size');
    });
  });
});
