import { expect } from 'chai';
import { parseSourceRoot, sourceScope } from '../../src/api/source-root.ts';
import type { MothershipError } from '../../src/errors/index.ts';

describe('the root of an app in a repository', () => {
  const refusal = (root: string, watch: string[] = []): MothershipError | undefined => {
    try {
      parseSourceRoot(root, watch);
      return undefined;
    } catch (error) {
      return error as MothershipError;
    }
  };

  it("is a plain path from the repository's top, however it is written", () => {
    expect(parseSourceRoot('./services//api/', ['libs/shared/', './Makefile', 'Makefile'])).to.deep.equal({
      root: 'services/api',
      watch: ['libs/shared', 'Makefile'],
    });
    expect(parseSourceRoot('.', ['apps/web'])).to.deep.equal({ root: '', watch: ['apps/web'] });
    expect(parseSourceRoot('.', [])).to.equal(undefined);
  });

  for (const path of [
    '/etc',
    '../other',
    'a/../../b',
    'a\nb',
    'a\u0000',
    '',
    '!libs',
    'x'.repeat(201),
    '.git',
    '.git/hooks',
  ]) {
    it(`is not ${JSON.stringify(path.slice(0, 20))}, and neither is a watch path`, () => {
      for (const error of [refusal(path), refusal('api', [path])]) {
        expect(error?.code).to.equal('SOURCE_PATH_INVALID');
        expect(error!.message).to.not.match(/[\n\u0000]/);
      }
    });
  }

  it('takes no watch path that is the whole repository, and not too many', () => {
    expect(refusal('api', ['.'])?.code).to.equal('SOURCE_PATH_INVALID');
    expect(
      refusal(
        'api',
        Array.from({ length: 31 }, (_, n) => `lib${n}`),
      )?.message,
    ).to.include('30');
  });

  it('takes what is in the root and what a watch path matches, counted from the top', () => {
    const scope = sourceScope({
      root: 'services/api',
      watch: ['libs/shared', 'packages/*/package.json', '/**/*.proto'.slice(1), 'Makefile'],
    });
    const takes = (...paths: string[]): boolean[] => paths.map((path) => scope.takes(path));
    expect(
      takes(
        'services/api',
        'services/api/a/b.ts',
        'libs/shared/x/y',
        'packages/a/package.json',
        'a.proto',
        'deep/er/a.proto',
        'Makefile',
      ),
    ).to.deep.equal(Array(7).fill(true));
    expect(
      takes(
        'services',
        'services/api2/x',
        'services/apix',
        'libs/other',
        'packages/a/b/package.json',
        'sub/Makefile',
        'makefile',
        'README.md',
      ),
    ).to.deep.equal(Array(8).fill(false));
  });

  it('with the top as the root takes only what is watched', () => {
    const scope = sourceScope({ root: '', watch: ['apps/web', 'package.json'] });
    expect(['apps/web/a', 'package.json', 'apps/api/a', 'other'].map((path) => scope.takes(path))).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });

  it('knows which folders need not be looked into', () => {
    const { leadsTo } = sourceScope({ root: 'services/api', watch: ['libs/*/src', 'tools/x.sh'] });
    expect(['services', 'services/api', 'services/api/deep', 'libs', 'libs/a', 'tools'].map(leadsTo)).to.deep.equal(
      Array(6).fill(true),
    );
    expect(['services/web', 'docs', 'tools/other', 'libsx'].map(leadsTo)).to.deep.equal(Array(4).fill(false));
    expect(sourceScope({ root: 'api', watch: ['**/*.proto'] }).leadsTo('anything')).to.equal(true);
  });
});
