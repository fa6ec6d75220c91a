import { execFile, execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { alice, rig, type Rig } from '../controller/controller.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Record<string, string>;
}
interface Workflow {
  readonly jobs: { readonly deploy: { readonly env: Record<string, string>; readonly steps: readonly Step[] } };
}
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The steps of templates/ci/github-actions.yml, each run as GitHub's runner does it: by bash, with its own environment. */
describe('the workflow for GitHub Actions', function () {
  this.timeout(60_000);
  let world: Rig;
  let folder: string;
  let job: Workflow['jobs']['deploy'];
  let github: Record<string, Record<string, string>>;
  let sha: string;

  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-C', join(folder, 'work'), ...args], {
      encoding: 'utf8',
    }).trim();
  /** `${{ secrets.NAME }}` with its value. */
  const filled = (env: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(
      Object.entries(env).map(([key, text]) => [
        key,
        text.replace(/\$\{\{ (\w+)\.(\w+) \}\}/g, (_all, kind: string, name: string) => github[kind]?.[name] ?? ''),
      ]),
    );
  const run = ({ run: script = '', env }: Step): Promise<Ended> =>
    new Promise((done) => {
      const prefix = join(folder, 'npm');
      const all = {
        HOME: folder,
        PATH: `${join(prefix, 'bin')}:${process.env['PATH'] ?? ''}`,
        npm_config_prefix: prefix,
        GITHUB_SHA: sha,
        ...filled(job.env),
        ...filled(env),
      };
      execFile(
        'bash',
        ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
        { cwd: join(folder, 'work'), env: all },
        (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });

  before(async () => {
    job = (parse(await readFile('templates/ci/github-actions.yml', 'utf8')) as Workflow).jobs.deploy;
    world = await rig();
    world.flow();
    folder = await mkdtemp(join(tmpdir(), 'mothership-ci-'));
    await mkdir(join(folder, 'work'));
    await writeFile(join(folder, 'work', 'Procfile'), 'web: node server.js\n');
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    sha = git('rev-parse', 'HEAD');
    await world.platform.apps.create({ name: 'site' }, alice);
    await world.platform.apps.create({ name: 'other' }, alice);
    const { value } = await world.platform.tokens.create({ user: 'ci', deploy: 'site' });
    github = {
      secrets: { MOTHERSHIP_TOKEN: value },
      vars: { MOTHERSHIP_URL: await world.url(), MOTHERSHIP_APP: 'site', MOTHERSHIP_CLI: resolve('.') },
    };
  });
  after(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('installs the command line, and deploys the commit with a token that can do nothing else', async () => {
    for (const step of job.steps.filter((each) => each.run !== undefined)) {
      const ended = await run(step);
      expect(ended.code, `${step.run}\n${ended.stderr}`).to.equal(0);
      expect(`${ended.stdout}${ended.stderr}`).to.not.contain(github['secrets']!['MOTHERSHIP_TOKEN']);
    }
    expect((await world.platform.releases.list('site')).map(({ ref, by }) => ({ ref, by }))).to.deep.equal([
      { ref: sha, by: 'ci' },
    ]);
    expect(world.apps.built).to.deep.equal([['Procfile']]);
  });

  it('fails when the token is for another app, and changes nothing', async () => {
    github['vars']!['MOTHERSHIP_APP'] = 'other';
    const ended = await run(job.steps.at(-1)!);
    expect(ended.code).to.equal(1);
    expect(ended.stderr).to.contain('deploy site');
    expect(await world.platform.releases.list('other')).to.deep.equal([]);
  });

  it('gives the token to no step but the one that deploys', () => {
    expect(JSON.stringify(job.env)).to.not.contain('secrets.');
    expect(job.steps.filter((step) => JSON.stringify(step).includes('secrets.'))).to.deep.equal([job.steps.at(-1)]);
  });
});
