import { failure, usage } from '../entry.ts';

export const remote = {
  SSH_TARGET_INVALID: usage<{ given: string; why: string }>(
    (p) => `"${p.given}" names no machine to log in to: ${p.why}.`,
    () => 'Write it like admin@203.0.113.7 or admin@203.0.113.7:2222.',
  ),
  SSH_HOSTS_MISCOUNTED: usage<{ given: number; managers: number; workers: number }>(
    (p) => `There are ${p.given} hosts for ${p.managers} managers and ${p.workers} workers.`,
    () => 'Name every machine with --host; the first ones become managers.',
  ),
  SSH_UNREACHABLE: failure<{ target: string; why: string }>(
    503,
    'user',
    (p) => `There is no way to ${p.target} by SSH: ${p.why}.`,
    (p) =>
      `Check that the machine is up and lets this computer in: \`ssh ${p.target.replace(/^(.*):(\d+)$/, '-p $2 $1')}\`.`,
  ),
  SSH_AUTH_FAILED: failure<{ target: string; tried: string }>(
    403,
    'user',
    (p) => `${p.target} let nobody in by SSH. Tried: ${p.tried}.`,
    (p) =>
      `Give a private key whose public key is in ~/.ssh/authorized_keys of that user (\`ssh-copy-id ${p.target.replace(/^(.*):(\d+)$/, '-p $2 $1')}\` puts it there), or load it into the SSH agent.`,
  ),
  SSH_HOST_KEY_CHANGED: failure<{ target: string; host: string; file: string; pinned: string; now: string }>(
    502,
    'user',
    (p) => `${p.target} shows another host key than before: ${p.now} instead of ${p.pinned}. Nothing was sent to it.`,
    (p) =>
      `Either the machine was reinstalled, or somebody is in between. Only if you know that it was reinstalled: remove the line that begins with "${p.host}" from ${p.file}, and run the command again.`,
  ),
  SSH_KEY_UNREADABLE: failure<{ file: string; why: string }>(
    422,
    'user',
    (p) => `The private key ${p.file} cannot be used: ${p.why}.`,
    () => 'Give the path of a private key (not the .pub file), or load it into the SSH agent with `ssh-add`.',
  ),
  SSH_SUDO_NEEDED: failure<{ target: string; user: string }>(
    403,
    'user',
    (p) => `${p.user} is not root on ${p.target} and may not become root without a password.`,
    (p) => `Log in as root, or allow it there: echo '${p.user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/mothership`,
  ),
  SSH_BROKEN: failure<{ target: string; command: string }>(
    502,
    'platform',
    (p) => `The SSH connection to ${p.target} broke while "${p.command}" ran.`,
    () => 'Run the command again: it goes on from here.',
  ),
};
