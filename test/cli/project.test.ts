import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appNameFrom, findProject, withSuffix, writeProject } from '../../src/cli/session/project.ts';

describe('a folder', () => {
  for (const [folder, name] of [
    ['/x/shop', 'shop'],
    ['/x/My Shop (old)', 'my-shop-old'],
    ['/x/Café_Bar', 'cafe-bar'],
    ['/x/123-go', 'go'],
    ['/x/日本', 'app'],
    ['/x/a', 'app-a'],
    ['/x/---', 'app'],
    ['/x/UPPER.case', 'upper-case'],
    [`/x/${'long-'.repeat(10)}`, 'long-long-long-long-long-long'],
    ['/', 'app'],
  ] as const)
    it(`${folder} gives ${name}`, () => {
      expect(appNameFrom(folder)).to.equal(name);
      expect(appNameFrom(folder)).to.match(/^[a-z][a-z0-9-]{0,28}[a-z0-9]$/);
    });

  it('gives other names that are valid too', () => {
    expect(withSuffix('shop', '3f2a')).to.equal('shop-3f2a');
    expect(withSuffix('a'.repeat(30), '3f2a')).to.have.length(30);
  });

  it('is tied by the nearest file between it and the top of its repository, and only by its own elsewhere', async () => {
    const root = await mkdtemp(join(tmpdir(), 'mothership-project-'));
    try {
      await mkdir(join(root, 'a/b'), { recursive: true });
      await writeProject({ folder: root, app: 'outer', context: 'staging' });
      expect(await findProject(join(root, 'a/b'))).to.equal(undefined);
      expect(await findProject(root)).to.include({ app: 'outer' });
      await mkdir(join(root, '.git'));
      expect(await findProject(join(root, 'a/b'))).to.deep.equal({ folder: root, app: 'outer', context: 'staging' });
      await writeProject({ folder: join(root, 'a'), app: 'inner' });
      expect(await findProject(join(root, 'a/b'))).to.deep.equal({ folder: join(root, 'a'), app: 'inner' });
      await writeFile(join(root, 'a/b/.mothership.json'), '{nope');
      expect(await findProject(join(root, 'a/b')).catch((error: { code: string }) => error.code)).to.equal(
        'PROJECT_FILE_BROKEN',
      );
      // A submodule, or another working tree, has a file.
      await writeFile(join(root, 'a/.git'), 'gitdir: elsewhere');
      await rm(join(root, 'a/.mothership.json'));
      await rm(join(root, 'a/b/.mothership.json'));
      expect(await findProject(join(root, 'a/b'))).to.equal(undefined);
      // A folder stands for a file that cannot be read: root may read all.
      await mkdir(join(root, 'a/b/.mothership.json'));
      const unread = await findProject(join(root, 'a/b')).catch((error: Error) => error);
      expect(unread).to.include({ code: 'FILE_UNREADABLE' });
      expect(unread).to.have.property('suggestion').that.does.not.contain('NAME');
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
