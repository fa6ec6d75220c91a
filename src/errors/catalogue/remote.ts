import { counted } from '#values/counted.ts';
import { failure, usage } from '../entry.ts';

export const remote = {
  SSH_TARGET_INVALID: usage<{ given: string; why: string }>(
    (p) => `"${p.given}" is not a valid SSH host: ${p.why}.`,
    'Use a form such as admin@203.0.113.7 or admin@203.0.113.7:2222.',
  ),
  SSH_HOSTS_MISCOUNTED: usage<{ given: number; managers: number; workers: number }>(
    (p) =>
      `${counted(p.given, 'hosts')} given for ${counted(p.managers, 'managers')} and ${counted(p.workers, 'workers')}.`,
    'List every machine with --host; the first ones become managers.',
  ),
  SSH_UNREACHABLE: failure<{ target: string; why: string }>(
    503,
    'user',
    (p) => `Cannot reach ${p.target} over SSH: ${p.why}.`,
    (p) =>
      `Check that the machine is up and accepts connections from this computer: \`ssh ` +
      `${p.target.replace(/^(.*):(\d+)$/, '-p $2 $1')}\`.`,
  ),
  SSH_AUTH_FAILED: failure<{
    target: string;
    user: string;
    tried: readonly { readonly name: string; readonly line: string }[];
  }>(
    403,
    'user',
    (p) =>
      p.tried.length === 0
        ? `Cannot log in to ${p.target} over SSH: there is no key to try.`
        : `${p.target} refused the SSH login. Tried: ${p.tried.map(({ name }) => name).join(', ')}.`,
    (p) =>
      p.tried.length === 0
        ? 'Create a key with `ssh-keygen -t ed25519` and authorize it on the host, or specify one with --ssh-key FILE.'
        : `On the host, add this line to ~${p.user}/.ssh/authorized_keys:\n${p.tried[0]!.line}\n` +
          'Or specify a key that it accepts with --ssh-key FILE.',
  ),
  SSH_HOST_KEY_CHANGED: failure<{ target: string; host: string; file: string; pinned: string; now: string }>(
    502,
    'user',
    (p) => `The host key of ${p.target} has changed: ${p.now} instead of ${p.pinned}. Nothing was sent.`,
    (p) =>
      'Either the machine was reinstalled, or someone is intercepting the connection. Only if ' +
      `you know that it was reinstalled: remove the line that starts with "${p.host}" from ` +
      `${p.file}, and run the command again.`,
  ),
  SSH_KEY_UNREADABLE: failure<{ file: string; why: string }>(
    422,
    'user',
    (p) => `Cannot use the private key ${p.file}: ${p.why}.`,
    'Specify a private key (not the .pub file), or load it into the SSH agent with `ssh-add`.',
  ),
  SSH_SUDO_NEEDED: failure<{ target: string; user: string }>(
    403,
    'user',
    (p) => `${p.user} is not root on ${p.target} and cannot use sudo without a password.`,
    (p) => `Log in as root, or allow it there: echo '${p.user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/mothership`,
  ),
  SSH_BROKEN: failure<{ target: string; command: string }>(
    502,
    'platform',
    (p) => `Lost the SSH connection to ${p.target} while running "${p.command}".`,
    'Run the command again; it continues from here.',
  ),
};
