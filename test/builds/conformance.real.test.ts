import { expect } from 'chai';
import { systemClock } from '../../src/events/index.ts';
import { Builder } from '../../src/builds/builder.ts';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { archiveOf } from './archive-of.ts';
import { withSource } from './with-source.ts';
import { BuildWorld, type Attempt } from './build-world.ts';
import { buildpackFiles, GitServer } from './git-server.ts';

/**
 * Heroku's classic buildpack API, behaviour by behaviour, with buildpacks that a Git server gives by URL.
 * The titles make the table in docs/buildpacks.md: `npx tsx scripts/buildpacks-doc.ts`.
 */
describe('the classic buildpack API', function () {
  this.timeout(120_000);
  let world: BuildWorld;
  let server: GitServer;
  let url: string;
  before(async function () {
    this.timeout(600_000);
    [world, server] = await Promise.all([BuildWorld.start(), GitServer.start()]);
    url = server.urlFor(world.node);
  });
  after(async () => {
    await server.stop();
    await world.stop();
  });

  const app = { Procfile: 'web: cat said', 'app.txt': 'mine' };
  /** A buildpack of its own in a repository of that name; answers its URL. */
  const publish = async (name: string, scripts: Readonly<Record<string, string>>): Promise<string> => {
    await server.commit(name, buildpackFiles(scripts));
    return `${url}/${name}`;
  };
  const attempt = (
    name: string,
    buildpacks: string[],
    files: Record<string, string> = app,
    options = {},
  ): Promise<Attempt> => world.attempt(files, { app: name, buildpacks, ...options });
  const build = (
    name: string,
    buildpacks: string[],
    files: Record<string, string> = app,
    options = {},
  ): Promise<Attempt> => world.build(files, { app: name, buildpacks, ...options });
  const said = ({ lines }: Attempt): string[] => lines.map((line) => line.trim());

  it('1. bin/detect gets the source: the first that takes it builds it, and one that was chosen is asked as well', async () => {
    const first = await build('detect', [], { 'static.json': '{}', 'index.html': '', Procfile: 'web: x' });
    expect(first.result.buildpacks[0]).to.match(/^static /);
    const picky = await publish('picky', { detect: '[[ -f $1/app.txt ]] && echo "Picky $#"' });
    expect(said(await build('detect', [picky]))).to.include(`-----> Picky 1 app detected by ${picky}`);
    expect((await attempt('detect', [picky], { Procfile: 'web: x' })).error).to.match(/^BUILDPACK_REFUSED/);
  });

  it('2. bin/compile gets BUILD_DIR, CACHE_DIR and ENV_DIR; what it writes is shown, its failure ends the build, and BUILD_DIR becomes /app', async () => {
    const compile = await publish('compile', {
      compile:
        'echo "dirs $# $PWD"; [[ $PWD = "$1" && -d $2 && -d $3 && $1 != /app ]] && echo good; echo out; echo err >&2; echo made > $1/said',
    });
    const { result, ...built } = await build('compile', [compile]);
    expect(said({ result, ...built })).to.include.members(['dirs 3 /build/app', 'good', 'out', 'err']);
    expect(await world.run(result.image, result.processTypes['web']!)).to.equal('made');
    const failing = await publish('failing', { compile: 'echo "the cause"; exit 7' });
    const { error } = await attempt('compile', [failing, compile]);
    expect(error)
      .to.match(/^BUILD_FAILED/)
      .and.contain(`bin/compile of ${failing}`)
      .and.contain('exit code 7')
      .and.contain('the cause')
      .and.not.contain('good');
  });

  it("3. ENV_DIR has a file for each config var with its value byte for byte, and compile's environment has none of them", async () => {
    const config = { MULTI: 'one\ntwo\n\n', QUOTES: `'"$(id)\\`, EMPTY: '', PATH: '/nowhere' };
    const env = await publish('env', {
      compile:
        'for f in "$3"/*; do echo "$(basename $f)=$(base64 -w0 < $f)"; done; echo "env ${MULTI-none} ${QUOTES-none} $PATH"',
    });
    const lines = said(await build('env', [env], app, { config }));
    expect(lines).to.include.members(
      Object.entries(config).map(([key, value]) => `${key}=${Buffer.from(value).toString('base64')}`),
    );
    expect(lines.find((line) => line.startsWith('env ')))
      .to.match(/^env none none .*\/usr\/bin/)
      .and.not.contain('/nowhere');
  });

  it("4. CACHE_DIR is an app's own and is there for its next build, also after one that failed, until it is purged", async () => {
    const cache = await publish('cache', {
      compile:
        'echo "times $(cat $2/times 2>/dev/null)"; echo x$(cat $2/times 2>/dev/null) > $2/times; [[ ! -f $1/fail ]]',
    });
    expect(said(await build('cache-a', [cache]))).to.include('times');
    expect((await attempt('cache-a', [cache], { ...app, fail: '' })).error).to.match(/^BUILD_FAILED/);
    expect(said(await build('cache-a', [cache]))).to.include('times xx');
    expect(said(await build('cache-b', [cache]))).to.include('times');
    expect(said(await build('cache-a', [cache], app, { clearCache: true }))).to.include('times');
  });

  it('5. bin/release of the last buildpack alone gives default process types, the Procfile going before them, and defaults of config vars', async () => {
    const first = await publish('release-first', {
      release: 'echo "default_process_types: {web: first, clock: first}"',
    });
    const last = await publish('release-last', {
      release:
        'printf -- "---\\nconfig_vars:\\n  LANGUAGE: fr\\n  COLOUR: red\\ndefault_process_types:\\n  web: never\\n  worker: echo \\$LANGUAGE \\$COLOUR\\n"',
    });
    const { result } = await build('release', [first, last]);
    expect(result.processTypes).to.deep.equal({ web: 'cat said', worker: 'echo $LANGUAGE $COLOUR' });
    expect(await world.run(result.image, `COLOUR=blue; ${result.processTypes['worker']}`)).to.equal('fr blue');
  });

  it('6. several buildpacks run in their order: each gets what those before it left in export, and detects what they made', async () => {
    const exporter = await publish('exporter', {
      compile:
        'echo "PATH=$1/tool:\\$PATH; export TOOL=\'a b\'" > "$(dirname "$0")/../export"; mkdir $1/tool; printf "#!/bin/sh\\necho tool ran" > $1/tool/tool; chmod +x $1/tool/tool; touch $1/for-next',
    });
    const next = await publish('next', {
      detect: '[[ -f $1/for-next ]] && echo Next',
      compile: 'echo "got $TOOL"; tool',
    });
    const built = await build('several', [exporter, next]);
    expect(said(built)).to.include.members(['got a b', 'tool ran']);
    expect(built.result.buildpacks.map((line) => line.split(' ')[0])).to.deep.equal([exporter, next]);
    expect((await attempt('several', [next, exporter])).error).to.match(/^BUILDPACK_REFUSED/);
  });

  describe('sources', () => {
    const version = (text: string): Record<string, string> => buildpackFiles({ compile: `echo "version ${text}"` });
    const commits: string[] = [];
    before(async () => {
      commits.push(await server.commit('source', version('one')));
      await server.git('source', 'tag', 'v1');
      commits.push(await server.commit('source', version('two')));
      await server.git('source', 'checkout', '-q', '-b', 'feature/x');
      commits.push(await server.commit('source', version('three')));
      await server.git('source', 'checkout', '-q', 'main');
      await server.archive('source');
    });

    it("7. a buildpack comes from a Git URL with a branch, tag or commit, from a .tgz, by Heroku's short name, from .buildpacks or app.json, and the build records its commit or digest", async () => {
      const used = async (name: string, files = app, config = {}): Promise<string> => {
        const built = await build('sources', name ? [name] : [], files, { config });
        const text = said(built).find((line) => line.startsWith('version '));
        return `${text} ${built.result.buildpacks[0]!.split(' ')[1]}`;
      };
      const source = `${url}/source`;
      expect(await used(source)).to.equal(`version two ${commits[1]}`);
      expect(await used(`${source}#v1`)).to.equal(`version one ${commits[0]}`);
      expect(await used(`${source}#feature/x`)).to.equal(`version three ${commits[2]}`);
      expect(await used(`${source}#${commits[0]}`)).to.equal(`version one ${commits[0]}`);
      expect(await used(`${source}#${commits[0]!.slice(0, 8)}`)).to.equal(`version one ${commits[0]}`);
      expect(await used(`${source}.tgz`)).to.match(/^version two sha256:[0-9a-f]{64}$/);
      expect(await used('', { ...app, '.buildpacks': `${source}#v1\n` } as typeof app)).to.equal(
        `version one ${commits[0]}`,
      );
      expect(
        await used('', { ...app, 'app.json': JSON.stringify({ buildpacks: [{ url: `${source}#v1` }] }) } as typeof app),
      ).to.equal(`version one ${commits[0]}`);
      const official = await server.commit('heroku-buildpack-cobol', version('official'));
      expect(await used('heroku/cobol', app, { MOTHERSHIP_BUILDPACKS_URL: url })).to.equal(
        `version official ${official}`,
      );
    });

    it('names what cannot be fetched, and why', async () => {
      const nothing = await attempt('sources', [`${url}/nothing`]);
      expect(nothing.error)
        .to.match(/^BUILDPACK_UNREACHABLE/)
        .and.contain(`${url}/nothing`)
        .and.contain('not found');
      expect((await attempt('sources', [`${url}/source#nope`])).error).to.match(
        /^BUILDPACK_UNREACHABLE.*no branch, tag or commit "nope"/,
      );
      expect((await attempt('sources', [`${url}/gone.tgz`])).error).to.match(/^BUILDPACK_UNREACHABLE.*404/);
      await server.commit('empty', { README: 'nothing to see' });
      expect((await attempt('sources', [`${url}/empty`])).error).to.match(/^BUILDPACK_UNREACHABLE.*no buildpack/);
      expect((await attempt('sources', ['cobol'])).error).to.match(/^BUILDPACK_UNKNOWN.*nodejs/);
    });

    it('takes the submodules of a Git buildpack', async () => {
      await server.commit('part', { 'part.sh': 'echo "version of the part"' });
      await server.commit('whole', {
        ...buildpackFiles({ compile: 'source "$(dirname "$0")/../part/part.sh"' }),
        '.gitmodules': `[submodule "part"]\n\tpath = part\n\turl = ${url}/part\n`,
      });
      const part = await server.git('part', 'rev-parse', 'HEAD');
      await server.git('whole', 'update-index', '--add', '--cacheinfo', `160000,${part},part`);
      await server.git('whole', 'commit', '-q', '-m', 'Part');
      expect(said(await build('sources', [`${url}/whole`]))).to.include('version of the part');
    });
  });

  it("8. compile's environment has STACK, SOURCE_VERSION, REQUEST_ID and HOME=/app but no DYNO, and its user is nobody special", async () => {
    const environment = await publish('environment', {
      compile:
        'echo "$STACK|$SOURCE_VERSION|$REQUEST_ID|$HOME|${DYNO-none}|${PORT-none}|$(id -u)"; touch $HOME/.writable && echo home',
    });
    const lines = said(await build('environment', [environment], app, { id: 'b1', ref: 'abc123' }));
    expect(lines).to.include.members(['debian-13|abc123|b1|/app|none|none|1000', 'home']);
  });

  it("9. the image stands on the stack's run image, with nothing of it copied", async () => {
    const { result } = await build('stack', [await publish('plain', {})]);
    const [image, run] = [await world.engine.image(result.image), await world.engine.image(world.stack.runImage)];
    expect(image!.layers.slice(0, run!.layers.length)).to.deep.equal(run!.layers);
    expect(await world.run(result.image, 'ls /app /build /mothership 2>&1'))
      .to.match(/app\.txt/)
      .and.match(/launch/)
      .and.match(/cannot access '\/build'/);
  });

  it('10. what .slugignore names and .git are left out before buildpacks run, and a build has limits that it is told', async () => {
    const files = { ...app, '.slugignore': '*.psd\n', 'big.psd': 'x', '.git/config': 'x', find: '' };
    const find = await publish('find', { compile: 'cd $1; find . -type f | sort | tr "\\n" " "' });
    expect(said(await build('ignore', [find], files))).to.include('./.slugignore ./Procfile ./app.txt ./find');
    const limits = { ...defaultBuildLimits, diskBytes: 16 * 1024 ** 2 };
    const large = await publish('large', { compile: 'dd if=/dev/zero of=$1/large bs=1M count=64; sleep 5' });
    expect((await attempt('ignore', [large], app, { limits })).error).to.match(/^BUILD_KILLED.*disk/);
  });

  it('11. bin/test-compile builds for tests and bin/test runs them in /app with the profile; their exit code is the answer', async () => {
    const tester = await publish('tester', {
      compile: 'echo wrong',
      'test-compile':
        'echo "test-compile $#"; mkdir -p $1/.profile.d; echo "export FROM_PROFILE=yes" > $1/.profile.d/t.sh',
      test: 'echo "test $1 $PWD $FROM_PROFILE $CI $GREETING ${SECRET-none}"; exit $(cat code)',
    });
    const files = { ...app, 'app.json': '{"environments":{"test":{"env":{"GREETING":"hello","UID":"7"}}}}' };
    const test = async (source: Record<string, string>): Promise<{ code: number; lines: string[] }> => {
      const lines: string[] = [];
      const input = {
        id: 't1',
        app: { id: 'tested', name: 'tested' },
        kind: 'buildpacks' as const,
        stack: world.stack,
        buildpacks: [tester],
        config: {},
        limits: defaultBuildLimits,
      };
      const code = await withSource(archiveOf(source), undefined, (received) =>
        new Builder({ engine: world.engine, clock: systemClock }).test(
          { ...input, source: received },
          (event) => void (event.type === 'output' && lines.push(event.line)),
          new AbortController().signal,
        ),
      );
      return { code, lines };
    };
    const failed = await test({ ...files, code: '3' });
    expect(failed.code).to.equal(3);
    expect(failed.lines)
      .to.include.members(['test-compile 3', 'test /app /app yes true hello none'])
      .and.not.include('wrong');
    expect(await test({ ...files, code: '0' })).to.include({ code: 0 });
    const own = await test({
      ...files,
      'app.json': '{"environments":{"test":{"scripts":{"test":"echo mine; exit 4"}}}}',
    });
    expect(own.code).to.equal(4);
    expect(own.lines).to.include('mine');
  });

  it('12. a process starts in /app, its home, after .profile.d and .profile; config vars are there before them and win', async () => {
    const profiled = await publish('profiled', {
      compile:
        'mkdir -p $1/.profile.d; echo "export A=\\${A:-of the buildpack} B=\\${B:-of the buildpack}" > $1/.profile.d/b.sh',
    });
    const { result } = await build('profiled', [profiled], {
      Procfile: 'web: bin/server',
      'bin/server': server200('$A, $B, $C, $HOME, $PWD'),
      '.profile': 'export C="after $B"; chmod +x bin/server',
    });
    expect(await world.visit(result, 'curl -s $URL', { A: 'of the app' })).to.equal(
      'of the app, of the buildpack, after of the buildpack, /app, /app',
    );
  });

  it('15. a process that is stopped gets SIGTERM at each of its processes, lives until each of them has ended, and what they say then is heard', async () => {
    const files = {
      Procfile: 'web: bin/server',
      '.profile': 'chmod +x bin/*',
      'bin/child': '#!/bin/bash\ntrap "echo child >&2; exit" TERM\nwhile :; do sleep 0.1; done\n',
      'bin/server': `${server200('up', 'bin/child & trap "echo parent >&2; wait; exit 0" TERM')}`,
    };
    const { result } = await build('signals', [await publish('plain', {})], files);
    const heard = await world.visit(
      result,
      'docker kill -s TERM $CONTAINER > /dev/null; docker wait $CONTAINER; docker logs $CONTAINER 2>&1',
    );
    expect(heard.split('\n')).to.include.members(['0', 'child', 'parent']);
    // As npm and yarn do: the first process ends at once.
    const left = { ...files, Procfile: 'web: bin/server & wait' };
    left['bin/child'] = left['bin/child'].replace('echo child', 'sleep 1; echo child');
    const outlived = await world.visit(
      (await build('signals', [await publish('plain', {})], left)).result,
      'docker kill -s TERM $CONTAINER > /dev/null; docker wait $CONTAINER; docker logs $CONTAINER 2>&1',
    );
    expect(outlived.split('\n')).to.include.members(['143', 'child', 'parent']);
  });

  it("starts the words of an image's CMD as they are, in its WORKDIR, without a word of tini under Docker's init", async () => {
    const line = 'echo "$PWD $0"; echo also >&2';
    for (const [command, said] of [
      [
        ['/bin/sh', '-c', line, 'a b'],
        ['/tmp a b', 'also'],
      ],
      [['perl', '-e', 'print "$0 @ARGV\\n"', 'a  b'], ['-e a  b']],
      [['echo $PWD; exec echo "a  b"'], ['/tmp', 'a  b']],
    ] as const) {
      const id = await world.engine.createContainer({
        ...{ image: world.stack.runImage, labels: { visited: 'yes' }, env: {}, networks: [{ id: 'none' }] },
        ...{ command, workingDir: '/tmp', init: true },
      });
      await world.engine.startContainer(id);
      expect(await world.engine.waitContainer(id)).to.equal(0);
      const lines: string[] = [];
      for await (const each of world.engine.containerLogs(id, {})) lines.push(each.line);
      await world.engine.removeContainer(id);
      expect(lines).to.have.members([...said]);
    }
  });
});

/** A program that answers every request with this text, as a shell expands it. */
function server200(text: string, before = 'true'): string {
  return `#!/bin/bash
${before}
export TEXT="${text}"
perl -MIO::Socket::INET -e '
  my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 5, ReuseAddr => 1) or die;
  while (my $client = $server->accept) {
    while (<$client>) { last if /^\\r?\\n$/ }
    print $client "HTTP/1.0 200 OK\\r\\n\\r\\n$ENV{TEXT}";
    close $client;
  }' &
wait $!
`;
}
