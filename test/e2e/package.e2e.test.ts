import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { must } from '../lab/command.ts';
import { cleanup, newRunId, startNode, type LabNode } from '../lab/index.ts';
import { loadPlatformImages } from '../fixtures/cluster-fixture.ts';
import { install, ROOT } from '../fixtures/installation.ts';

const PREFIX = '/opt/mothership';
const MAX_BYTES = 4 * 2 ** 20;
const MAX_PACKAGES = 10;

/** The machine has Docker Engine, Node.js and npm, but no checkout and nothing in the user's home. */
describe('the package that npm pack makes', function () {
  this.timeout(600_000);
  const runId = newRunId();
  let machine: LabNode;
  let scratch: string;
  let tarball: string;

  const run = (script: string): ReturnType<LabNode['exec']> =>
    machine.exec(['bash', '-c', script], {
      env: { HOME: '/root/empty', PATH: `${PREFIX}/bin:${process.env['PATH']}` },
    });
  const ok = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await run(script);
    expect(code, `${script}\n${stderr.slice(-3000)}`).to.equal(0);
    return stdout;
  };

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'mothership-pack-'));
    const checkout = await install(join(scratch, 'checkout'));
    for (const part of ['test', 'examples', 'docs', 'LICENSE', 'README.md'])
      await cp(join(ROOT, part), join(checkout, part), { recursive: true });
    await must(['env', '-C', checkout, 'npm', 'pack', '--silent', '--pack-destination', scratch]);
    const [file = ''] = (await readdir(scratch)).filter((name) => name.endsWith('.tgz'));
    tarball = join(scratch, file);

    machine = await startNode({ name: 'clean', runId });
    await loadPlatformImages(machine, checkout);
    await machine.copyIn(process.execPath, '/usr/local/bin/node');
    await machine.exec(['mkdir', '-p', '/usr/local/lib/node_modules', '/root/empty', '/root/project']);
    await machine.copyIn(join(await must(['npm', 'root', '-g']), 'npm'), '/usr/local/lib/node_modules/');
    await machine.exec(['ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm']);
    await machine.copyIn(tarball, '/root/mothership.tgz');
    await machine.copyIn(join(ROOT, 'examples/hello'), '/root/project/');
  });

  after(async () => {
    await cleanup(runId);
    await rm(scratch, { recursive: true, force: true });
  });

  it('holds the program and its data, no sources and no tests, and is small', async () => {
    const list = await must(['tar', '-tvzf', tarball]);
    const paths = list.split('\n').map((line) => line.split(/\s+/).slice(5).join(' '));
    expect(paths).to.include.members(['package/bin/mothership', 'package/dist/cli/mothership.js', 'package/LICENSE']);
    expect(
      paths.filter((path) => /^package\/(test|src|examples|docs|bench|scripts|node_modules)\//.test(path)),
    ).to.deep.equal([]);
    expect(paths.filter((path) => /\.(test\.)?ts$/.test(path))).to.deep.equal([]);
    const bytes = Number(await must(['stat', '-c', '%s', tarball]));
    process.stderr.write(`      ${paths.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB\n`);
    expect(bytes).to.be.below(MAX_BYTES);
  });

  it('installs into an empty prefix', async () => {
    await ok(`npm install -g /root/mothership.tgz --prefix ${PREFIX} --no-audit --no-fund --loglevel=error`);
    const lines = await ok(`npm ls -g --prefix ${PREFIX} --all --parseable`);
    const packages = lines.trim().split('\n').length - 1;
    process.stderr.write(`      ${packages} packages\n`);
    expect(packages).to.be.within(1, MAX_PACKAGES);
  });

  it('tells its version and helps', async () => {
    expect(await ok('mothership --version')).to.match(/^mothership\/\d+\.\d+\.\d+ /);
    expect(await ok('mothership help')).to.contain('TOPICS');
    expect(JSON.parse(await ok('mothership version:info --json'))).to.deep.include({
      path: `${PREFIX}/lib/node_modules/mothership`,
      controller: null,
    });
  });

  it('sets up a cluster and deploys an app to it', async () => {
    await ok('mothership setup --provider local --yes');
    const url = (await ok('cd /root/project/hello && mothership deploy')).trim();
    const { hostname } = new URL(url);
    const page = await ok(`curl -fsS --resolve ${hostname}:80:127.0.0.1 ${url}`);
    expect(page).to.contain('Hello from your own cloud.');
    const { version, controller } = JSON.parse(await ok('mothership version:info --json')) as Record<string, string>;
    expect(controller).to.equal(version);
  });

  describe('completes what is typed', () => {
    before(() =>
      ok('apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends zsh fish'),
    );

    for (const shell of ['bash --norc', 'zsh -f']) {
      const [name] = shell.split(' ');
      it(`in ${name}`, async () => {
        const keys = [
          `source <(mothership autocomplete ${name})`,
          'mothership apps:in\t-a hel\t--json > ~/completed',
          'exit',
        ];
        await machine.exec(['tee', '/root/keys'], { stdin: keys.map((line) => `${line}\n`).join('') });
        await run(`script -qec '${shell} -i' /dev/null < /root/keys`);
        expect(JSON.parse(await ok('cat ~/completed && rm ~/completed'))).to.include({ name: 'hello' });
      });
    }

    it('in fish', async () => {
      const complete = (line: string): Promise<string> =>
        ok(`fish -c 'mothership autocomplete fish | source; complete -C "${line}"'`);
      expect(await complete('mothership apps:in')).to.equal('apps:info\tShow an app\n');
      expect(await complete('mothership apps:info -a hel')).to.equal('hello\n');
      expect(await complete('mothership ps:scale -a hello ')).to.equal('web=\n');
    });
  });
});
