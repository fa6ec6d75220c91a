import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { Desk } from './cli.ts';

describe('completion', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(() => desk.close());

  /** The words that are offered for the last one. */
  const offered = async (words: string[], env: Record<string, string> = {}): Promise<string[]> => {
    const { code, stdout, stderr } = await desk.run(['complete', '--', ...words], { env });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[0]!);
  };

  describe('of commands', () => {
    for (const [words, expected] of [
      [['deplo'], ['deploy']],
      [['config:'], ['config:edit', 'config:get', 'config:set', 'config:unset', 'config:remove']],
      [
        ['config', ''],
        ['edit', 'get', 'set', 'unset', 'remove'],
      ],
      [['builds', 'settings', 's'], ['set']],
      [['builds', 'settings:s'], ['settings:set']],
      [
        ['help', 'rel'],
        ['releases', 'releases:info', 'releases:output', 'releases:retry', 'releases:rollback'],
      ],
      [['help', 'config', 'g'], ['get']],
      [['whoami', 'x'], []],
      [['no-such-command', ''], []],
      [['complet'], []],
    ] as const) {
      it(JSON.stringify(words), async () => {
        expect(await offered([...words])).to.deep.equal(expected);
      });
    }

    it('offers every visible command and alias for an empty line', async () => {
      const all = JSON.parse((await desk.run('commands --json')).stdout) as { id: string; aliases: string[] }[];
      expect(await offered([''])).to.have.members(all.flatMap(({ id, aliases }) => [id, ...aliases]));
    });

    it('adds summaries', async () => {
      expect((await desk.run(['complete', '--', 'config:s'])).stdout).to.equal('config:set\tSet config vars\n');
    });
  });

  describe('of flags and values', () => {
    beforeEach(async () => {
      await desk.run('apps:create shop --no-link');
      await desk.run('apps:create shelf --no-link');
      await desk.run('deploy --image nginx -a shop');
    });

    for (const [words, expected] of [
      [['deploy', '--build'], ['--build-arg']],
      [['logs', '-a', 'shop', '--t'], ['--tail']],
      [
        ['apps:info', '-a', 'sh'],
        ['shelf', 'shop'],
      ],
      [['apps:info', '--app=sho'], ['--app=shop']],
      [['tokens:create', 'ci', '--deploy', 'shel'], ['shelf']],
      [
        ['setup', '--provider', ''],
        ['local', 'ssh', 'aws'],
      ],
      [['setup', '--provider=s'], ['--provider=ssh']],
      [['contexts:use', ''], ['test']],
      [['apps', '--context', ''], ['test']],
      [['ps:scale', '-a', 'shop', ''], ['web=']],
      [['ps:restart', '-a', 'shop', 'w'], ['web']],
      [['autocomplete', 'z'], ['zsh']],
      [['run', '-a', 'shop', 'cat', '--'], []],
      [['config:set', '-a', 'shop', '--', '-'], []],
      [['config:get', '--constructor=', ''], []],
      [['ps', '-a', 'no-such-app', ''], []],
    ] as const) {
      it(JSON.stringify(words), async () => {
        expect((await offered([...words])).sort()).to.deep.equal([...expected].sort());
      });
    }

    it("offers the process types of the folder's app", async () => {
      expect(await offered(['ps:restart', ''], { MOTHERSHIP_APP: 'shop' })).to.deep.equal(['web']);
    });

    it('offers nodes', async () => {
      const nodes = JSON.parse((await desk.run('nodes --json')).stdout) as { hostname: string }[];
      expect(nodes).to.not.deep.equal([]);
      expect(await offered(['nodes:drain', ''])).to.deep.equal(nodes.map(({ hostname }) => hostname));
    });
  });

  it('stays silent without a cluster, but knows commands and flags', async () => {
    expect(await offered(['apps:info', '-a', ''], { XDG_CONFIG_HOME: join(desk.home, 'none') })).to.deep.equal([]);
    expect(await offered(['apps:in'], { XDG_CONFIG_HOME: join(desk.home, 'none') })).to.deep.equal(['apps:info']);
  });

  describe('by a controller that is not to be trusted', () => {
    let server: Server;
    let answer: (send: (body: unknown) => void) => void;
    const env = (): Record<string, string> => ({
      MOTHERSHIP_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      MOTHERSHIP_TOKEN: 'x',
    });
    beforeEach((done) => {
      server = createServer((_request, response) =>
        answer((body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body))),
      ).listen(0, '127.0.0.1', done);
    });
    afterEach((done) => {
      server.closeAllConnections();
      server.close(done);
    });

    it('offers no name that is more than a plain word', async () => {
      const hostile = [
        '$(touch x)',
        '`touch x`',
        'a b',
        'a;b',
        "a'b",
        '-rf',
        '--force',
        'a\nb',
        'a\tb',
        '',
        '\u001b[2J',
      ];
      answer = (send) => send(['good', ...hostile].map((name) => ({ name })));
      expect(await offered(['apps:info', '-a', ''], env())).to.deep.equal(['good']);
    });

    it('offers at most 500 names', async () => {
      answer = (send) => send(Array.from({ length: 5_000 }, (_, n) => ({ name: `app-${n}` })));
      expect(await offered(['apps:info', '-a', ''], env())).to.have.length(500);
    });

    for (const [what, body] of [
      ['an object', { no: 'list' }],
      ['names that are no text', [{ name: 1 }, { name: null }, {}]],
    ] as const) {
      it(`stays silent when it sends ${what}`, async () => {
        answer = (send) => send(body);
        expect(await offered(['apps:info', '-a', ''], env())).to.deep.equal([]);
      });
    }

    it('gives up on one that does not answer', async () => {
      answer = () => undefined;
      const began = Date.now();
      expect(await offered(['apps:info', '-a', ''], env())).to.deep.equal([]);
      expect(Date.now() - began).to.be.below(5_000);
    });
  });

  describe('in bash', () => {
    before(function () {
      this.timeout(60_000);
      if (!existsSync('dist')) execFileSync('npx', ['tsx', 'scripts/build.ts']);
    });

    /** What bash would insert, asked as readline asks: $2 is the word after the last colon or equals sign. */
    const completed = async (line: string, program = resolve('bin/mothership')): Promise<string[]> => {
      const bin = join(desk.home, 'bin');
      await mkdir(bin, { recursive: true });
      await symlink(program, join(bin, 'mothership')).catch(() => undefined);
      const script =
        'source <(node "$PROGRAM" autocomplete bash); COMP_LINE=$1 COMP_POINT=${#1}; _mothership mothership "$2"; ' +
        '(( ${#COMPREPLY[@]} == 0 )) || printf "%s\\n" "${COMPREPLY[@]}"';
      const word = /[^\s:=]*$/.exec(line)![0];
      const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', line, word], {
        encoding: 'utf8',
        cwd: desk.folder,
        env: { PATH: `${bin}${delimiter}${process.env['PATH']}`, HOME: desk.home, PROGRAM: resolve('bin/mothership') },
      });
      expect(stderr).to.equal('');
      return stdout.split('\n').filter(Boolean);
    };

    it('completes commands with colons, with spaces, and flags', async () => {
      expect(await completed('mothership whoa')).to.deep.equal(['whoami']);
      expect(await completed('mothership config:s')).to.deep.equal(['set']);
      expect(await completed('mothership config s')).to.deep.equal(['set']);
      expect(await completed('mothership deploy --cl')).to.deep.equal(['--clear-cache']);
      expect(await completed('mothership setup --provider=a')).to.deep.equal(['aws']);
    });

    it('runs nothing of what is typed or offered', async () => {
      const fake = join(desk.home, 'hostile');
      await writeFile(fake, '#!/bin/sh\ncat <<"END"\n$(touch offered)\n`touch offered`\n*\nEND\n');
      await chmod(fake, 0o755);
      expect(await completed('mothership apps:info -a $(touch typed) `touch typed` ', fake)).to.include(
        '$(touch offered)',
      );
      expect(await readdir(desk.folder)).to.deep.equal([]);
    });
  });

  it('prints the script of each shell, and of no other', async () => {
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await desk.run(['autocomplete', shell])).stdout).to.contain(`mothership autocomplete ${shell}`);
    expect((await desk.run('autocomplete csh')).code).to.equal(2);
  });
});

describe('mothership version:info', () => {
  it('shows versions here and of the cluster, and when that does not answer', async () => {
    const desk = await Desk.open();
    const info = async (): Promise<object> => {
      const { code, stdout } = await desk.run('version:info --json');
      expect(code).to.equal(0);
      return JSON.parse(stdout) as object;
    };
    const here = { version: '1.2.3', node: process.version, path: resolve('.'), context: 'test', url: desk.url };
    try {
      const { controller } = (await info()) as { controller: string };
      expect(await info()).to.deep.include(here);
      expect(controller).to.be.a('string').and.not.equal('');
    } finally {
      await desk.rig.app.close();
    }
    expect(await info()).to.deep.include({ ...here, controller: null });
    await desk.close();
  });

  it('shows why it cannot name the cluster', async () => {
    const desk = await Desk.open();
    try {
      await writeFile(desk.contextsFile, '{');
      const { code, stdout } = await desk.run('version:info');
      expect(code).to.equal(0);
      expect(stdout).to.match(/^Cluster: +Cannot read .*contexts\.json/m);
    } finally {
      await desk.close();
    }
  });

  it('finds a home for a user without one', () => {
    const program = "import('./src/cli/program/process-io.ts').then(({ processIo }) => console.log(processIo().home))";
    const env = { PATH: process.env['PATH'], HOME: '' };
    expect(execFileSync(process.execPath, ['--import=tsx', '-e', program], { env, encoding: 'utf8' })).to.equal('/\n');
  });
});

describe('the program', () => {
  it('names an empty command and explains the help of help', async () => {
    const desk = await Desk.open();
    try {
      expect((await desk.run([''])).stderr)
        .to.contain('Error: "" is not a mothership command.')
        .and.not.contain('mean');
      expect(await desk.run('help help')).to.include({ code: 0, stderr: '' });
    } finally {
      await desk.close();
    }
  });
});
