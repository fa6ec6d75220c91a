import { secretStep, type SecretStep } from './dockerfile-secrets.ts';
import { dockerfileText, parseDockerfile, type Instruction } from './dockerfile.ts';

/** A Dockerfile translated for the engine's classic builder. */
export interface Translated {
  /** Omitted if unchanged. */
  readonly text?: string;
  /** Steps with secrets, by the number in their text. */
  readonly secretSteps: readonly SecretStep[];
  /** What was dropped; affects only build time. */
  readonly notices: readonly string[];
  /** The instruction that requires BuildKit, shortened. */
  readonly refused?: string;
}

/** Flags that require BuildKit and cannot be dropped. */
const BEYOND: readonly RegExp[] = [
  /^--chmod=/,
  /^--parents\b/,
  /^--exclude=/,
  /^--checksum=/,
  /^--keep-git-dir\b/,
  /^--security=/,
  /^--network=/,
  /^--device=/,
];

/**
 * Translates a Dockerfile for the classic builder, which can limit builds. BuildKit features that only save time are
 * dropped: cache mounts (which may always be empty) and `--link`. Secret mounts become steps that wait for their
 * secrets. Everything else is rejected before anything runs.
 */
export function translateDockerfile(source: string): Translated {
  const { directives, instructions } = parseDockerfile(source);
  const refused = instructions.find(needsBuildKit);
  if (refused) return { notices: [], secretSteps: [], refused: shortly(refused) };
  const secretSteps: SecretStep[] = [];
  const translated = instructions.map((each) => {
    const step = each.flags.some(isSecret) ? secretStep(each, secretSteps.length) : undefined;
    if (step) secretSteps.push(step);
    const { name, flags, rest } = step?.instruction ?? each;
    return { name, flags: flags.filter((flag) => !savesTimeOnly(flag)), rest };
  });
  const left = [
    ...new Set(instructions.flatMap(({ flags }) => flags.filter(savesTimeOnly).map((flag) => flag.split(',')[0]!))),
  ];
  const notices =
    left.length > 0 ? [`Left out of the Dockerfile, which takes more time without: ${left.join(', ')}`] : [];
  if (left.length === 0 && secretSteps.length === 0) return { notices, secretSteps };
  return { text: dockerfileText({ directives, instructions: translated }), notices, secretSteps };
}

/** Restores the original text in the engine's messages about a translated step. */
export function asWritten(text: string, { secretSteps }: Pick<Translated, 'secretSteps'>): string {
  return secretSteps.reduce((said, { prefix, flags }) => said.replaceAll(prefix, flags), text);
}

function savesTimeOnly(flag: string): boolean {
  return flag === '--link' || flag === '--link=true' || (flag.startsWith('--mount=') && mountType(flag) === 'cache');
}

function isSecret(flag: string): boolean {
  return flag.startsWith('--mount=') && mountType(flag) === 'secret';
}

function needsBuildKit(instruction: Instruction): boolean {
  const { name, flags, rest } = instruction;
  if (flags.some((flag) => BEYOND.some((beyond) => beyond.test(flag)))) return true;
  if (flags.some((flag) => flag.startsWith('--mount=') && !['cache', 'secret'].includes(mountType(flag)))) return true;
  if (flags.some(isSecret) && !secretStep(instruction, 0)) return true;
  return (
    ['RUN', 'COPY', 'ADD'].includes(name) &&
    /(^|[\s;|&])<<-?["']?[A-Za-z_]/.test(rest.split('\n')[0] ?? '') &&
    !rest.includes('<<<')
  );
}

/** Docker's default is `bind`. */
function mountType(flag: string): string {
  return /(?:^--mount=|,)type=([a-z]+)/.exec(flag)?.[1] ?? 'bind';
}

function shortly({ name, flags, rest }: Instruction): string {
  const text = [name, ...flags, rest.split('\n')[0]].join(' ');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
