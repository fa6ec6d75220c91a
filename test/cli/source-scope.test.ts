import { expect } from 'chai';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sourceScope } from '../../src/api/source-root.ts';
import { listSource } from '../../src/cli/source/entries.ts';
import { findPart } from '../../src/cli/source/find-scope.ts';

describe('the source of an app in a repository', () => {
  let top: string;
  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), 'mothership-repository-'));
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  const put = async (files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(top, path)), { recursive: true });
      await writeFile(join(top, path), text);
    }
  };
  const files = async (root: string, watch: string[] = []): Promise<string[]> =>
    (await listSource(top, sourceScope({ root, watch })))
      .filter(({ type }) => type !== 'directory')
      .map(({ path }) => path);

  it('is its root and what it watches', async () => {
    await put({
      'README.md': '',
      'package.json': '',
      'services/api/a.js': '',
      'services/api2/b.js': '',
      'services/web/c.js': '',
      'libs/x/package.json': '',
      'libs/x/x.js': '',
      'libs/y/package.json': '',
    });
    expect(await files('services/api')).to.deep.equal(['services/api/a.js']);
    expect(await files('services/api', ['libs/*/package.json', 'package.json'])).to.deep.equal([
      'libs/x/package.json',
      'libs/y/package.json',
      'package.json',
      'services/api/a.js',
    ]);
    expect(await files('', ['services/web'])).to.deep.equal(['services/web/c.js']);
  });

  it("is without what the repository's .gitignore and the root's .slugignore name, and without what ties folders to apps", async () => {
    await put({
      '.gitignore': '*.log\n',
      '.slugignore': 'a.js\n',
      '.mothership.json': '{}',
      'api/.mothership.json': '{}',
      'api/.slugignore': '/docs\nlib\n',
      'api/.gitignore': 'dist\n',
      'api/a.js': '',
      'api/x.log': '',
      'api/docs/d': '',
      'api/dist/d': '',
      'api/lib/l': '',
      'lib/l': '',
      'lib/x.log': '',
    });
    expect(await files('api', ['lib'])).to.deep.equal(['api/.gitignore', 'api/.slugignore', 'api/a.js', 'lib/l']);
  });

  it('has nothing from behind a link', async () => {
    await put({ 'elsewhere/secret': '', 'api/a.js': '' });
    await symlink('/etc', join(top, 'etc'));
    await symlink('elsewhere', join(top, 'linked'));
    expect(await files('api', ['etc/**', 'linked/*'])).to.deep.equal(['api/a.js']);
    expect(() => findPart(top, { root: 'linked', watch: [] }))
      .to.throw()
      .with.property('code', 'SOURCE_ROOT_MISSING');
  });

  describe('is found', () => {
    const found = (folder: string, root: string): string => {
      try {
        return findPart(join(top, folder), { root, watch: [] }).top;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    beforeEach(() => put({ 'services/api/src/a.js': '', 'services/web/b.js': '', 'services/api.txt': '' }));

    it('at the top, in the root and below it, with or without git', () => {
      for (const folder of ['.', 'services/api', 'services/api/src'])
        expect(found(folder, 'services/api'), folder).to.equal(top);
    });

    it('anywhere in a git repository', async () => {
      expect(found('services/web', 'services/api')).to.equal('SOURCE_ROOT_MISSING');
      await put({ '.git/HEAD': '' });
      expect(found('services/web', 'services/api')).to.equal(top);
      expect(found('services', '.')).to.equal(top);
    });

    it('not where there is no such folder', () => {
      for (const root of ['services/other', 'services/api.txt', 'api'])
        expect(found('.', root), root).to.equal('SOURCE_ROOT_MISSING');
    });

    it('not in folders above that are no repository', async () => {
      await put({ 'work/project/a': '' });
      expect(found('work/project', 'services/api')).to.equal('SOURCE_ROOT_MISSING');
    });
  });
});
