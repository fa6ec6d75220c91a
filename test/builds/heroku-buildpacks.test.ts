import { expect } from 'chai';
import { execa } from 'execa';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstalledFiles } from '../../src/cluster/images/package-files.ts';
import { platformImages } from '../../src/cluster/images/platform-images.ts';
import { buildpackFiles, GitServer } from './git-server.ts';

const STACK = 'templates/images/stack-heroku-24';

/** Files of `dist` are made by the build, which need not have run. */
class Files extends InstalledFiles {
  override folder(path: string): ReturnType<InstalledFiles['folder']> {
    return path.startsWith('dist/') ? Promise.resolve([]) : super.folder(path);
  }
}

describe("Heroku's own buildpacks, on the stack heroku-24", function () {
  // Ten repositories are cloned by programs of the stack.
  this.timeout(60_000);
  let server: GitServer;
  let folder: string;
  before(async () => {
    server = await GitServer.start();
    folder = await mkdtemp(join(tmpdir(), 'mothership-heroku-'));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("are asked in Heroku's order", async () => {
    expect((await readFile(`${STACK}/build/order`, 'utf8')).trim().split('\n')).to.deep.equal([
      'ruby',
      'nodejs',
      'clojure',
      'python',
      'java',
      'gradle',
      'scala',
      'php',
      'go',
      'dotnet',
    ]);
  });

  it('are fetched when the build image is made, and pinned to their commits', async () => {
    const names = (await readFile(`${STACK}/build/order`, 'utf8')).trim().split('\n');
    const commits: Record<string, string> = {};
    for (const name of names)
      commits[name] = await server.commit(`heroku-buildpack-${name}`, {
        ...buildpackFiles({ detect: `echo ${name}` }),
        'lib/part.sh': name,
      });
    const target = join(folder, 'buildpacks');
    await execa(`${STACK}/build/fetch-buildpacks`, [
      server.urlFor({ ip: '127.0.0.1' }),
      `${STACK}/build/order`,
      target,
    ]);
    for (const name of names) {
      expect((await readFile(join(target, `${name}.version`), 'utf8')).trim()).to.equal(commits[name]);
      expect((await readdir(join(target, name))).sort()).to.deep.equal(['bin', 'lib']);
    }
    expect(await readFile(join(target, 'order'), 'utf8')).to.equal(await readFile(`${STACK}/build/order`, 'utf8'));
  });

  it('end the making of the image when one cannot be had', async () => {
    const order = join(folder, 'order');
    await execa('sh', ['-c', 'echo nothing > "$1"', 'sh', order]);
    const ended = await execa(
      `${STACK}/build/fetch-buildpacks`,
      [server.urlFor({ ip: '127.0.0.1' }), order, join(folder, 'none')],
      { reject: false },
    );
    expect(ended.exitCode).to.not.equal(0);
  });

  it("stand on Heroku's images, with the driver and the launcher that debian-13 has", async () => {
    const { stackRun, stackBuild } = await platformImages(new Files(process.cwd()), 'heroku-24');
    expect([stackRun.buildArgs, stackBuild.buildArgs]).to.deep.equal([
      { BASE: 'heroku/heroku:24' },
      { BASE: 'heroku/heroku:24-build' },
    ]);
    expect(stackRun.files.map(({ path }) => path)).to.include.members(['Dockerfile', 'launch']);
    const paths = stackBuild.files.map(({ path }) => path);
    expect(paths)
      .to.include.members(['Dockerfile', 'build', 'launch', 'lib/fetch.sh', 'order', 'fetch-buildpacks'])
      .and.satisfy((all: string[]) => new Set(all).size === all.length);
    const dockerfile = stackBuild.files.find(({ path }) => path === 'Dockerfile')!.content.toString();
    for (const [, what] of dockerfile.matchAll(/^COPY (.+) \S+$/gm))
      for (const path of what!.split(' '))
        expect(
          paths.some((each) => each === path || each.startsWith(`${path}/`)),
          path,
        ).to.equal(true);
  });
});
