import type { Instruction } from './dockerfile.ts';
import { own } from '#values/own.ts';
import { defined } from '#values/defined.ts';

/** A secret used by a step. */
export interface SecretMount {
  readonly id: string;
  /** Absolute path of a link to it during the step; omitted if only `env` is used. */
  readonly target?: string;
  /** Environment variable with its content during the step. */
  readonly env?: string;
  readonly required: boolean;
  readonly owner: string;
  readonly mode: string;
}

/** A step with secrets for the classic builder: it waits until they are available. */
export interface SecretStep {
  readonly mounts: readonly SecretMount[];
  readonly instruction: Instruction;
  /** The text inserted before the step's command, and what it replaced. */
  readonly prefix: string;
  readonly flags: string;
}

/** In memory and in no layer; every step's container has it. */
const SECRETS_FOLDER = '/dev/shm';
export const SECRETS_READY = `${SECRETS_FOLDER}/.mothership`;
const MARK = /^: mothership-secrets-(\d{1,3});/;
const ID = /^[\w.-]{1,100}$/;
const PATH = /^\/[\w./-]{1,200}$/;

/** Allowed values of each option; others are rejected. */
const OPTIONS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    type: /^secret$/,
    id: ID,
    target: PATH,
    dst: PATH,
    destination: PATH,
    env: /^[A-Za-z_]\w*$/,
    required: /^(true|false|0|1)$/,
    uid: /^\d+$/,
    gid: /^\d+$/,
    mode: /^[0-7]{3,4}$/,
  }),
);

/** Parses `--mount=type=secret,…`; undefined if it is not supported. */
export function secretMount(flag: string): SecretMount | undefined {
  const pairs = flag
    .slice('--mount='.length)
    .split(',')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, 'true'] : [pair.slice(0, at), pair.slice(at + 1)];
    });
  if (!pairs.every(([key, value]) => OPTIONS.get(key)?.test(value))) return undefined;
  const {
    id,
    target,
    dst = target,
    destination = dst,
    env,
    required = 'false',
    uid = '0',
    gid = '0',
    mode = '0400',
  } = Object.fromEntries(pairs);
  const name = id ?? destination?.split('/').at(-1) ?? '';
  if (!ID.test(name)) return undefined;
  const path = destination ?? (env === undefined ? `/run/secrets/${name}` : undefined);
  return {
    id: name,
    required: /true|1/.test(required),
    owner: `${uid}:${gid}`,
    mode,
    ...defined({ target: path || undefined, env: env || undefined }),
  };
}

/** Returns step `index` with a wait for its secrets before its command. */
export function secretStep(instruction: Instruction, index: number): SecretStep | undefined {
  const isSecret = (flag: string): boolean => /^--mount=([^,]+,)*type=secret(,|$)/.test(flag);
  const wanted = instruction.flags.filter(isSecret);
  const mounts = wanted.map(secretMount);
  // The exec form runs without a shell that could wait.
  if (instruction.name !== 'RUN' || mounts.includes(undefined) || instruction.rest.startsWith('[')) return undefined;
  const known = mounts as SecretMount[];
  const prefix = [
    `: mothership-secrets-${index};`,
    `(n=0; until [ -e ${SECRETS_READY} ]; do n=$((n+1)); [ $n -lt 600 ] || exit 1; sleep 0.1; done) || exit 97;`,
    ...known.flatMap(({ id, env }) =>
      env ? [`[ ! -e ${SECRETS_FOLDER}/${id} ] || export ${env}="$(cat ${SECRETS_FOLDER}/${id})";`] : [],
    ),
    `trap 'rm -f ${known.flatMap(({ target }) => target ?? []).join(' ')} 2>/dev/null' 0;`,
  ].join(' ');
  const flags = instruction.flags.filter((flag) => !isSecret(flag));
  return {
    mounts: known,
    prefix,
    flags: wanted.join(' '),
    instruction: { ...instruction, flags, rest: `${prefix} ${instruction.rest}` },
  };
}

/** Returns the number of a secret step from the text that `secretStep` inserted. */
export function secretIndex(step: string): number | undefined {
  const found = MARK.exec(step.replace(/^Step \d+\/\d+ : RUN /, ''));
  return found ? Number(found[1]) : undefined;
}

/** Returns the config var for a secret id: the id itself, or NPM_TOKEN for `npm-token`. */
export function secretOf(id: string, config: Readonly<Record<string, string>>): string | undefined {
  return own(config, id) ?? own(config, id.toUpperCase().replace(/[^A-Z0-9]/g, '_'));
}

/** A `sh` script that reads a secret from stdin. Arguments: id, owner, mode, and optionally the path of the link. */
export const PLACE_SECRET = [
  'umask 077',
  `cat > ${SECRETS_FOLDER}/"$1"`,
  `chown "$2" ${SECRETS_FOLDER}/"$1" && chmod "$3" ${SECRETS_FOLDER}/"$1"`,
  `[ -z "$4" ] || { umask 022; mkdir -p "$(dirname "$4")" && ln -s ${SECRETS_FOLDER}/"$1" "$4"; }`,
].join('\n');
