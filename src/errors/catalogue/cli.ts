import { ExitCode, failure, usage } from '../entry.ts';

export const cli = {
  USAGE_INVALID: usage<{ why: string; command: string }>(
    (p) => `${p.why}.`,
    (p) => `See \`mothership ${p.command} --help\`.`,
  ),
  CLI_BROKEN: failure<{ why: string }>(
    500,
    'platform',
    (p) => `The command line made a mistake: ${p.why}.`,
    () => 'Repeat the command with MOTHERSHIP_DEBUG=1 to see where.',
  ),
  COMMAND_UNKNOWN: usage<{ command: string; nearest?: string }>(
    (p) => `There is no command "${p.command}".`,
    (p) => (p.nearest ? `Did you mean \`mothership ${p.nearest}\`?` : 'List the commands with `mothership help`.'),
  ),
  ANSWER_NEEDED: usage<{ question: string; flag: string }>(
    (p) => `This needs an answer and there is no terminal to ask on: ${p.question}`,
    (p) => `Give it with ${p.flag}.`,
  ),
  APP_NEEDED: usage<Record<string, never>>(
    () => 'No app was named.',
    () => 'Use -a APP, set MOTHERSHIP_APP, or work in a folder with a .mothership.json.',
  ),
  CONTEXT_NEEDED: failure<Record<string, never>>(
    401,
    'user',
    () => 'This machine knows no cluster yet.',
    () => 'Make one with `mothership setup`, or use one with `mothership login URL`.',
  ),
  CONTEXT_UNKNOWN: usage<{ context: string; known: string[] }>(
    (p) => `There is no context "${p.context}"; there are: ${p.known.join(', ') || 'none'}.`,
    () => 'List them with `mothership contexts`.',
  ),
  CONTEXTS_BROKEN: failure<{ file: string; why: string }>(
    422,
    'user',
    (p) => `${p.file} cannot be read: ${p.why}.`,
    () => 'Repair it, or remove it and log in again with `mothership login`.',
  ),
  URL_INVALID: usage<{ given: string }>(
    (p) => `"${p.given}" is not the address of a cluster.`,
    () => 'Give it as https://mothership.example.com.',
  ),
  PROJECT_FILE_BROKEN: usage<{ file: string; why: string }>(
    (p) => `${p.file} cannot be read: ${p.why}.`,
    () => 'It should be {"app": "NAME"}.',
  ),
  CONTROLLER_UNREACHABLE: failure<{ url: string; why: string }>(
    503,
    'platform',
    (p) => `The cluster at ${p.url} does not answer: ${p.why}.`,
    () =>
      "Check the network and the address (`mothership contexts`); on the cluster's machine, `mothership doctor` says what is wrong.",
  ),
  CONTROLLER_STRANGE: failure<{ url: string; status: number }>(
    502,
    'platform',
    (p) => `${p.url} answered ${p.status}, but not as a cluster does.`,
    () => 'Check the address with `mothership contexts`.',
  ),
  CONNECTION_LOST: failure<{ what: string; seconds: number }>(
    503,
    'platform',
    (p) => `The connection was lost and did not come back for ${p.seconds} s; ${p.what} may go on.`,
    () => 'Look at it with `mothership releases` and `mothership builds`.',
    ExitCode.running,
  ),
  FILE_UNREADABLE: usage<{ file: string; why: string }>(
    (p) => `${p.file} cannot be read: ${p.why}.`,
    () => 'Change its permissions, or name it in .slugignore to leave it out.',
  ),
  FOLDER_EMPTY: usage<{ folder: string }>(
    (p) => `There is nothing to deploy in ${p.folder}.`,
    () => "Go to the app's folder, or name it with --path. Files in .gitignore and .slugignore are not sent.",
  ),
  GIT_FAILED: usage<{ what: string; why: string }>(
    (p) => `git could not ${p.what}: ${p.why}.`,
    () => 'Give a branch, tag or commit of the repository in this folder.',
  ),
  ENV_LINE_INVALID: usage<{ where: string; text: string }>((p) => `${p.where} is not KEY=VALUE: ${p.text}`),
  EDITOR_FAILED: failure<{ editor: string; why: string }>(
    422,
    'user',
    (p) => `The editor ${p.editor} ${p.why}; nothing was changed.`,
    () => 'Choose another with VISUAL or EDITOR.',
  ),
  BROWSER_FAILED: failure<{ url: string }>(422, 'user', (p) => `No browser could be started for ${p.url}.`),
  RUN_FAILED: failure<{ why: string }>(502, 'platform', (p) => `The process could not be followed: ${p.why}.`),
};
