import { failure, usage } from '../entry.ts';

export const builds = {
  ARCHIVE_INVALID: usage<{ why: string }>(
    (p) => `The source cannot be unpacked: ${p.why}.`,
    () => "Deploy from the app's folder; links in it must stay within it.",
  ),
  ARCHIVE_TOO_LARGE: usage<{ what: string; limit: string }>(
    (p) => `The source is too large: ${p.what}; the limit is ${p.limit}.`,
    () => 'List what the app does not need in .slugignore.',
    413,
  ),
  SOURCE_INCOMPLETE: failure<Record<string, never>>(
    409,
    'user',
    () => 'Files of the source are not here any more.',
    () => 'Send the whole source as one archive.',
  ),
  NOTHING_DETECTED: failure<{ found: string }>(
    422,
    'app',
    (p) => `Nothing here says how to build or run this app. ${p.found}`,
    () =>
      'Add one of: a Procfile (`web: command`), a package.json (Node.js), an index.html or static.json (a static site), or a Dockerfile.',
  ),
  NO_PROCESS_TYPES: failure<{ buildpack: string }>(
    422,
    'app',
    (p) => `The app was built by ${p.buildpack}, but nothing says what to run.`,
    () => 'Add a Procfile with a line such as `web: node server.js`.',
  ),
  BUILDPACK_UNKNOWN: usage<{ name: string; known: readonly string[] }>(
    (p) => `There is no buildpack "${p.name}"; this stack has: ${p.known.join(', ') || 'none'}.`,
    () => 'Choose with `mothership buildpacks:set`.',
  ),
  BUILDPACK_INVALID: usage<{ name: string; why: string }>(
    (p) => `"${p.name}" cannot be a buildpack: ${p.why}.`,
    () =>
      'Give a name (`nodejs`, `heroku/nodejs`), a Git URL (`https://example.com/buildpack#v1`) or an archive (`https://example.com/buildpack.tgz`).',
  ),
  BUILDPACK_SET_ALREADY: usage<{ app: string; name: string }>(
    (p) => `The buildpack "${p.name}" is already set on ${p.app}.`,
    undefined,
    409,
  ),
  BUILDPACK_NOT_SET: usage<{ app: string; name: string; known: readonly string[] }>(
    (p) =>
      `${p.app} has no buildpack ${p.name}${p.known.length > 0 ? `; it has: ${p.known.join(', ')}` : ': none is set'}.`,
    () => 'See `mothership buildpacks`.',
    404,
  ),
  BUILDPACKS_TOO_MANY: usage<{ limit: number }>((p) => `An app has at most ${p.limit} buildpacks.`),
  BUILDPACK_UNREACHABLE: failure<{ name: string; why: string }>(
    422,
    'app',
    (p) => `The buildpack "${p.name}" cannot be fetched: ${p.why}.`,
    () => "See its URL with `mothership buildpacks:info`; the cluster's machines must reach it.",
  ),
  APP_JSON_INVALID: usage<{ where: string; why: string }>((p) => `app.json cannot be used: ${p.where} ${p.why}.`),
  APP_JSON_ENV_MISSING: usage<{ keys: readonly string[] }>(
    (p) => `app.json requires config vars that are not set: ${p.keys.join(', ')}.`,
    (p) => `Set them first: mothership config:set ${p.keys.map((key) => `${key}=…`).join(' ')}`,
  ),
  POSTDEPLOY_FAILED: failure<{ exitCode: number }>(
    422,
    'app',
    (p) => `The release runs, but the postdeploy script of app.json ended with exit code ${p.exitCode}.`,
    () => 'It runs once only: mend it and run it yourself with `mothership run`.',
  ),
  NO_TESTS: failure<{ buildpack: string }>(
    422,
    'app',
    (p) => `Nothing says how to test this app: ${p.buildpack} has no bin/test.`,
    () => 'Name a command in app.json: environments.test.scripts.test.',
  ),
  BUILDPACK_REFUSED: failure<{ name: string }>(
    422,
    'app',
    (p) => `The buildpack "${p.name}" does not recognise this app.`,
    () => 'Take it away with `mothership buildpacks:clear` to have the buildpack detected.',
  ),
  BUILD_FAILED: failure<{ what: string; lines: readonly string[] }>(
    422,
    'app',
    (p) =>
      `The build failed: ${p.what}.${p.lines.length > 0 ? ` Its last lines:\n${p.lines.map((line) => `  ${line}`).join('\n')}` : ''}`,
    () => 'What ran before goes on running. The whole output is in `mothership builds:output`.',
  ),
  BUILD_KILLED: failure<{ why: string }>(
    422,
    'app',
    (p) => `The build was killed: ${p.why}.`,
    () => 'What ran before goes on running. Make the build smaller, or ask an admin for higher build limits.',
  ),
  DOCKERFILE_MISSING: usage<{ path: string }>(
    (p) => `The source has no file ${p.path}.`,
    () => "Give the path of the Dockerfile within the app's folder.",
  ),
};
