import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Each forbids unprivileged user namespaces when its file holds `forbids`; Debian has the second, Ubuntu 24.04 the last.
 */
const FORBIDDING = [
  { file: 'user/max_user_namespaces', forbids: '0', allow: 'user.max_user_namespaces=28633' },
  { file: 'kernel/unprivileged_userns_clone', forbids: '0', allow: 'kernel.unprivileged_userns_clone=1' },
  {
    file: 'kernel/apparmor_restrict_unprivileged_userns',
    forbids: '1',
    allow: 'kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const;

/**
 * The settings of this node's kernel that Dockerfile builds need changed, as `sysctl -w` accepts them: empty if it
 * allows user namespaces. `folder` is the same in a container and outside.
 */
export async function missingSysctls(folder = '/proc/sys'): Promise<string[]> {
  const values = await Promise.all(
    // A kernel without the setting does not forbid them by it.
    FORBIDDING.map(({ file }) => readFile(join(folder, file), 'utf8').catch(() => '')),
  );
  return FORBIDDING.filter(({ forbids }, index) => values[index]?.trim() === forbids).map(({ allow }) => allow);
}
