import { dockerfileText, parseDockerfile, type Instruction } from './dockerfile.ts';

/** A Dockerfile in the words that the engine's own builder knows. */
export interface Translated {
  /** Missing when it says what the file says. */
  readonly text?: string;
  /** What was left out, which changes the time a build takes and nothing else. */
  readonly notices: readonly string[];
  /** The instruction that needs BuildKit, in short. */
  readonly refused?: string;
}

/** Flags that need BuildKit and cannot be done without. */
const BEYOND: readonly RegExp[] = [/^--chmod=/, /^--parents\b/, /^--exclude=/, /^--checksum=/, /^--keep-git-dir\b/, /^--security=/, /^--network=/, /^--device=/];

/**
 * The engine's builder is the classic one, which has limits for builds. Of BuildKit's additions those can be left out that
 * only save time: mounts of type `cache` (which may always be empty) and `--link`. Others are refused before anything runs.
 */
export function translateDockerfile(source: string): Translated {
  const { directives, instructions } = parseDockerfile(source);
  const refused = instructions.find(needsBuildKit);
  if (refused) return { notices: [], refused: shortly(refused) };
  const translated = instructions.map((each) => ({ ...each, flags: each.flags.filter((flag) => !savesTimeOnly(flag)) }));
  const left = [...new Set(instructions.flatMap(({ flags }) => flags.filter(savesTimeOnly).map((flag) => flag.split(',')[0]!)))];
  if (left.length === 0) return { notices: [] };
  return { text: dockerfileText({ directives, instructions: translated }), notices: [`Left out of the Dockerfile, which takes more time without: ${left.join(', ')}`] };
}

function savesTimeOnly(flag: string): boolean {
  return flag === '--link' || flag === '--link=true' || (flag.startsWith('--mount=') && mountType(flag) === 'cache');
}

function needsBuildKit({ name, flags, rest }: Instruction): boolean {
  if (flags.some((flag) => BEYOND.some((beyond) => beyond.test(flag)))) return true;
  if (flags.some((flag) => flag.startsWith('--mount=') && mountType(flag) !== 'cache')) return true;
  return ['RUN', 'COPY', 'ADD'].includes(name) && /(^|[\s;|&])<<-?["']?[A-Za-z_]/.test(rest.split('\n')[0] ?? '') && !rest.includes('<<<');
}

/** Docker's own default is `bind`. */
function mountType(flag: string): string {
  return /(?:^--mount=|,)type=([a-z]+)/.exec(flag)?.[1] ?? 'bind';
}

function shortly({ name, flags, rest }: Instruction): string {
  const text = [name, ...flags, rest.split('\n')[0]].join(' ');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
