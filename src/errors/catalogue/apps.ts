import { failure, usage } from '../entry.ts';

export const apps = {
  APP_NOT_FOUND: failure<{ app: string }>(
    404,
    'user',
    (p) => `There is no app called "${p.app}".`,
    () => 'List the apps with `mothership apps`, or create it with `mothership apps:create`.',
  ),
  APP_EXISTS: failure<{ app: string }>(
    409,
    'user',
    (p) => `The name "${p.app}" is taken.`,
    () => 'Choose another name.',
  ),
  APP_NAME_INVALID: usage<{ name: string; why: string }>(
    (p) => `"${p.name}" cannot be an app's name: ${p.why}.`,
    () => 'Use 2 to 30 lower-case letters, digits and dashes; start with a letter and end with a letter or digit.',
  ),
  STACK_UNKNOWN: usage<{ stack: string; known: string[] }>(
    (p) => `This cluster has no stack "${p.stack}"; it has: ${p.known.join(', ')}.`,
  ),
  APP_BUSY: failure<{ app: string; operation: string; by: string; seconds: number }>(
    409,
    'user',
    (p) => `"${p.app}" is busy: ${p.operation} by ${p.by}, started ${p.seconds} s ago.`,
    () => 'Wait for it to end, or look at it with `mothership releases` and `mothership builds`.',
  ),
  APP_HAS_NO_RELEASE: failure<{ app: string }>(
    409,
    'user',
    (p) => `"${p.app}" has nothing to run yet.`,
    () => 'Deploy it first: `mothership deploy` in its folder.',
  ),
  CONFIRM_MISMATCH: usage<{ app: string; given: string }>(
    (p) => `This destroys things: confirm with the name "${p.app}", not "${p.given}".`,
    (p) => `Repeat the command with --confirm ${p.app}.`,
  ),
  CONFIG_KEY_INVALID: usage<{ key: string }>(
    (p) => `"${p.key}" cannot be the name of a config var.`,
    () => 'Use letters, digits and underscores, not starting with a digit.',
  ),
  CONFIG_TOO_LARGE: usage<{ what: string; size: string; limit: string }>(
    (p) => `The config vars are too large: ${p.what} is ${p.size}, the limit is ${p.limit}.`,
    () => 'Keep large values in a file of the app or in a backing service, and only their address in a config var.',
    413,
  ),
  CONFIG_TOO_MANY: usage<{ count: number; limit: number }>(
    (p) => `${p.count} config vars are too many: the limit is ${p.limit}.`,
    () => 'Unset the ones that are not needed, or keep them together in one JSON value.',
    413,
  ),
  CONFIG_VALUE_INVALID: usage<{ key: string }>(
    (p) => `The value of ${p.key} has a zero byte, which no environment variable can hold.`,
  ),
  CONFIG_KEY_MISSING: failure<{ key: string; app: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no config var ${p.key}.`,
    () => 'List them with `mothership config`.',
  ),
  DOMAIN_INVALID: usage<{ domain: string }>(
    (p) => `"${p.domain}" is not a host name.`,
    () => 'Give a name such as www.example.com or *.example.com, without scheme, port or path.',
  ),
  DOMAIN_TAKEN: failure<{ domain: string; owner: string }>(
    409,
    'user',
    (p) => `The domain ${p.domain} belongs to ${p.owner}.`,
    () => 'Remove it there first with `mothership domains:remove`.',
  ),
  DOMAINS_TOO_MANY: usage<{ limit: number }>(
    (p) => `An app may have ${p.limit} domains.`,
    () => 'Use a wildcard such as *.example.com.',
  ),
  DOMAIN_NOT_FOUND: failure<{ domain: string; app: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no domain ${p.domain}.`,
    () => 'List its domains with `mothership domains`.',
  ),
  PROCFILE_INVALID: usage<{ line: number; text: string; why: string }>(
    (p) => `Procfile, line ${p.line}: ${p.why}: ${p.text}`,
    () => 'Each line is `type: command`, for example `web: node server.js`.',
  ),
  PROCESS_TYPE_UNKNOWN: usage<{ type: string; known: string[] }>(
    (p) => `There is no process type "${p.type}"; there are: ${p.known.join(', ') || 'none'}.`,
    () => 'Process types are the lines of the Procfile.',
  ),
  QUANTITY_INVALID: usage<{ given: string }>(
    (p) => `"${p.given}" does not say how many to run.`,
    () => 'Write type=number, for example web=3 or worker+1; the limit is 100.',
  ),
  SIZE_INVALID: usage<{ given: string }>(
    (p) => `"${p.given}" is not a size.`,
    () => 'Write memory/cpus, for example web=512M/0.5. Memory from 32M to 64G, cpus from 0.05 to 64.',
  ),
};
