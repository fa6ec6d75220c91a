import { failure, usage } from '../entry.ts';

export const builds = {
  ARCHIVE_INVALID: usage<{ why: string }>((p) => `The source cannot be unpacked: ${p.why}.`,
    () => 'Deploy from the app\'s folder; links in it must stay within it.'),
  ARCHIVE_TOO_LARGE: usage<{ what: string; limit: string }>((p) => `The source is too large: ${p.what}; the limit is ${p.limit}.`,
    () => 'List what the app does not need in .slugignore.', 413),
  NOTHING_DETECTED: failure<{ found: string }>(422, 'app', (p) => `Nothing here says how to build or run this app. ${p.found}`,
    () => 'Add one of: a Procfile (`web: command`), a package.json (Node.js), an index.html or static.json (a static site), or a Dockerfile.'),
  NO_PROCESS_TYPES: failure<{ buildpack: string }>(422, 'app', (p) => `The app was built by ${p.buildpack}, but nothing says what to run.`,
    () => 'Add a Procfile with a line such as `web: node server.js`.'),
  BUILDPACK_UNKNOWN: usage<{ name: string; known: readonly string[] }>((p) => `There is no buildpack "${p.name}"; this stack has: ${p.known.join(', ') || 'none'}.`,
    () => 'Choose with `mothership buildpacks:set`.'),
  BUILDPACK_REFUSED: failure<{ name: string }>(422, 'app', (p) => `The buildpack "${p.name}" does not recognise this app.`,
    () => 'Take it away with `mothership buildpacks:clear` to have the buildpack detected.'),
  BUILD_FAILED: failure<{ what: string; lines: readonly string[] }>(422, 'app',
    (p) => `The build failed: ${p.what}.${p.lines.length > 0 ? ` Its last lines:\n${p.lines.map((line) => `  ${line}`).join('\n')}` : ''}`,
    () => 'What ran before goes on running. The whole output is in `mothership builds:output`.'),
  BUILD_KILLED: failure<{ why: string }>(422, 'app', (p) => `The build was killed: ${p.why}.`,
    () => 'What ran before goes on running. Make the build smaller, or ask an admin for higher build limits.'),
  DOCKERFILE_MISSING: usage<{ path: string }>((p) => `The source has no file ${p.path}.`,
    () => 'Give the path of the Dockerfile within the app\'s folder.'),
};
