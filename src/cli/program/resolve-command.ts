import { defined } from '#values/defined.ts';
import { nearestName } from '#values/edit-distance.ts';
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

/** Heroku's commands that have another name here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  status: 'ps',
  console: 'run',
  dyno: 'ps',
  'dyno:kill': 'ps:stop',
  'dyno:resize': 'ps:type',
  'dyno:restart': 'ps:restart',
  'dyno:scale': 'ps:scale',
  'dyno:stop': 'ps:stop',
  'run:inside': 'ps:exec',
  'apps:stacks': 'stack',
  'auth:login': 'login',
  'auth:logout': 'logout',
  'auth:token': 'tokens:create',
  'auth:whoami': 'whoami',
  accounts: 'contexts',
  authorizations: 'tokens',
  'authorizations:create': 'tokens:create',
  'authorizations:revoke': 'tokens:revoke',
  'ci:rerun': 'ci:run',
  'container:push': 'deploy',
  'container:release': 'deploy',
};

/** Returns COMMAND_UNKNOWN, with the most similar command or topic if it is close enough. */
export function unknownCommand(argv: readonly string[], ids: readonly string[], topics: readonly string[] = []): Error {
  const words = argv.filter((word) => !word.startsWith('-'));
  const command = words.slice(0, words[0]?.includes(':') ? 1 : 2).join(':') || (argv[0] ?? '');
  const [first = command] = words;
  const known = [...ids, ...topics];
  const nearest =
    own(ELSEWHERE, command) ?? own(ELSEWHERE, first) ?? nearestOf(command, known) ?? nearestOf(first, known);
  const topic = topics.find((name) => first.split(':')[0] === name);
  return fail('COMMAND_UNKNOWN', { command: first, ...defined({ nearest, topic }) });
}

/** Returns the most similar name; undefined if it has more than one mistake for each four letters. */
function nearestOf(typed: string, names: readonly string[]): string | undefined {
  const most = typed.length < 3 ? 0 : Math.max(1, Math.floor(typed.length / 4));
  return nearestName(typed, names, most);
}
