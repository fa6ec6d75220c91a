import { expect } from 'chai';
import { execa } from 'execa';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { controlFiles } from '../../src/builds/buildpacks/buildpack-files.ts';
import { releaseEnvironment } from '../../src/releases/environment.ts';
import type { ReleaseRecord } from '../../src/store/index.ts';
import { privateKeyFile } from '../../src/values/build-ssh-key.ts';

const DRIVER = join(import.meta.dirname, '../../templates/images/stack-debian-13/build/lib/ssh.sh');

describe('MOTHERSHIP_BUILD_SSH_KEY', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'mothership-ssh-key-'));
    await mkdir(join(root, 'in'));
    await mkdir(join(root, 'bin'));
    // Says how git calls it.
    await writeFile(join(root, 'bin/ssh'), `#!/bin/sh\necho "$@" > ${root}/called\nexit 1\n`);
    await chmod(join(root, 'bin/ssh'), 0o755);
  });
  after(() => rm(root, { recursive: true }));
  const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');

  it('is a file for the driver, and in neither ENV_DIR nor the environment of processes', () => {
    const config = { A: 'a', MOTHERSHIP_BUILD_SSH_KEY: key };
    const files = controlFiles({ plan: { buildpacks: [], config, notices: [] }, knownLayers: [] });
    const texts = Object.fromEntries(files.map(({ name, content }) => [name, String(content)]));
    expect(texts).to.include({ 'env/A': 'a', 'in/ssh-key': privateKeyFile(key) });
    expect(texts).not.to.include.keys('env/MOTHERSHIP_BUILD_SSH_KEY');
    const release = { config, version: 1 } as unknown as ReleaseRecord;
    const env = releaseEnvironment(release, { appName: 'shop', dyno: 'web.1', port: 80 }, (value) => value);
    expect(env).to.include.keys('A').and.not.include.keys('MOTHERSHIP_BUILD_SSH_KEY');
  });

  it('may have its line ends in any way', () => {
    const plain = 'BEGIN\nabc\nEND\n';
    for (const value of ['BEGIN\nabc\nEND', 'BEGIN\r\nabc\r\nEND\r\n', 'BEGIN\\nabc\\nEND\\n', '\nBEGIN\nabc\nEND\n\n'])
      expect(privateKeyFile(value)).to.equal(plain);
  });

  const drive = (script: string) =>
    execa('bash', ['-c', `set -o pipefail; root=$1 in=$1/in; source "$2"; use_ssh_key; ${script}`, '-', root, DRIVER], {
      env: { PATH: `${root}/bin:${process.env['PATH']}`, HOME: root },
      extendEnv: false,
      reject: false,
    });
  const put = (text: string) => writeFile(join(root, 'in/ssh-key'), text, { mode: 0o400 });

  it('is what git logs in with, to hosts that it then knows, without asking', async () => {
    await put(privateKeyFile(key));
    await drive('git ls-remote ssh://git@example.com/private.git');
    expect(await readFile(join(root, 'called'), 'utf8'))
      .to.contain(`-i ${root}/in/ssh-key`)
      .and.contain('BatchMode=yes')
      .and.contain('StrictHostKeyChecking=accept-new')
      .and.contain(`UserKnownHostsFile=${root}/known_hosts`);
    await rm(join(root, 'in/ssh-key'));
  });

  it('must be a private key without a passphrase', async () => {
    await put('ssh-ed25519 AAAA\n');
    const { exitCode, stdout } = await drive('echo went on');
    expect(exitCode).to.equal(1);
    expect(stdout).to.match(/^ !     MOTHERSHIP_BUILD_SSH_KEY is not a private key that works without a passphrase/);
    await rm(join(root, 'in/ssh-key'), { force: true });
  });
});
