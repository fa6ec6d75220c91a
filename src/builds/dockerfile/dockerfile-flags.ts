import { fail } from '#errors';
import type { Instruction } from './dockerfile.ts';
import { expand, type Lookup } from './words.ts';

/** Options of a `--mount`, as it is after its variables. */
export type MountOptions = readonly (readonly [name: string, value: string | undefined])[];

/**
 * What Buildah 1.39 knows: the dispatchers of github.com/openshift/imagebuilder v1.2.15, and Buildah's
 * `internal/volumes` and `run_common.go`.
 */
const FLAGS: Readonly<Record<string, RegExp>> = {
  FROM: /^--platform=/,
  RUN: /^--(mount=|network=default$)/,
  COPY: /^--((from|chown|chmod|exclude)=|link(=true|=false)?$|parents=false$)/,
  ADD: /^--((chown|chmod|checksum|exclude)=|link(=true|=false)?$|keep-git-dir=false$)/,
  HEALTHCHECK: /^--(interval|timeout|start-period|start-interval|retries)=/,
};
const TARGET = '(target|dst|destination)=.+';
const RELABEL = '[zZU]';
const WRITABLE = 'rw|readwrite|ro|readonly';
const MOUNTS: Readonly<Record<string, RegExp>> = {
  bind: anyOf('type=bind', '(from|source|src)=.+', TARGET, WRITABLE, RELABEL, 'relabel=(shared|private)'),
  cache: anyOf(
    'type=cache',
    '(id|from|source|src)=.+',
    TARGET,
    WRITABLE,
    RELABEL,
    'sharing=(shared|locked)',
    'mode=[0-7]+',
    '[ug]id=\\d+',
  ),
  tmpfs: anyOf('type=tmpfs', TARGET, 'tmpfs-(size|mode)=.+', 'ro|readonly'),
  secret: anyOf(
    'type=secret',
    'id=.+',
    TARGET,
    'required(=(true|false|0|1))?',
    'mode=[0-7]+',
    '[ug]id=\\d+',
    'env=\\w+',
  ),
};

/** Throws DOCKERFILE_UNSUPPORTED with the first flag of an instruction that builds do not support. */
export function checkFlags({ name, flags, line }: Instruction, lookup: Lookup): void {
  const unsupported = (what: string): Error => fail('DOCKERFILE_UNSUPPORTED', { line, what });
  for (const flag of flags) {
    if (!FLAGS[name]?.test(flag)) throw unsupported(`${name} ${flag.slice(0, 80)}`);
    if (flag.startsWith('--chmod=') && !/^--chmod=(0?[0-7]{3,4}$|.*\$)/.test(flag))
      throw unsupported(`${name} ${flag.slice(0, 80)} (the mode must be octal)`);
    if (flag.startsWith('--mount=')) checkMount(mountOptions(flag, lookup, line), unsupported);
  }
}

/** Throws DOCKERFILE_UNSUPPORTED. */
export function mountOptions(flag: string, lookup: Lookup, line: number): MountOptions {
  const text = expand(flag.slice('--mount='.length), lookup)?.text;
  if (text === undefined) throw fail('DOCKERFILE_UNSUPPORTED', { line, what: `RUN ${flag.slice(0, 80)}` });
  return text.split(',').map((option) => {
    const at = option.indexOf('=');
    return at < 0 ? [option, undefined] : [option.slice(0, at), option.slice(at + 1)];
  });
}

function checkMount(options: MountOptions, unsupported: (what: string) => Error): void {
  const type = options.findLast(([name]) => name === 'type')?.[1] ?? 'bind';
  const known = Object.hasOwn(MOUNTS, type) ? MOUNTS[type] : undefined;
  if (!known) throw unsupported(`RUN --mount=type=${type.slice(0, 40)}`);
  for (const [name, value] of options) {
    const option = value === undefined ? name : `${name}=${value}`;
    if (!known.test(option)) throw unsupported(`RUN --mount=type=${type} with the option ${option.slice(0, 80)}`);
  }
}

function anyOf(...options: readonly string[]): RegExp {
  return new RegExp(`^(?:${options.join('|')})$`);
}
