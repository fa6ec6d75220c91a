import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIBRARY = join(import.meta.dirname, '../../buildpacks/lib/buildpack.sh');
const READ_ONLY = ['UID', 'EUID', 'PPID', 'SHELLOPTS', 'BASHOPTS', 'BASH_VERSINFO'];
const OF_BASH = ['GROUPS', 'FUNCNAME', 'DIRSTACK', 'IFS', 'PS4', 'RANDOM', 'SECONDS', 'LINENO', 'OPTIND', 'HOSTTYPE'];
const CHANGE_BASH = [
  'BASH_ENV',
  'BASH_XTRACEFD',
  'ENV',
  'CDPATH',
  'GLOBIGNORE',
  'TMOUT',
  'POSIXLY_CORRECT',
  'FUNCNEST',
];
const BREAK_TOOLS = [
  'PATH',
  'HOME',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'GIT_DIR',
  'CPATH',
  'LIBRARY_PATH',
  'PWD',
  'SHELL',
];
const OF_BUILDPACK = ['build_dir', 'env_dir', 'cache_dir', 'here', 'frozen'];

describe('config vars in the environment of installers', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-vars-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The environment of a program that a buildpack with these config vars starts. */
  const exported = async (config: Readonly<Record<string, string>>): Promise<Record<string, string>> => {
    for (const [name, value] of Object.entries(config)) await writeFile(join(folder, name), value);
    const script = `set -euo pipefail; build_dir=/b cache_dir=/c env_dir=$1 here=/h; readonly frozen=1; source "$2"
      export_config_vars; [[ $build_dir$cache_dir$env_dir$here == "/b/c$1/h" ]]; env -0`;
    const env = { PATH: '/usr/bin:/bin', HOME: '/app', LANG: 'C.UTF-8' };
    const lines = execFileSync('/bin/bash', ['-c', script, 'bash', folder, LIBRARY], { env, encoding: 'utf8' });
    return Object.fromEntries(
      lines
        .split('\0')
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  };

  it('are there byte for byte, also instead of what the build had', async () => {
    const config = { A: 'one\ntwo\n\n', QUOTES: `'"$(id)\\`, EMPTY: '', LANG: 'fr', NODE_ENV: 'x', BASEMENT: 'y' };
    expect(await exported(config)).to.deep.include(config);
  });

  for (const name of [...READ_ONLY, ...OF_BASH, ...CHANGE_BASH, ...BREAK_TOOLS, ...OF_BUILDPACK])
    it(`leave ${name} as it is, and break nothing`, async () => {
      expect((await exported({ [name]: 'given', LAST: 'z' }))[name]).not.to.equal('given');
      expect(await exported({ [name]: 'given', LAST: 'z' })).to.include({ LAST: 'z' });
    });
});
