import { parseDockerfile, withoutLink } from './dockerfile.ts';
import { secretMount, TARGET } from './dockerfile-secrets.ts';

/**
 * Writes for buildah 1.39 what it does not know: it has no `--link`, which only saves time, and no secret in an
 * environment variable (`env=`) or without an id. A step gets such a variable from a file that any user can read during
 * the step. Returns the text as it is if it has none of these; keeps the number of lines.
 */
export function forBuildah(text: string, parsed = parseDockerfile(text)): string {
  const { instructions } = parsed;
  const lines = (withoutLink(text, parsed) ?? text).split('\n');
  for (const [index, instruction] of instructions.entries()) {
    const [first, end] = [instruction.line - 1, (instructions[index + 1]?.line ?? lines.length + 1) - 1];
    if (!instruction.flags.some(isForeign)) continue;
    const translated = translate(lines.slice(first, end).join('\n'), instruction.flags);
    lines.splice(first, end - first, ...translated.split('\n'));
  }
  return lines.join('\n');
}

function isForeign(flag: string): boolean {
  const mount = secretMount(flag);
  return mount !== undefined && (mount.env !== undefined || !mount.options.some((option) => option.startsWith('id=')));
}

/** The exports go where the command begins: after the last flag. */
function translate(written: string, flags: readonly string[]): string {
  const exports: string[] = [];
  let [done, rest] = ['', written];
  for (const [index, flag] of flags.entries()) {
    const at = rest.indexOf(flag);
    if (at < 0) return written;
    done += rest.slice(0, at) + (isForeign(flag) ? translateFlag(flag, `/run/secrets/.env-${index}`, exports) : flag);
    rest = rest.slice(at + flag.length);
  }
  return [done, ...exports].join(' ') + rest;
}

function translateFlag(flag: string, file: string, exports: string[]): string {
  const { id, env, options } = secretMount(flag)!;
  const others = options.filter((option) => !option.startsWith('id='));
  if (env === undefined) return `--mount=${[`id=${id}`, ...others].join(',')}`;
  exports.push(`[ ! -e ${file} ] || export ${env}="$(cat ${file})";`);
  const kept = others.filter((option) => !['mode', ...TARGET].includes(option.split('=')[0]!));
  return `--mount=${[`id=${id}`, ...kept, `target=${file}`, 'mode=0444'].join(',')}`;
}
