import { fail } from '#errors';

/** Where to log in, and as whom. */
export interface SshTarget {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

const FORM =
  /^(?:([a-z_][a-z0-9_.-]*\$?)@)?(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?::(\d{1,5}))?$/;

/** Parses `user@host[:port]`; an IPv6 address is in brackets. Throws SSH_TARGET_INVALID. */
export function sshTarget(text: string, defaultUser = 'root'): SshTarget {
  const [, user = defaultUser, name, digits = '22'] = FORM.exec(text) ?? [];
  const port = Number(digits);
  if (!name) throw fail('SSH_TARGET_INVALID', { given: text, why: 'it must be user@host or user@host:port' });
  if (port < 1 || port > 65_535) throw fail('SSH_TARGET_INVALID', { given: text, why: `${port} is not a valid port` });
  return { user, host: name.replace(/^\[|\]$/g, ''), port };
}

/** The format of `sshTarget`, without the default port. */
export function targetText({ user, host, port }: SshTarget): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;
}
