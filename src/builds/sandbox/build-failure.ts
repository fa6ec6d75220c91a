import { counted } from '#values/counted.ts';
import { fail } from '#errors';
import { inMegabytes } from '#values/size.ts';
import type { BuildLimits } from '../build.ts';
import { MOST_LINES, type BuildOutput } from './output.ts';
import type { Ending } from './ending.ts';

interface EndedBuild {
  readonly ending: Ending;
  readonly limits: BuildLimits;
  readonly output: BuildOutput;
  /** Files left by the build's driver. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names at the root of the source. */
  readonly root: readonly string[];
}

/** Returns the error of a failed build; undefined if it succeeded. */
export function verdictOn(build: EndedBuild): Error | undefined {
  const { ending, limits, texts } = build;
  const killed = killedBy(ending, limits);
  if (killed || ending.by !== 'itself') return killed;
  if (ending.exitCode === 0) return undefined;
  const memory = inMegabytes(limits.memoryBytes);
  if (ending.oomKilled || Number(texts.get('oom') ?? 0) > 0)
    return fail('BUILD_KILLED', { why: `it exceeded its memory limit of ${memory}` });
  return failed(build, ending.exitCode);
}

/** Returns the error of an exceeded limit; undefined for a build that ended by itself. */
export function killedBy(ending: Ending, limits: BuildLimits): Error | undefined {
  if (ending.by === 'time') return fail('BUILD_KILLED', { why: `it took longer than ${duration(limits.seconds)}` });
  if (ending.by === 'disk')
    return fail('BUILD_KILLED', {
      why: `it used ${inMegabytes(ending.usedBytes)} of disk; the limit is ${inMegabytes(limits.diskBytes)}`,
    });
  if (ending.by === 'processes') return tooManyProcesses(limits);
  if (ending.by === 'output')
    return fail('BUILD_KILLED', {
      why: `it printed more than ${inMegabytes(limits.outputBytes)} or ${counted(MOST_LINES, 'lines')}`,
    });
  return undefined;
}

/** By the first word that the build's driver leaves; `name`: the other words. */
const REFUSALS = new Map<string, (name: string, build: EndedBuild) => Error>([
  ['nothing-detected', (_name, { root }) => fail('NOTHING_DETECTED', { found: found(root) })],
  ['unknown', (name, { texts }) => fail('BUILDPACK_UNKNOWN', { name, known: linesOf(texts.get('known')) })],
  ['unreachable', (name, { output }) => fail('BUILDPACK_UNREACHABLE', { name, why: lastLine(output) })],
  ['no-tests', (buildpack) => fail('NO_TESTS', { buildpack })],
  ['namespaces', (setting) => fail('DOCKERFILE_NAMESPACES_FORBIDDEN', { setting })],
  ['refused', (name) => fail('BUILDPACK_REFUSED', { name })],
]);

const STEPS = ['compile', 'test-compile', 'release'];

function failed(build: EndedBuild, exitCode: number): Error {
  const { texts, output, limits } = build;
  const [what = '', ...rest] = (texts.get('failure') ?? '').trim().split(' ');
  const refusal = REFUSALS.get(what)?.(rest.join(' '), build);
  if (refusal) return refusal;
  if (Number(texts.get('pids') ?? 0) > 0) return tooManyProcesses(limits);
  const [program, code] = STEPS.includes(what)
    ? [`bin/${what} of ${rest.slice(1).join(' ')}`, rest[0] ?? '?']
    : ['it', exitCode];
  const lines = output.tail;
  const reason = reasonIn(lines);
  if (reason) return fail('BUILD_FAILED', { what: reason, lines: [] });
  return fail('BUILD_FAILED', { what: `${program} ended with exit code ${code}${wall(lines)}`, lines });
}

/** The last line if it is a buildpack's ` !     REASON` that needs none of the lines above it. */
function reasonIn(lines: readonly string[]): string | undefined {
  const [last = '', before = ''] = lines.toReversed();
  const reason = /^ !\s+(\S.*?)\.?$/.exec(last)?.[1];
  return before.startsWith(' !') || reason?.includes('above') ? undefined : reason;
}

function linesOf(text = ''): string[] {
  return text.split('\n').filter(Boolean);
}

function lastLine({ tail }: BuildOutput): string {
  return (tail.at(-1) ?? 'no response').replace(/\.$/, '');
}

/** Explains an unreachable service that the last lines mention: `; builds …`. */
export function wall(lines: readonly string[]): string {
  const text = lines.join('\n');
  if (text.includes('169.254.169.254')) return "; builds cannot reach the machine's metadata service";
  if (/docker\.sock|docker daemon/i.test(text)) return '; builds have no Docker socket';
  return '';
}

function tooManyProcesses({ pids }: BuildLimits): Error {
  return fail('BUILD_KILLED', { why: `it had ${pids} of ${pids} processes and wanted more` });
}

function found(root: readonly string[]): string {
  const names = [...root]
    .sort()
    .slice(0, 8)
    .map((name) => name.slice(0, 60));
  const more = root.length - names.length;
  return `Found: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

function duration(seconds: number): string {
  return seconds % 60 === 0 ? counted(seconds / 60, 'minutes') : counted(seconds, 'seconds');
}
