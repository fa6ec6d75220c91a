import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const DOCUMENT = join(ROOT, 'docs/buildpacks.md');
const MARKS = [
  '<!-- behaviours: written by `npx tsx scripts/buildpacks-doc.ts` -->\n',
  '<!-- /behaviours -->',
] as const;

/** Test files whose titles begin with a behaviour's number. */
const NUMBERED = ['test/builds/conformance.real.test.ts', 'test/e2e/buildpacks.e2e.test.ts'];
/** Behaviours that a test asserts whose title is about more than buildpacks. */
const ELSEWHERE: readonly Behaviour[] = [
  {
    number: 19,
    file: 'test/router/streams.real.test.ts',
    title: 'gives an app the time limit to begin its answer, once, and then says H12',
    sentence:
      'the router gives an app 30 seconds for the first byte and then says H12; WebSockets and streams may be silent for longer',
  },
  ...[
    [
      "has the packages in the app for Plug'n'Play, and fetches them once",
      "Yarn 2 and later with Plug'n'Play has its packages in the app; a zero-install is used as it is checked in",
    ],
    [
      'takes development dependencies out after the scripts',
      'development dependencies go after the build scripts, unless NODE_ENV, NPM_CONFIG_PRODUCTION, YARN_PRODUCTION, YARN2_SKIP_PRUNING or PNPM_SKIP_PRUNING says otherwise',
    ],
    [
      'runs heroku-cleanup last, without development dependencies',
      'heroku-prebuild, heroku-postbuild (or build) and heroku-cleanup of package.json run in this order',
    ],
    [
      'rebuilds them with npm, and installs what is missing',
      'npm rebuilds node_modules that are checked in, and says so',
    ],
    [
      'that cacheDirectories names, and the cache of Next.js',
      'cacheDirectories of package.json and .next/cache stay from build to build',
    ],
  ].map(([title = '', sentence = ''], at) => ({
    number: 22 + at,
    file: 'test/builds/nodejs-buildpack.real.test.ts',
    title,
    sentence,
  })),
  {
    number: 27,
    file: 'test/builds/ssh-key.test.ts',
    title: 'is what git logs in with, to hosts that it then knows, without asking',
    sentence: 'MOTHERSHIP_BUILD_SSH_KEY lets package managers read private Git repositories; only the build gets it',
  },
  {
    number: 28,
    file: 'test/builds/source.test.ts',
    title: 'may have links to absolute paths, which are in its container, and links through them',
    sentence: 'links to absolute paths are kept as they are: public/uploads -> /tmp/uploads',
  },
  {
    number: 29,
    file: 'test/builds/decisions.test.ts',
    title: 'are those of bin/release when the Procfile has only comments',
    sentence: 'a Procfile with only blank lines and comments counts as none; a type may have space before it',
  },
];

interface Behaviour {
  readonly number: number;
  readonly sentence: string;
  readonly file: string;
  /** Of the test. */
  readonly title: string;
}

/** The behaviours of the classic buildpack API that tests name, in their order. Throws when a test that is named is not there. */
export async function behaviours(): Promise<Behaviour[]> {
  const found = await Promise.all(
    NUMBERED.map(async (file) => numbered(file, await readFile(join(ROOT, file), 'utf8'))),
  );
  for (const { file, title } of ELSEWHERE) {
    const text = await readFile(join(ROOT, file), 'utf8');
    if (![`'${title}'`, `"${title}"`].some((quoted) => text.includes(`(${quoted}`)))
      throw new Error(`${file} has no test "${title}"`);
  }
  return [...found.flat(), ...ELSEWHERE].sort((a, b) => a.number - b.number);
}

function numbered(file: string, text: string): Behaviour[] {
  // Prettier quotes a title with an apostrophe in it by double quotes.
  const titles = /\bit\(\s*(['"])((\d+)\. (?:(?!\1)[^\\])+)\1/g;
  return [...text.matchAll(titles)].map(([, , title = '', number]) => ({
    number: Number(number),
    sentence: title.slice(title.indexOf(' ') + 1),
    file,
    title,
  }));
}

/** The document with its table regenerated. */
export async function buildpacksDocument(): Promise<string> {
  const text = await readFile(DOCUMENT, 'utf8');
  const rows = (await behaviours()).map(
    ({ number, sentence, file }) =>
      `| ${number} | ${sentence.replaceAll('|', '\\|')} | [${file.split('/').at(-1)}](../${file}) |`,
  );
  const [start, end] = [text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1])];
  return `${text.slice(0, start)}\n| | behaviour | test |\n|---|---|---|\n${rows.join('\n')}\n\n${text.slice(end)}`;
}

if (process.argv[1] === import.meta.filename) await writeFile(DOCUMENT, await buildpacksDocument());
