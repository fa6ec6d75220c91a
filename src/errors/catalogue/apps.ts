import { failure, usage } from '../entry.ts';

export const apps = {
  APP_NOT_FOUND: failure<{ app: string }>(
    404,
    'user',
    (p) => `Cannot find the app "${p.app}".`,
    'List apps with `mothership apps`, or create it with `mothership apps:create`.',
  ),
  APP_EXISTS: failure<{ app: string }>(
    409,
    'user',
    (p) => `The name "${p.app}" is already taken.`,
    'Choose a different name.',
  ),
  APP_NAME_INVALID: usage<{ name: string; why: string }>(
    (p) => `"${p.name}" is not a valid app name: ${p.why}.`,
    'Use 2 to 30 lower-case letters, digits and dashes; start with a letter and end with a letter or digit.',
  ),
  STACK_UNKNOWN: usage<{ stack: string; known: string[] }>(
    (p) => `This cluster has no stack "${p.stack}". Available stacks: ${p.known.join(', ')}.`,
  ),
  APP_BUSY: failure<{ app: string; operation: string; by: string; seconds: number }>(
    409,
    'user',
    (p) => `"${p.app}" is busy: ${p.operation} by ${p.by}, started ${p.seconds} s ago.`,
    'Wait for it to finish; check on it with `mothership releases` and `mothership builds`.',
  ),
  APP_HAS_NO_RELEASE: failure<{ app: string }>(
    409,
    'user',
    (p) => `"${p.app}" has not been deployed yet.`,
    'Run `mothership deploy` in its folder.',
  ),
  CONFIRM_MISMATCH: usage<{ app: string; given: string }>(
    (p) => `Confirmation does not match: expected "${p.app}", got "${p.given}".`,
    (p) => `Run the command again with --confirm ${p.app}.`,
  ),
  CONFIG_KEY_INVALID: usage<{ key: string }>(
    (p) => `"${p.key}" is not a valid config var name.`,
    'Use letters, digits and underscores; do not start with a digit.',
  ),
  CONFIG_KEY_RESERVED: usage<{ key: string; owner: string }>(
    (p) => `${p.owner} sets ${p.key} for each process; a config var cannot change it.`,
    'Use another name.',
  ),
  CONFIG_SETTING_UNKNOWN: usage<{ key: string; similar: string | undefined }>(
    (p) => `Mothership has no setting ${p.key}, and names that start with MOTHERSHIP_ are reserved for its settings.`,
    (p) => (p.similar ? `Did you mean ${p.similar}?` : 'Use another name.'),
  ),
  CONFIG_NUMBER_INVALID: usage<{ key: string; range: string }>((p) => `${p.key} must be ${p.range}.`),
  CONFIG_TOO_LARGE: usage<{ what: string; size: string; limit: string }>(
    (p) => `The config vars are too large: ${p.what} is ${p.size}, but the limit is ${p.limit}.`,
    'Keep large values in a file of the app or in a backing service, and put only their address in a config var.',
    413,
  ),
  CONFIG_TOO_MANY: usage<{ count: number; limit: number }>(
    (p) => `Too many config vars: ${p.count}, but the limit is ${p.limit}.`,
    'Unset the ones you do not need, or combine them into one JSON value.',
    413,
  ),
  CONFIG_VALUE_INVALID: usage<{ key: string; why: string }>(
    (p) => `The value of ${p.key} ${p.why}; config vars are text.`,
    'Encode binary data, for example with base64.',
  ),
  CONFIG_KEY_MISSING: failure<{ key: string; app: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no config var ${p.key}.`,
    'List them with `mothership config`.',
  ),
  DOMAIN_INVALID: usage<{ domain: string }>(
    (p) => `"${p.domain}" is not a valid host name.`,
    'Use a name such as www.example.com or *.example.com, without scheme, port or path.',
  ),
  DOMAIN_TAKEN: failure<{ domain: string; owner: string }>(
    409,
    'user',
    (p) => `The domain ${p.domain} is already used by ${p.owner}.`,
    (p) => `Remove it there first with \`mothership domains:remove ${p.domain} -a ${p.owner}\`.`,
  ),
  DOMAIN_SET_ALREADY: failure<{ domain: string; app: string }>(
    409,
    'user',
    (p) => `The domain ${p.domain} is already set on ${p.app}.`,
  ),
  DOMAIN_IS_DEFAULT: failure<{ domain: string; app: string }>(
    409,
    'user',
    (p) => `${p.domain} is the default domain of ${p.app}, which always has it.`,
    'Choose another domain.',
  ),
  DOMAIN_STAYS: failure<{ domain: string; app: string }>(
    409,
    'user',
    (p) => `${p.domain} is the default domain of ${p.app} and cannot be removed.`,
    'It changes with the name of the app (`mothership apps:rename`). `mothership maintenance:on` keeps visitors out.',
  ),
  DOMAIN_OF_PLATFORM: failure<{ domain: string }>(
    409,
    'user',
    (p) =>
      p.domain.startsWith('*.')
        ? `${p.domain} covers names that belong to the platform.`
        : `The platform itself uses ${p.domain}.`,
    'Choose another domain.',
  ),
  DOMAIN_RESERVED: failure<{ domain: string; owner: string }>(
    409,
    'user',
    (p) => `The domain ${p.domain} is under the default domain of ${p.owner}, which owns all names there.`,
    () => 'Choose a domain that is not under the default domain of another app.',
  ),
  DOMAINS_TOO_MANY: usage<{ limit: number }>(
    (p) => `An app can have at most ${p.limit} domains.`,
    'Use a wildcard such as *.example.com.',
  ),
  DOMAIN_NOT_FOUND: failure<{ domain: string; app: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no domain ${p.domain}.`,
    'List its domains with `mothership domains`.',
  ),
  PROCFILE_INVALID: usage<{ line: number; text: string; why: string }>(
    (p) => `Procfile line ${p.line}: ${p.why}: ${p.text}`,
    'Each line has the form `type: command`, for example `web: node server.js`.',
  ),
  PROCESS_TYPE_UNKNOWN: usage<{ type: string; known: string[] }>(
    (p) => `Cannot find the process type "${p.type}". Available types: ${p.known.join(', ') || 'none'}.`,
    (p) => {
      const [, ofProcess] = /^(.+)\.\d+$/.exec(p.type) ?? [];
      if (ofProcess !== undefined && p.known.includes(ofProcess))
        return `This is for all processes of a type: use "${ofProcess}" instead of "${p.type}".`;
      const spelled = p.known.find((type) => type.toLowerCase() === p.type.toLowerCase());
      return spelled
        ? `The Procfile says "${spelled}": upper and lower case are different types. Change the Procfile and deploy.`
        : 'Process types come from the Procfile. To add one, add a line `TYPE: COMMAND` to it and deploy.';
    },
  ),
  QUANTITY_INVALID: usage<{ given: string }>(
    (p) => `"${p.given}" is not a valid quantity.`,
    'Use TYPE=NUMBER, for example web=3 or worker+1; the limit is 100.',
  ),
  SIZE_INVALID: usage<{ given: string }>(
    (p) => `"${p.given}" is not a valid size.`,
    'Use MEMORY/CPUS, for example web=512M/0.5. Memory ranges from 32M to 64G, CPUs from 0.05 to 64.',
  ),
};
