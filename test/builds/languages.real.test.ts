import { expect } from 'chai';
import { appFiles, type AppFiles } from './app-files.ts';
import { BuildWorld, type Attempt } from './build-world.ts';
import { composerPackage, gem, goModule, GREETING, wheel } from './language-packages.ts';
import { mavenRepository } from './maven-repository.ts';
import { PackageIndex, type Shelf } from './package-index.ts';

/** An index at which nobody is at home. */
const NOWHERE = 'http://127.0.0.1:9';

/** The real installers of other languages than JavaScript, on indexes of their own kind that only this test has. */
describe('the buildpack', function () {
  this.timeout(300_000);
  let world: BuildWorld;
  let index: PackageIndex;
  let wheels: Shelf;
  const go = goModule('example.com/greeting', 'v1.0.0', {
    'greeting.go': `package greeting\n\nconst Text = "${GREETING}"\n`,
  });

  const php = composerPackage('acme/greeting', '1.0.0', {
    'src/Greeting.php': `<?php\nnamespace Greeting;\nclass Greeting { const TEXT = "${GREETING}"; }\n`,
  });

  before(async function () {
    this.timeout(900_000);
    world = await BuildWorld.start();
    wheels = wheel('greeting', '1.0.0', { 'greeting.py': `text = "${GREETING}"\n` });
    const route = await world.node.exec(['ip', '-4', 'route', 'show', 'default']);
    index = await PackageIndex.start(/via (\S+)/.exec(route.stdout)?.[1] ?? '', {
      ...wheels,
      ...(await gem('greeting', '1.0.0', { 'lib/greeting.rb': `GREETING = "${GREETING}"\n` })),
      ...go.shelf,
      ...php,
      ...(await mavenRepository(world)),
    });
  });
  after(async () => {
    await index?.stop();
    await world.stop();
  });

  const settings = (url: string): Record<string, string> => ({
    PIP_INDEX_URL: `${url}/simple`,
    RUBYGEMS_MIRROR: url,
    GOPROXY: `${url}/go`,
    COMPOSER_MIRROR_URL: `${url}/composer`,
    MAVEN_MIRROR_URL: `${url}/maven`,
  });
  const build = (
    app: string,
    files: AppFiles,
    config: Record<string, string> = settings(index.url),
  ): Promise<Attempt> => world.build(files, { app, config });
  const failure = async (
    app: string,
    files: AppFiles,
    config: Record<string, string> = settings(index.url),
  ): Promise<string> => {
    const { error, lines } = await world.attempt(files, { app, config });
    expect(error).to.match(/^BUILD_FAILED/);
    return lines.filter((line) => line.startsWith(' !     ')).join('\n');
  };
  /** Builds it again, cut off from everything: programs that would ask for something are sent to a proxy that is not there. */
  const again = async (app: string, files: AppFiles): Promise<Attempt> => {
    const proxies = Object.fromEntries(['http_proxy', 'https_proxy', 'HTTPS_PROXY'].map((name) => [name, NOWHERE]));
    const before = index.requests.length;
    const built = await world.build(
      { ...files, 'new.txt': '' },
      { app, config: { ...settings(index.url), ...proxies }, npmRegistry: NOWHERE },
    );
    expect(index.requests.slice(before)).to.deep.equal([]);
    return built;
  };
  const composerLock = (): string => {
    const shelf = php['/composer/packages.json'];
    const { packages } = JSON.parse(typeof shelf === 'function' ? shelf(index.url) : '') as {
      packages: Record<string, Record<string, object>>;
    };
    return JSON.stringify({
      'content-hash': '',
      packages: [packages['acme/greeting']?.['1.0.0']],
      'packages-dev': [],
      aliases: [],
      'minimum-stability': 'stable',
      'stability-flags': {},
      platform: {},
      'platform-dev': {},
    });
  };
  const answer = async ({ result }: Attempt): Promise<unknown> => JSON.parse(await world.visit(result, 'curl -s $URL'));

  describe('python', () => {
    const locked = async (changes: Readonly<Record<string, string>>): Promise<AppFiles> =>
      appFiles('python', { 'requirements.txt': undefined, '.python-version': undefined, ...changes });
    const hash = (): string => /sha256=(\w+)/.exec(String(wheels['/simple/greeting/']))?.[1] ?? '';

    it('installs requirements.txt with pip and the Python that .python-version names', async () => {
      const built = await build('python', await appFiles('python'));
      expect(built.result.buildpacks).to.deep.equal(['python 1.0.0']);
      expect(await answer(built))
        .to.deep.include({ text: GREETING, prefix: '/app/.heroku/venv' })
        .and.to.have.property('version')
        .that.matches(/^3\.13\./);
      expect(index.requests).to.include('/simple/greeting/');
    });

    it('does without the network when the lock file is the same', async () => {
      const built = await again('python', await appFiles('python'));
      expect(built.lines).to.include('-----> Dependencies unchanged');
      expect(await answer(built)).to.deep.include({ text: GREETING });
    });

    it('installs what the lock files of uv, Poetry and Pipenv name for this Python, and nothing that is for development', async () => {
      const project =
        '[project]\nname = "app"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = ["greeting>=1"]\n';
      const development =
        '[[package]]\nname = "nothing"\nversion = "1"\nsource = { registry = "https://pypi.org/simple" }\n';
      const uv =
        `version = 1\n\n[[package]]\nname = "app"\nversion = "0"\nsource = { virtual = "." }\ndependencies = [\n  { name = "greeting" },\n  { name = "nothing", marker = "sys_platform == 'win32'" },\n]\n\n` +
        `[[package]]\nname = "greeting"\nversion = "1.0.0"\nsource = { registry = "https://pypi.org/simple" }\nwheels = [{ url = "https://example.com/x.whl", hash = "sha256:${hash()}" }]\n\n${development}`;
      const poetry = `[[package]]\nname = "greeting"\nversion = "1.0.0"\noptional = false\ngroups = ["main"]\nfiles = [{ file = "x", hash = "sha256:${hash()}" }]\n\n[[package]]\nname = "nothing"\nversion = "1"\noptional = false\ngroups = ["dev"]\nfiles = []\n`;
      const pipenv = {
        _meta: { sources: [] },
        default: { greeting: { version: '==1.0.0', hashes: [`sha256:${hash()}`] } },
        develop: { nothing: { version: '==1' } },
      };
      for (const files of [
        { 'pyproject.toml': project, 'uv.lock': uv },
        { 'pyproject.toml': project, 'poetry.lock': poetry },
        {
          Pipfile: '[packages]\ngreeting = "*"\n[requires]\npython_version = "3.13"\n',
          'Pipfile.lock': JSON.stringify(pipenv),
        },
      ]) {
        expect(await answer(await build('python', await locked(files))), Object.keys(files).join()).to.deep.include({
          text: GREETING,
        });
      }
    });

    it('names the cause and the fix when it fails', async () => {
      expect(await failure('python', await appFiles('python', { 'requirements.txt': 'nothing==9.9\n' }))).to.equal(
        ` !     There is no nothing==9.9 for Python 3.13.5 at ${index.url}/simple: correct it in requirements.txt, or name an index that has it in the config var PIP_INDEX_URL.`,
      );
      expect(await failure('python', await appFiles('python', { '.python-version': '3.9\n' }))).to.match(
        /\.python-version asks for Python 3\.9; this stack has 3\.13\.\d+\. Ask for 3\.13 there\.$/,
      );
      expect(await failure('python', await locked({ Pipfile: '' }))).to.contain('run "pipenv lock"');
      const stale = await locked({
        'pyproject.toml': '[project]\nname = "app"\ndependencies = ["nothing"]\n',
        'poetry.lock': '[[package]]\nname = "greeting"\nversion = "1"\ngroups = ["main"]\n',
      });
      expect(await failure('python', stale))
        .to.contain('poetry.lock does not have "nothing"')
        .and.contain('run "poetry lock"');
    });
  });

  describe('ruby', () => {
    it('installs the gems of Gemfile.lock with Bundler, and once', async () => {
      const built = await build('ruby', await appFiles('ruby'));
      expect(await answer(built))
        .to.deep.include({ text: GREETING, environment: 'production' })
        .and.to.have.property('version')
        .that.matches(/^3\.3\./);
      const second = await again('ruby', await appFiles('ruby'));
      expect(second.lines).to.include('-----> Dependencies unchanged');
      expect(await answer(second)).to.deep.include({ text: GREETING });
    });

    it('names the cause and the fix when it fails', async () => {
      const files = await appFiles('ruby');
      const swap = (text = ''): string => text.replaceAll('greeting', 'nothing');
      expect(
        await failure('ruby', {
          ...files,
          Gemfile: swap(files['Gemfile']),
          'Gemfile.lock': swap(files['Gemfile.lock']),
        }),
      )
        .to.contain(`There is no nothing (1.0.0) at ${index.url}: correct the Gemfile`)
        .and.contain('RUBYGEMS_MIRROR');
      expect(await failure('ruby', { ...files, Gemfile: 'ruby "2.7.5"\n' })).to.match(
        /Gemfile asks for Ruby 2\.7\.5; this stack has 3\.3\.\d+\. Ask for "~> 3\.3\.0" there\.$/,
      );
      expect(await failure('ruby', { Gemfile: '' })).to.contain('There is no Gemfile.lock: run "bundle install"');
    });
  });

  describe('go', () => {
    it('compiles a module and its dependencies into one program, and fetches them once', async () => {
      const files = await appFiles('go', { 'go.sum': go.sum });
      const built = await build('go', files);
      expect(built.result.processTypes).to.deep.equal({ web: 'bin/web' });
      expect(await world.visit(built.result, 'curl -s $URL')).to.match(new RegExp(`^${GREETING} go1\\.`));
      expect(await world.run(built.result.image, 'ls -d .heroku/* || echo no runtime')).to.contain('no runtime');
      const second = await again('go', { ...files, 'new.go': 'package main\n' });
      expect(await world.visit(second.result, 'curl -s $URL')).to.contain(GREETING);
    });

    it('names the cause and the fix when it fails', async () => {
      const files = await appFiles('go', { 'go.sum': go.sum });
      expect(await failure('go', { ...files, 'go.mod': files['go.mod']!.replace('go 1.24', 'go 1.99') }))
        .to.match(/go\.mod asks for Go 1\.99; this stack has 1\.24\.\d+/)
        .and.contain('GOPROXY');
      expect(await failure('go', { ...files, 'main.go': 'package main\n\nfunc main() { nothing() }\n' })).to.contain(
        'The app does not compile',
      );
      const missing = {
        ...files,
        'go.mod': files['go.mod']!.replace('v1.0.0', 'v1.2.0'),
        'go.sum': go.sum.replaceAll('v1.0.0', 'v1.2.0'),
      };
      expect(await failure('go', missing)).to.contain(`There is no example.com/greeting@v1.2.0 at ${index.url}/go`);
    });
  });

  describe('php', () => {
    const files = (changes: Readonly<Record<string, string>> = {}): Promise<AppFiles> =>
      appFiles('php', { 'composer.lock': composerLock(), ...changes });

    it('installs composer.lock with Composer, serves with nginx, and fetches once', async () => {
      const built = await build('php', await files());
      expect(built.result.processTypes).to.deep.equal({ web: 'heroku-php-nginx public/' });
      const expected = { text: GREETING, path: '/', extensions: ['mbstring', 'gd', 'pdo_pgsql', 'Zend OPcache'] };
      expect(await answer(built))
        .to.deep.include(expected)
        .and.to.have.property('version')
        .that.matches(/^8\.4\./);
      const script =
        'curl -s $URL/some/page?a=1 | grep -o "page?a=1"; for path in composer.json index.php/x .env nothing.php; do curl -s -o /dev/null -w "%{http_code} " $URL/$path; done; docker kill -s TERM $CONTAINER > /dev/null; docker wait $CONTAINER';
      expect(await world.visit(built.result, script)).to.equal('page?a=1\n404 200 404 404 0\n');
      expect(await answer(await again('php', await files()))).to.deep.include(expected);
    });

    it('names the cause and the fix when it fails', async () => {
      expect(
        await failure('php', await files({ 'composer.json': '{"require": {"php": "^7.4", "ext-gd": "*"}}' })),
      ).to.match(/asks for PHP \^7\.4; this stack has 8\.4\.\d+\. Ask for "\^8\.4" in composer\.json/);
      expect(
        await failure('php', await files({ 'composer.json': '{"require": {"ext-gd": "*", "ext-nothing": "*"}}' })),
      ).to.contain('no PHP extension ext-nothing');
      expect(await failure('php', { 'composer.json': '{"require": {"acme/greeting": "*"}}' })).to.contain(
        'run "composer update"',
      );
    });
  });

  describe('java', () => {
    it('builds a pom.xml with Maven and the Java that system.properties names, and fetches once', async () => {
      const built = await build('java', await appFiles('java'));
      expect(await world.visit(built.result, 'curl -s $URL')).to.equal('Java 21');
      expect(index.requests).to.include('/maven/com/example/greeting/1.0.0/greeting-1.0.0.jar');
      const second = await again('java', await appFiles('java', { 'src/main/java/New.java': 'class New {}' }));
      expect(await world.visit(second.result, 'curl -s $URL')).to.equal('Java 21');
    });

    it('gives the app a Java that trusts whom the stack trusts', async () => {
      const program = `import javax.net.ssl.*; class Trusted { public static void main(String[] args) throws Exception {
        var factory = TrustManagerFactory.getInstance("PKIX"); factory.init((java.security.KeyStore) null);
        System.out.println(((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length); } }`;
      const { result } = await build('java', await appFiles('java', { 'Trusted.java': program }));
      const certificates = Number(
        await world.run(result.image, 'grep -c "BEGIN CERTIFICATE" /etc/ssl/certs/ca-certificates.crt'),
      );
      expect(certificates).to.be.greaterThan(100);
      expect(Number(await world.run(result.image, 'java Trusted.java'))).to.equal(certificates);
    });

    it('builds with a Gradle wrapper, and starts the one jar that says how', async () => {
      const gradlew =
        'set -e\necho "gradle $*"\nmkdir -p build/classes build/libs\njavac -d build/classes src/main/java/Web.java\njar --create --file build/libs/web.jar --main-class Web -C build/classes .\n';
      const files = await appFiles('java', { 'pom.xml': undefined, Procfile: undefined, 'build.gradle': '', gradlew });
      const { result, lines } = await build('java', files);
      expect(lines).to.include('       gradle --no-daemon --console=plain build -x test');
      expect(result.processTypes).to.deep.equal({ web: 'java -Dserver.port=$PORT $JAVA_OPTS -jar build/libs/web.jar' });
      expect(await world.visit(result, 'curl -s $URL')).to.equal('Java 21');
    });

    it('names the cause and the fix when it fails', async () => {
      const files = await appFiles('java');
      expect(await failure('java', { ...files, 'system.properties': 'java.runtime.version=1.8\n' })).to.match(
        /asks for Java 1\.8; this stack has 21\.[\d.]+, 25\.[\d.]+\. Write java\.runtime\.version=21 there\.$/,
      );
      expect(
        await failure('java', { ...files, 'pom.xml': files['pom.xml']!.replace('<version>1.0.0<', '<version>1.2.0<') }),
      )
        .to.contain('There is no com.example:greeting:jar:1.2.0')
        .and.contain('MAVEN_MIRROR_URL');
      expect(await failure('java', { 'build.gradle': '' })).to.contain(
        'There is no Gradle wrapper: run "gradle wrapper"',
      );
    });
  });

  for (const name of ['bun', 'deno'] as const) {
    describe(name, () => {
      it('installs the lock file from an npm registry, and once', async () => {
        const built = await build(name, await appFiles(name));
        expect(await answer(built))
          .to.deep.include({ seven: true })
          .and.to.have.property(name);
        const second = await again(name, await appFiles(name));
        expect(second.lines).to.include('-----> Dependencies unchanged');
        expect(await answer(second)).to.deep.include({ seven: true });
      });

      it('names the cause and the fix when it fails', async () => {
        const files = await appFiles(name);
        const changed = Object.fromEntries(
          Object.entries(files).map(([path, text]) => [path, text.replaceAll('is-number', 'no-such-package-of-ours')]),
        );
        for (const lock of ['bun.lock', 'deno.lock']) delete changed[lock];
        expect(await failure(name, { ...changed, 'bunfig.toml': '' }))
          .to.contain('no-such-package-of-ours')
          .and.match(/run "(bun|deno) install"/);
      });
    });
  }

  it('makes the same layers to the byte of one commit, from nothing', async function () {
    this.timeout(600_000);
    const layersOf = async ({ result }: Attempt): Promise<readonly string[]> =>
      (await world.engine.image(result.image))?.layers ?? [];
    const differing: string[] = [];
    for (const app of ['python', 'ruby', 'go', 'php', 'java'] as const) {
      const files = await appFiles(
        app,
        app === 'go' ? { 'go.sum': go.sum } : app === 'php' ? { 'composer.lock': composerLock() } : {},
      );
      const before = await layersOf(await build(app, files));
      await world.builder.settled();
      await world.builder.forget(app);
      const after = await layersOf(await world.build(files, { app, config: settings(index.url), clearCache: true }));
      if (after.join() !== before.join()) differing.push(app);
    }
    expect(differing).to.deep.equal([]);
  });

  describe('apt', () => {
    it('puts the packages of an Aptfile into the app, with what they need', async () => {
      const files = await appFiles('apt');
      const { result } = await world.build(files, { app: 'apt', buildpacks: ['apt', 'procfile'] });
      expect(await world.run(result.image, result.processTypes['worker']!)).to.equal('2');
      const again = await world.build({ ...files, new: '' }, { app: 'apt', buildpacks: ['apt', 'procfile'] });
      expect(again.lines).to.include('-----> Packages unchanged');
      expect(await world.run(again.result.image, 'jq --null-input "2 + 2"')).to.equal('4');
    });

    it('names the package that there is not', async () => {
      const { error } = await world.attempt(await appFiles('apt', { Aptfile: 'no-such-package\n' }), {
        app: 'apt',
        buildpacks: ['apt', 'procfile'],
      });
      expect(error).to.contain("There is no package no-such-package in this stack's Debian: correct the Aptfile");
    });
  });
});
