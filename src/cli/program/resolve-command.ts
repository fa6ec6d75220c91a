import { editDistance } from '#values/edit-distance.ts';
import { own } from '#values/own.ts';
import { fail } from '#errors';

interface Resolved {
  readonly id: string;
  readonly argv: readonly string[];
}

/**
 * Finds the command in an argument line: `config:set A=1` and `config set A=1` are the same. The longest prefix that is
 * a command wins, so `rollback v3` leaves `v3` to the command. Returns undefined if there is none.
 */
export function resolveCommand(argv: readonly string[], ids: ReadonlySet<string>): Resolved | undefined {
  const words: string[] = [];
  let found: Resolved | undefined;
  for (const word of argv) {
    if (word.startsWith('-') || words.length > 3) break;
    words.push(word);
    const id = words.join(':');
    if (ids.has(id)) found = { id, argv: argv.slice(words.length) };
    if (word.includes(':') && words.length === 1) break;
  }
  return found;
}

/** Finds a topic in the leading words, such as `cluster` in `cluster --help`. */
export function resolveTopic(argv: readonly string[], topics: readonly string[]): string | undefined {
  const words = argv.slice(
    0,
    argv.findIndex((word) => word.startsWith('-')) === -1
      ? argv.length
      : argv.findIndex((word) => word.startsWith('-')),
  );
  return topics.find((topic) => topic === words.join(':'));
}

/** Commands of other platforms that have another name here. */
const ELSEWHERE: Readonly<Record<string, string>> = { status: 'ps' };

/** Returns COMMAND_UNKNOWN, with the most similar command if it is close enough. */
export function unknownCommand(argv: readonly string[], ids: readonly string[]): Error {
  const words = argv.filter((word) => !word.startsWith('-'));
  const command = words.slice(0, words[0]?.includes(':') ? 1 : 2).join(':') || (argv[0] ?? '');
  const [first = command] = words;
  const candidates = ids.flatMap((id) => [
    { id, distance: Math.min(editDistance(id, command), editDistance(id, first) + 0.5) },
  ]);
  const nearest = candidates.sort((a, b) => a.distance - b.distance)[0];
  const same = own(ELSEWHERE, first);
  if (same) return fail('COMMAND_UNKNOWN', { command: first, nearest: same });
  return fail('COMMAND_UNKNOWN', {
    command: first,
    ...(first !== '' && nearest && nearest.distance <= 2 + first.length / 6 ? { nearest: nearest.id } : {}),
  });
}
