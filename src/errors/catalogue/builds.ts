import { failure, usage } from '../entry.ts';

export const builds = {
  ARCHIVE_INVALID: usage<{ why: string }>(
    (p) => `Cannot unpack the source: ${p.why}.`,
    "Deploy from the app's folder; relative links in it must not point outside it.",
  ),
  ARCHIVE_TOO_LARGE: usage<{ what: string }>(
    (p) => `The source is too large: ${p.what}.`,
    'Exclude files the app does not need with .slugignore.',
    413,
  ),
  SOURCE_INCOMPLETE: failure<Record<string, never>>(
    409,
    'user',
    'Some files of the source are no longer stored here.',
    'Send the complete source as one archive.',
  ),
  NOTHING_DETECTED: failure<{ found: string }>(
    422,
    'app',
    (p) => `Cannot detect how to build this app. ${p.found}`,
    'Add a Procfile (`web: command`), a package.json (Node.js), an index.html or static.json ' +
      '(static site), or a Dockerfile.',
  ),
  NO_PROCESS_TYPES: failure<{ buildpack: string }>(
    422,
    'app',
    (p) => `The app was built by ${p.buildpack}, but has no process types.`,
    'Add a Procfile with a line such as `web: node server.js`.',
  ),
  BUILDPACK_UNKNOWN: usage<{ name: string; known: readonly string[] }>(
    (p) => `Cannot find the buildpack "${p.name}". This stack has: ${p.known.join(', ') || 'none'}.`,
    'Choose one with `mothership buildpacks:set`.',
  ),
  BUILDPACK_INVALID: usage<{ name: string; why: string }>(
    (p) => `"${p.name}" is not a valid buildpack: ${p.why}.`,
    'Use a name (`nodejs`, `heroku/nodejs`), a Git URL (`https://example.com/buildpack#v1`) ' +
      'or an archive (`https://example.com/buildpack.tgz`).',
  ),
  BUILDPACK_SET_ALREADY: usage<{ app: string; name: string }>(
    (p) => `The buildpack "${p.name}" is already set on ${p.app}.`,
    undefined,
    409,
  ),
  BUILDPACK_NOT_SET: usage<{ app: string; name: string; known: readonly string[] }>(
    (p) =>
      `The buildpack ${p.name} is not set on ` +
      `${p.app}${p.known.length > 0 ? `; it has: ${p.known.join(', ')}` : ': it has none'}.`,
    'List its buildpacks with `mothership buildpacks`.',
    404,
  ),
  BUILDPACKS_TOO_MANY: usage<{ limit: number }>((p) => `An app can have at most ${p.limit} buildpacks.`),
  BUILDPACK_UNREACHABLE: failure<{ name: string; why: string }>(
    422,
    'app',
    (p) => `Cannot fetch the buildpack "${p.name}": ${p.why}.`,
    "Check its URL with `mothership buildpacks:info`; the cluster's machines must be able to reach it.",
  ),
  APP_JSON_INVALID: usage<{ where: string; why: string }>((p) => `app.json is invalid: ${p.where} ${p.why}.`),
  APP_JSON_ENV_MISSING: usage<{ keys: readonly string[] }>(
    (p) => `app.json requires config vars that are not set: ${p.keys.join(', ')}.`,
    (p) => `Set them first: mothership config:set ${p.keys.map((key) => `${key}=…`).join(' ')}`,
  ),
  POSTDEPLOY_FAILED: failure<{ exitCode: number }>(
    422,
    'app',
    (p) => `The release is live, but the postdeploy script in app.json failed with exit code ${p.exitCode}.`,
    'The script runs only once: fix it, then run it yourself with `mothership run`.',
  ),
  NO_TESTS: failure<{ buildpack: string }>(
    422,
    'app',
    (p) => `Cannot detect how to test this app: ${p.buildpack} has no bin/test.`,
    'Set a test command in app.json under environments.test.scripts.test.',
  ),
  BUILDPACK_REFUSED: failure<{ name: string }>(
    422,
    'app',
    (p) => `The buildpack "${p.name}" does not support this app.`,
    'Run `mothership buildpacks:clear` to detect the buildpack instead.',
  ),
  BUILD_FAILED: failure<{ what: string; lines: readonly string[] }>(
    422,
    'app',
    (p) =>
      'Build failed: ' +
      `${p.what}.${p.lines.length > 0 ? ` Its last lines:\n${p.lines.map((line) => `  ${line}`).join('\n')}` : ''}`,
    'The current release, if any, keeps running. See the full output with `mothership builds:output`.',
  ),
  BUILD_KILLED: failure<{ why: string }>(
    422,
    'app',
    (p) => `Build stopped: ${p.why}.`,
    'The current release, if any, keeps running. Make the build smaller, or ask an admin to raise the build limits.',
  ),
  DOCKERFILE_MISSING: usage<{ path: string }>(
    (p) => `The source has no file ${p.path}.`,
    "Specify the path of the Dockerfile within the app's folder.",
  ),
};
