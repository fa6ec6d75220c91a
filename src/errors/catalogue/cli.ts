import { ExitCode, failure, usage } from '../entry.ts';

const GET_A_CONTEXT = 'Create a cluster with `mothership setup`, or log in to one with `mothership login URL`.';

const lastName = (path: string): string => path.split('/').at(-1) ?? path;

export const cli = {
  USAGE_INVALID: usage<{ why: string; command: string }>(
    (p) => `${p.why}.`,
    (p) => `See \`mothership ${p.command ? `${p.command} ` : ''}--help\`.`,
  ),
  ARGUMENT_EMPTY: usage<{ expected: string }>(
    (p) => `An argument is empty. Expected: ${p.expected}.`,
    'Check the shell variable that it comes from.',
  ),
  CLI_BROKEN: failure<{ why: string }>(
    500,
    'platform',
    (p) => `Internal error in the command line: ${p.why}.`,
    'Run the command again with MOTHERSHIP_DEBUG=1 for details.',
  ),
  COMMAND_UNKNOWN: usage<{ command: string; nearest?: string; topic?: string }>(
    (p) =>
      `${p.command || '""'} is not a mothership command.` +
      (p.nearest ? ` Did you mean \`mothership ${p.nearest}\`?` : ''),
    (p) =>
      `List ${p.topic ? `its commands with \`mothership help ${p.topic}\`` : 'all commands with `mothership help`'}.`,
  ),
  ANSWER_NEEDED: usage<{ question: string; flag: string }>(
    (p) => `Cannot prompt without a terminal: ${p.question}`,
    (p) => `Use ${p.flag}.`,
  ),
  APP_NEEDED: usage<Record<string, never>>(
    'Missing app.',
    'Specify one with -a APP or MOTHERSHIP_APP, or run the command in a folder with a .mothership.json.',
  ),
  CONTEXT_NEEDED: failure<Record<string, never>>(401, 'user', 'Not logged in to a cluster.', GET_A_CONTEXT),
  CONTEXT_UNKNOWN: usage<{ context: string; known: string[] }>(
    (p) => `Cannot find the context "${p.context}". Available contexts: ${p.known.join(', ') || 'none'}.`,
    (p) => (p.known.length > 0 ? 'List them with `mothership contexts`.' : GET_A_CONTEXT),
  ),
  CONTEXT_UNFINISHED: failure<{ context: string }>(
    409,
    'user',
    (p) => `Setup of the cluster "${p.context}" has not finished.`,
    (p) =>
      `Run \`mothership setup\` again with the same flags to continue, or remove what exists with ` +
      `\`mothership cluster:destroy --context ${p.context}\`.`,
  ),
  CONTEXT_TAKEN: failure<{ context: string; url: string }>(
    409,
    'user',
    (p) => `The context "${p.context}" is the cluster at ${p.url}, whose machines were set up here.`,
    'Save the login under another name with --name.',
  ),
  CONTEXT_NOT_NAMED: usage<Record<string, never>>(
    "This command needs a context, but MOTHERSHIP_URL specifies only the cluster's URL.",
    'Specify a context with --context, or unset MOTHERSHIP_URL.',
  ),
  CONTEXT_ELSEWHERE: failure<{ context: string; url: string; where: string; found?: string }>(
    409,
    'user',
    (p) =>
      p.found === undefined
        ? `The cluster "${p.context}" (${p.url}) is not on the Docker Engine at ${p.where}.`
        : `The cluster "${p.context}" (${p.url}) is not the one at ${p.where}, which is "${p.found}".`,
    (p) =>
      `Run the command where you set up "${p.context}".` +
      (p.found === undefined
        ? ''
        : ` To work on "${p.found}", first run \`mothership setup --name ${p.found}\`, which saves its context.`),
  ),
  CONTEXTS_BROKEN: failure<{ file: string; why: string }>(
    422,
    'user',
    (p) => `Cannot read ${p.file}: ${p.why}.`,
    'Fix it, or delete it and run `mothership login` again.',
  ),
  URL_INVALID: usage<{ given: string }>(
    (p) => `"${p.given}" is not a valid cluster URL.`,
    'Use a URL such as https://mothership.example.com.',
  ),
  PROJECT_FILE_BROKEN: usage<{ file: string; why: string }>(
    (p) => `Cannot read ${p.file}: ${p.why}.`,
    'It should look like {"app": "NAME"}.',
  ),
  CONTROLLER_UNREACHABLE: failure<{ url: string; why: string }>(
    503,
    'platform',
    (p) => `Cannot reach the cluster at ${p.url}: ${p.why}.`,
    'Check the network and the URL (`mothership contexts`). On a manager, run `mothership doctor`.',
  ),
  CONTROLLER_STRANGE: failure<{ url: string; status: number }>(
    502,
    'platform',
    (p) => `${p.url} responded with ${p.status}, which is not a response from Mothership.`,
    'Check the URL with `mothership contexts`.',
  ),
  CONTROLLER_MISMATCHED: failure<{ url: string }>(
    502,
    'platform',
    (p) => `${p.url} responded in a form that this version does not know.`,
    'Another program or another version of Mothership answers there. Compare `mothership version` with the cluster, ' +
      'and check the URL with `mothership contexts`.',
  ),
  CONNECTION_LOST: failure<{ what: string; seconds: number }>(
    503,
    'platform',
    (p) => `Lost the connection for ${p.seconds} s; ${p.what} may still be running.`,
    'Check on it with `mothership releases` and `mothership builds`.',
    ExitCode.running,
  ),
  FILE_NOT_FOUND: usage<{ file: string; kind: 'file' | 'folder' }>(
    (p) => `There is no ${p.kind} ${p.file}.`,
    'Check the path.',
  ),
  FILE_UNREADABLE: usage<{ file: string; why: string }>(
    (p) => `Cannot read ${p.file}: ${p.why}.`,
    'Check the path and its permissions.',
  ),
  SOURCE_UNREADABLE: usage<{ file: string; why: string }>(
    (p) => `Cannot read ${p.file}: ${p.why}.`,
    'Make it readable, or exclude it with .slugignore.',
  ),
  SOURCE_NAME_INVALID: usage<{ file: string; what: 'the name' | 'the target of the link' }>(
    (p) => `Cannot deploy ${p.file}: ${p.what} is not valid UTF-8.`,
    (p) => `Rename it, or exclude it with this line in .slugignore: ${lastName(p.file).replaceAll('\uFFFD', '*')}`,
  ),
  SUBMODULE_MISSING: usage<{ path: string; commit: string; ref: string }>(
    (p) => `Cannot deploy "${p.ref}": its submodule ${p.path} is not here at commit ${p.commit.slice(0, 12)}.`,
    (p) =>
      `Run \`git submodule update --init --recursive\`, and \`git -C ${p.path} fetch\` if it lacks the commit; or ` +
      'exclude it with .slugignore.',
  ),
  FOLDER_GONE: usage<Record<string, never>>(
    'The current folder no longer exists.',
    'Change to another folder, then run the command again.',
  ),
  FOLDER_PRIVATE: usage<{ folder: string }>(
    (p) => `Refusing to upload ${p.folder}: it contains more than an app, such as keys and passwords.`,
    'Move the app into a folder of its own, then run the command there or specify the folder with --path.',
  ),
  FOLDER_EMPTY: usage<{ folder: string }>(
    (p) => `Nothing to deploy in ${p.folder}.`,
    "Run the command in the app's folder, or specify it with --path. Files in .gitignore and " +
      '.slugignore are not uploaded.',
  ),
  GIT_FAILED: usage<{ what: string; why: string }>(
    (p) => `git failed to ${p.what}: ${p.why}.`,
    'Specify a branch, tag or commit of the repository in this folder.',
  ),
  TEXT_INVALID: usage<{ where: string }>(
    (p) => `${p.where} is not UTF-8 text.`,
    'Save text as UTF-8, and encode binary data, for example with base64.',
  ),
  ENV_LINE_INVALID: usage<{ where: string; text: string }>((p) => `${p.where} is not KEY=VALUE: ${p.text}`),
  EDITOR_FAILED: failure<{ editor: string; why: string }>(
    422,
    'user',
    (p) => `The editor ${p.editor} ${p.why}; nothing was changed.`,
    'Set VISUAL or EDITOR to use another one.',
  ),
  BROWSER_FAILED: failure<{ url: string }>(422, 'user', (p) => `Could not open a browser for ${p.url}.`),
  RUN_FAILED: failure<{ why: string }>(502, 'platform', (p) => `Lost the connection to the process: ${p.why}.`),
};
