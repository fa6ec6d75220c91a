import { fail } from '#errors';
import { sshTarget, targetText, type SshTarget } from '#remote';

/** A host given by `--host`. */
export interface SshHost {
  readonly target: SshTarget;
  readonly zone: string | undefined;
}

const ZONE = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** Parses `user@1.2.3.4[:port][=zone]`, given separately or comma-separated. Throws SSH_TARGET_INVALID. */
export function sshHosts(given: readonly string[], defaultUser?: string): SshHost[] {
  const hosts = given
    .flatMap((each) => each.split(','))
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => sshHost(each, defaultUser));
  const seen = new Set<string>();
  for (const { target } of hosts) {
    const place = `${target.host.toLowerCase()}:${target.port}`;
    if (seen.has(place)) throw fail('SSH_TARGET_INVALID', { given: targetText(target), why: 'it is listed twice' });
    seen.add(place);
  }
  return hosts;
}

function sshHost(text: string, defaultUser: string | undefined): SshHost {
  const [place = '', zone, ...rest] = text.split('=');
  if (rest.length > 0 || (zone !== undefined && !ZONE.test(zone)))
    throw fail('SSH_TARGET_INVALID', { given: text, why: `"${[zone, ...rest].join('=')}" is not a valid zone name` });
  return { target: sshTarget(place, defaultUser), zone };
}
