import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { dockerIgnore, slugIgnore, type LeaveOut } from '../../src/builds/source/ignore-file.ts';
import { BuildOutput, cleanLine, MOST_LINES, readLines } from '../../src/builds/sandbox/output.ts';
import {
  discoveredTypes,
  defaultsScript,
  parseRelease,
  processTypes,
} from '../../src/builds/buildpacks/process-types.ts';
import type { Ending } from '../../src/builds/sandbox/ending.ts';
import { parseLayers } from '../../src/builds/image/slug-image.ts';
import { verdictOn } from '../../src/builds/sandbox/build-failure.ts';
import { isMothershipError } from '../../src/errors/index.ts';

function out(leaveOut: LeaveOut, paths: readonly string[]): string[] {
  return paths.filter((path) => leaveOut(path.replace(/\/$/, ''), path.endsWith('/')));
}

describe('.slugignore', () => {
  it('is read like .gitignore', () => {
    const rules = slugIgnore('*.psd\n/docs\ntest/\n!keep.psd\n');
    expect(
      out(rules, ['a.psd', 'b/c.psd', 'keep.psd', 'docs/', 'docs/x', 'src/docs/', 'test/', 'a/test/x', 'b.txt']),
    ).to.deep.equal(['a.psd', 'b/c.psd', 'docs/', 'docs/x', 'test/', 'a/test/x']);
  });

  it('excludes nothing for a line that names nothing', () => {
    expect(out(slugIgnore('/\n!\n# a\n \n'), ['a', 'b/c'])).to.deep.equal([]);
  });

  it('distinguishes upper and lower case, like git', () => {
    expect(out(slugIgnore('build/'), ['build/x', 'Build/x'])).to.deep.equal(['build/x']);
  });
});

describe('.dockerignore', () => {
  // Each: rules, what of `all` they leave out.
  const all = ['a.md', 'b.txt', 'docs/', 'docs/x.md', 'docs/deep/y.md', 'src/a.md', 'src/[x].js'];
  const cases: [string, string[]][] = [
    ['', []],
    ['# a.md\n', []],
    ['a.md', ['a.md']],
    ['/a.md', ['a.md']],
    ['*.md', ['a.md']],
    ['**/*.md', ['a.md', 'docs/x.md', 'docs/deep/y.md', 'src/a.md']],
    ['docs', ['docs/', 'docs/x.md', 'docs/deep/y.md']],
    ['docs/', ['docs/', 'docs/x.md', 'docs/deep/y.md']],
    ['./docs/*', ['docs/x.md', 'docs/deep/y.md']],
    ['docs/**', ['docs/', 'docs/x.md', 'docs/deep/y.md']],
    ['**/deep', ['docs/deep/y.md']],
    ['docs/**/y.md', ['docs/deep/y.md']],
    ['?.md', ['a.md']],
    ['[a-c].md', ['a.md']],
    ['src/\\[x\\].js', ['src/[x].js']],
    ['*\n!src', ['a.md', 'b.txt', 'docs/x.md', 'docs/deep/y.md']],
    ['docs\n!docs/deep/y.md', ['docs/x.md']],
    ['!a.md\na.md', ['a.md']],
    ['a.md\r\nb.txt\r\n', ['a.md', 'b.txt']],
    ['[c-a].md\nb.txt', ['b.txt']],
    ['[!b].md', ['a.md']],
  ];
  for (const [rules, gone] of cases) {
    it(`reads ${JSON.stringify(rules)}`, () => expect(out(dockerIgnore(rules), all)).to.deep.equal(gone));
  }

  it('leaves out the Dockerfile and itself like any other file', () => {
    const files = ['build/', 'build/Dockerfile', '.dockerignore', 'build/x'];
    expect(out(dockerIgnore('*'), files)).to.deep.equal(files);
  });
});

describe('patterns that make a regular expression backtrack', () => {
  const cases: [string, string, string][] = [
    ['stars', `${'*a'.repeat(60)}b`, 'a'.repeat(255)],
    ['folders', `${'**/a/'.repeat(60)}b`, `${'a/'.repeat(511)}a`],
    ['any folders', `${'**/'.repeat(160)}b`, `${'a/'.repeat(511)}a`],
  ];
  for (const [what, pattern, path] of cases)
    it(`take little time: ${what}`, function () {
      this.timeout(2_000);
      expect(dockerIgnore(pattern)(path, false)).to.equal(false);
      expect(slugIgnore(pattern)(path, false)).to.equal(false);
    });
});

describe('output of a build', () => {
  const lines: [string, string][] = [
    ['plain', 'plain'],
    ['tab\there', 'tab\there'],
    ['\u001b[31mred\u001b[0m', '\u001b[31mred\u001b[0m'],
    ['\u001b[2J\u001b[1;1Hcleared', 'cleared'],
    ['\u001b]0;title\u0007shown', 'shown'],
    ['10%\r50%\r100%', '100%'],
    ['windows\r', 'windows'],
    ['bell\u0007 and \u009b31m', 'bell and 31m'],
    ['x'.repeat(20_000), `${'x'.repeat(10_000)}…`],
  ];
  for (const [raw, shown] of lines) {
    it(`shows ${JSON.stringify(raw.slice(0, 40))} as it may be shown`, () => expect(cleanLine(raw)).to.equal(shown));
  }

  it('is split into lines wherever the chunks end, characters included', async () => {
    const bytes = Buffer.from('one\ntwö\n\nfour');
    const seen: string[] = [];
    await readLines(Readable.from([...bytes].map((byte) => Buffer.from([byte]))), (line) => seen.push(line));
    expect(seen).to.deep.equal(['one', 'twö', '', 'four']);
  });

  it("ends with the driver's own last line, also behind one that a buildpack did not end", async () => {
    for (const [bytes, lines] of [
      ['one\n\u001edone\n', ['one']],
      ['one\ntwo\u001edone\n', ['one', 'two']],
    ] as const) {
      const seen: string[] = [];
      let ended = 0;
      await readLines(
        Readable.from([Buffer.from(bytes)]),
        (line) => seen.push(line),
        () => {
          ended = seen.length;
        },
      );
      expect([seen, ended]).to.deep.equal([lines, lines.length]);
    }
  });

  it('lets the event loop turn while thousands of lines are read', async () => {
    let [heard, turns] = [0, 0];
    const turn = setInterval(() => (turns += 1), 0);
    await readLines(Readable.from([Buffer.alloc(500_000, '\n')]), () => (heard += 1));
    clearInterval(turn);
    expect(heard).to.equal(500_000);
    expect(turns).to.be.above(100);
  });

  it('is passed on up to a number of lines, be they empty', async () => {
    let seen = 0;
    const output = new BuildOutput(() => (seen += 1), 16 * 2 ** 20);
    for (let n = 0; n <= MOST_LINES; n += 1) output.line('');
    await output.exceeded;
    expect(seen).to.equal(MOST_LINES);
  });

  it('keeps the last dozen lines', () => {
    const output = new BuildOutput(() => undefined, 1000);
    for (let i = 1; i <= 30; i += 1) output.line(`${i}`);
    output.line('');
    expect([output.tail.length, output.tail[0]]).to.deep.equal([12, '19']);
  });

  it('is passed on up to its limit', async () => {
    const seen: string[] = [];
    const output = new BuildOutput((line) => seen.push(line), 10);
    output.line('12345');
    expect(await Promise.race([output.exceeded.then(() => 'exceeded'), Promise.resolve('within')])).to.equal('within');
    output.line('67890');
    await output.exceeded;
    expect(seen).to.deep.equal(['12345']);
  });
});

describe('process types of a build', () => {
  it('are those of the Procfile, then those of bin/release', () => {
    const release = '---\ndefault_process_types:\n  web: npm start\n  console: node\n';
    expect(processTypes('web: node a.js', parseRelease(release))).to.deep.equal({ web: 'node a.js', console: 'node' });
    expect(processTypes(undefined, parseRelease(release))).to.deep.equal({ web: 'npm start', console: 'node' });
    expect(processTypes(undefined, parseRelease('--- {}'))).to.deep.equal({});
    expect(processTypes(undefined, parseRelease(undefined))).to.deep.equal({});
  });

  it('are those of bin/release when the Procfile has only comments', () => {
    const release = parseRelease('default_process_types: {web: npm start}');
    expect(processTypes('\n# web: node a.js\n', release)).to.deep.equal({ web: 'npm start' });
  });

  it('are named in the output, in words of Heroku', () => {
    expect(discoveredTypes(['web', 'worker'], ['web', 'worker'])).to.deep.equal([
      '-----> Discovering process types',
      '       Procfile declares types -> web, worker',
    ]);
    expect(discoveredTypes([], ['web'])).to.deep.equal([
      '-----> Discovering process types',
      '       Procfile declares types -> (none)',
      '       Default types -> web',
    ]);
  });

  const wrong = [
    'default_process_types: [a]',
    'default_process_types: {web: 3}',
    'default_process_types: {"a b": x}',
    'default_process_types: x',
    'a: b: c',
    'config_vars: {"a b": x}',
    'config_vars: {A: [x]}',
  ];
  for (const release of wrong) {
    it(`cannot be ${JSON.stringify(release)}`, () => {
      expect(() => parseRelease(release)).to.throw(/bin\/release/);
    });
  }

  it('come with defaults of config vars, in the way of buildpacks before .profile.d, which a shell takes as they are', () => {
    const release = parseRelease(
      "config_vars:\n  RAILS_ENV: production\n  THREADS: 5\n  QUOTE: it's $HOME\naddons: [heroku-postgresql]\n",
    );
    expect(release.addons).to.deep.equal(['heroku-postgresql']);
    const script = `${defaultsScript(release.configVars)}echo "$RAILS_ENV $THREADS $QUOTE"`;
    const said = spawnSync('bash', ['-c', script], {
      env: { PATH: process.env['PATH'], THREADS: '' },
      encoding: 'utf8',
    });
    expect(said.stdout).to.equal("production  it's $HOME\n");
    expect(defaultsScript({})).to.equal(undefined);
  });
});

describe('layers that a build names', () => {
  it('are what is written as it should be', () => {
    const text = 'runtime node-24 made\ndependencies abc known\nbad line\n../x k made\nx $(rm) made\ny k maybe\n';
    expect(parseLayers(text)).to.deep.equal([
      { name: 'runtime', key: 'node-24', made: true },
      { name: 'dependencies', key: 'abc', made: false },
    ]);
  });
});

describe('the verdict on a build', () => {
  const limits = { ...defaultBuildLimits, memoryBytes: 2 * 1024 ** 3, diskBytes: 1024 ** 3, pids: 100 };
  const exited = (exitCode: number, oomKilled = false): Ending => ({ by: 'itself', exitCode, oomKilled });
  const cases: [string, Ending, Record<string, string>, string[], string | undefined][] = [
    ['that worked', exited(0), { oom: '2' }, [], undefined],
    [
      'that failed',
      exited(1),
      { failure: 'compile 2 nodejs 1.0.0' },
      ['a', 'b'],
      'BUILD_FAILED: Build failed: bin/compile of nodejs 1.0.0 ended with exit code 2. Its last lines:\n  a\n  b',
    ],
    [
      'that says why',
      exited(1),
      { failure: 'compile 1 nodejs 1.0.0' },
      [
        'npm error Options:',
        'npm error --omit',
        ' !     package-lock.json does not fit package.json: run "npm install".',
      ],
      'BUILD_FAILED: Build failed: package-lock.json does not fit package.json: run "npm install".',
    ],
    [
      'that says why by what it has printed',
      exited(1),
      { failure: 'compile 1 go 1.0.0' },
      ['main.go:1: syntax error', ' !     The app does not compile: correct what Go says above.'],
      'BUILD_FAILED: Build failed: bin/compile of go 1.0.0 ended with exit code 1. Its last lines:\n  main.go:1: syntax error\n   !     The app does not compile: correct what Go says above.',
    ],
    [
      'that says why in several lines',
      exited(1),
      { failure: 'compile 1 x 1.0' },
      [' !     Push rejected:', ' !     see https://example.com'],
      'BUILD_FAILED: Build failed: bin/compile of x 1.0 ended with exit code 1. Its last lines:\n   !     Push rejected:\n   !     see https://example.com',
    ],
    ['whose driver broke', exited(1), {}, [], 'BUILD_FAILED: Build failed: it ended with exit code 1.'],
    [
      'of nothing known',
      exited(1),
      { failure: 'nothing-detected' },
      [],
      'NOTHING_DETECTED: Cannot detect how to build this app. Found: a, b.',
    ],
    [
      'by an unknown buildpack',
      exited(1),
      { failure: 'unknown ruby', known: 'nodejs\nstatic\n' },
      [],
      'BUILDPACK_UNKNOWN: Cannot find the buildpack "ruby". This stack has: nodejs, static.',
    ],
    [
      'refused by its buildpack',
      exited(1),
      { failure: 'refused static' },
      [],
      'BUILDPACK_REFUSED: The buildpack "static" does not support this app.',
    ],
    [
      'that used its memory',
      exited(1, true),
      {},
      [],
      'BUILD_KILLED: Build stopped: it exceeded its memory limit of 2 GB.',
    ],
    [
      'of which a child used the memory',
      exited(1),
      { oom: '1', failure: 'compile 137 x' },
      [],
      'BUILD_KILLED: Build stopped: it exceeded its memory limit of 2 GB.',
    ],
    [
      'that prints of a full disk, large files and forks',
      exited(1),
      { failure: 'compile 1 x 1.0' },
      ['write error: No space left on device', 'EFBIG: file too large', 'fork: Resource temporarily unavailable'],
      'BUILD_FAILED: Build failed: bin/compile of x 1.0 ended with exit code 1. Its last lines:\n  write error: No space left on device\n  EFBIG: file too large\n  fork: Resource temporarily unavailable',
    ],
    [
      'that wrote too much',
      { by: 'disk', usedBytes: 1.5 * 1024 ** 3 },
      {},
      [],
      'BUILD_KILLED: Build stopped: it used 1.5 GB of disk; the limit is 1 GB.',
    ],
    ['that took too long', { by: 'time' }, {}, [], 'BUILD_KILLED: Build stopped: it took longer than 15 minutes.'],
    [
      'with too many processes',
      { by: 'processes' },
      {},
      [],
      'BUILD_KILLED: Build stopped: it had 100 of 100 processes and wanted more.',
    ],
    [
      'that printed too much',
      { by: 'output' },
      {},
      [],
      'BUILD_KILLED: Build stopped: it printed more than 16 MB or 250000 lines.',
    ],
    [
      'that failed for want of processes',
      exited(1),
      { pids: '7', failure: 'compile 1 x' },
      [],
      'BUILD_KILLED: Build stopped: it had 100 of 100 processes and wanted more.',
    ],
  ];
  for (const [what, ending, texts, lines, expected] of cases) {
    it(`${what} is ${expected?.split(':')[0] ?? 'good'}`, () => {
      const output = new BuildOutput(() => undefined, limits.outputBytes);
      lines.forEach(output.line);
      const error = verdictOn({ ending, limits, output, texts: new Map(Object.entries(texts)), root: ['b', 'a'] });
      expect(isMothershipError(error) ? `${error.code}: ${error.message}` : undefined).to.equal(expected);
    });
  }
});
