import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeReport } from '../../src/agent/index.ts';
import { missingSysctls } from '../../src/agent/sysctls.ts';

describe('kernel settings that Dockerfile builds need', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'sysctls-'))));
  afterEach(() => rm(folder, { recursive: true }));

  async function missing(files: Record<string, string>): Promise<string[]> {
    for (const [path, value] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), `${value}\n`);
    }
    return missingSysctls(folder);
  }

  const max = 'user/max_user_namespaces';
  const clone = 'kernel/unprivileged_userns_clone';
  const apparmor = 'kernel/apparmor_restrict_unprivileged_userns';
  const cases: [string, Record<string, string>, string[]][] = [
    ['nothing where the kernel allows them', { [max]: '63704', [clone]: '1', [apparmor]: '0' }, []],
    ['nothing where the kernel has no such setting', {}, []],
    ['a maximum of none', { [max]: '0' }, ['user.max_user_namespaces=28633']],
    ["Debian's switch", { [max]: '63704', [clone]: '0' }, ['kernel.unprivileged_userns_clone=1']],
    ["Ubuntu's restriction", { [apparmor]: '1' }, ['kernel.apparmor_restrict_unprivileged_userns=0']],
    [
      'all that forbid them at once',
      { [max]: '0', [apparmor]: '1' },
      ['user.max_user_namespaces=28633', 'kernel.apparmor_restrict_unprivileged_userns=0'],
    ],
  ];
  for (const [what, files, expected] of cases)
    it(`finds ${what}`, async () => expect(await missing(files)).to.deep.equal(expected));

  it("are part of a node's report", async () => {
    expect((await nodeReport()).missingSysctls).to.deep.equal(await missingSysctls());
  });
});
