import { expect } from 'chai';
import { BuildpackShell } from './buildpack-shell.ts';

const COMPOSER = `Installing dependencies from lock file

In RemoteFilesystem.php line 341:
                                                        
  The "http://10.0.0.1/x" address is not one of ours     
                                                        
install [--prefer-source] [--prefer-dist] [--dry-run]`;

describe('a failed installer', () => {
  let shell: BuildpackShell;
  before(async () => {
    shell = await BuildpackShell.create('http://127.0.0.1:9');
  });
  after(() => shell.remove());

  for (const [buildpack, name] of [
    ['python', 'explain_pip'],
    ['ruby', 'explain_bundler'],
    ['go', 'explain_go'],
    ['php', 'explain_composer'],
    ['bun', 'explain_install'],
    ['nodejs', 'explain_install'],
  ] as const)
    it(`of ${buildpack} names the key for a private Git repository`, async () => {
      const output = 'git@example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.';
      expect(await shell.explain(buildpack, output, {}, name)).to.contain('MOTHERSHIP_BUILD_SSH_KEY');
    });

  it('of php gives the reason, not the help of Composer', async () => {
    expect(await shell.explain('php', COMPOSER, {}, 'explain_composer')).to.equal(
      ' !     composer install failed: The "http://10.0.0.1/x" address is not one of ours',
    );
    const unknown = '  Problem 1\n    - Root composer.json requires acme/no ^1, it could not be found in any version.';
    expect(await shell.explain('php', unknown, {}, 'explain_composer')).to.contain('requires acme/no ^1');
  });
});
