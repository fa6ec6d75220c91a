import { expect } from 'chai';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event } from '../../src/events/index.ts';
import { tokens } from '../controller/tokens.ts';
import { Desk } from './cli.ts';

describe('somebody at a command line', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open({ loggedIn: false });
  });
  afterEach(() => desk.close());

  const contexts = async (): Promise<{ current: string; contexts: Record<string, { url: string; token: string }> }> =>
    JSON.parse(await readFile(desk.contextsFile, 'utf8'));

  it('who is not logged in is told what to do', async () => {
    const result = await desk.run('apps');
    expect(result).to.include({ code: 1, stdout: '' });
    expect(result.stderr).to.include('Not logged in to a cluster.').and.to.include('mothership login URL');
  });

  it('logs in with a token from stdin or the environment, which is kept private', async () => {
    const result = await desk.run(`login ${desk.url} --token-stdin`, { stdin: `${tokens.member}\n` });
    expect(result).to.deep.equal({
      stdout: 'Logged in as member (member) with context test.\n',
      stderr: '',
      code: 0,
    });
    expect(await contexts()).to.deep.equal({
      current: 'test',
      contexts: { test: { url: desk.url, token: tokens.member, domain: 'localhost' } },
    });
    expect((await stat(desk.contextsFile)).mode & 0o777).to.equal(0o600);
    expect((await desk.run('whoami')).stdout).to.equal('member\n');
    expect(
      (await desk.run(`login ${desk.url} --name boss --json`, { env: { MOTHERSHIP_TOKEN: tokens.admin } })).stdout,
    ).to.include('"role": "admin"');
    expect((await desk.run('whoami')).stdout).to.equal('admin\n');
    expect((await desk.run('whoami --context test')).stdout).to.equal('member\n');
  });

  it('keeps nothing of a token that is wrong, nor shows it', async () => {
    for (const token of ['wrong-token', 'with space', '']) {
      const result = await desk.run(`login ${desk.url} --token-stdin`, { stdin: token });
      expect(result.code, token).to.be.oneOf([1, 2]);
      if (token) expect(result.stderr).to.not.include(token);
      expect(await contexts().catch(() => 'none')).to.equal('none');
    }
  });

  it('is asked for nothing without a terminal, but told which flag to give', async () => {
    const result = await desk.run(`login ${desk.url}`);
    expect(result.code).to.equal(2);
    expect(result.stderr).to.include('Use --token-stdin or $MOTHERSHIP_TOKEN.');
  });

  for (const address of ['ftp://x', 'http://user@x', ':::', '']) {
    it(`cannot log in to "${address}"`, async () =>
      expect((await desk.run(['login', address, '--token-stdin'], { stdin: 'x' })).code).to.equal(2));
  }

  it('works from the environment alone', async () => {
    const env = { MOTHERSHIP_URL: desk.url, MOTHERSHIP_TOKEN: tokens.admin };
    expect((await desk.run('whoami', { env })).stdout).to.equal('admin\n');
    expect((await desk.run('whoami', { env: { MOTHERSHIP_URL: desk.url } })).code).to.equal(2);
  });

  it('chooses among contexts, by flag, folder and command', async () => {
    for (const role of ['admin', 'member'] as const)
      await desk.run(`login ${desk.url} --name ${role} --token-stdin`, { stdin: tokens[role] });
    expect((await desk.run('contexts')).stdout).to.equal(
      `   Name    Address\n   admin   ${desk.url}\n*  member  ${desk.url}\n`,
    );
    expect((await desk.run('contexts --json')).stdout).to.not.include(tokens.admin);
    await desk.run('contexts:use admin');
    expect((await desk.run('whoami')).stdout).to.equal('admin\n');
    await writeFile(join(desk.folder, '.mothership.json'), '{"app": "shop", "context": "member"}');
    expect((await desk.run('whoami')).stdout).to.equal('member\n');
    expect((await desk.run('whoami', { env: { MOTHERSHIP_CONTEXT: 'admin' } })).stdout).to.equal('admin\n');
    expect((await desk.run('whoami --context nope')).stderr).to.include(
      'Cannot find the context "nope". Available contexts: admin, member.',
    );
    await writeFile(join(desk.folder, '.mothership.json'), '{"app": "NOPE app"}');
    for (const line of ['deploy', 'config'])
      expect((await desk.run(line)).stderr).to.include(
        `Cannot read ${join(desk.folder, '.mothership.json')}: "NOPE app" is not a valid app name.`,
      );
    await desk.run('contexts:remove member');
    expect(Object.keys((await contexts()).contexts)).to.deep.equal(['admin']);
    expect((await desk.run('logout')).stdout).to.equal('Logged out of admin.\n');
    expect((await desk.run('logout')).code).to.equal(1);
  });

  it('manages tokens, whose value is shown once', async () => {
    await desk.run(`login ${desk.url} --token-stdin`, { stdin: tokens.admin });
    const created = await desk.run(['tokens:create', 'bob', '--description', 'CI of bob']);
    const value = created.stdout.trim();
    expect((await desk.run('whoami', { env: { MOTHERSHIP_TOKEN: value } })).stdout).to.equal('bob\n');
    const { stdout } = await desk.run('tokens');
    expect(stdout).to.include('CI of bob').and.not.include(value);
    const { id } = JSON.parse((await desk.run('tokens --json')).stdout).find(
      (token: { user: string }) => token.user === 'bob',
    );
    expect((await desk.run(`tokens:revoke ${id}`)).code).to.equal(0);
    expect((await desk.run('whoami', { env: { MOTHERSHIP_TOKEN: value } })).stderr).to.include(
      'The token is missing, invalid or revoked.',
    );
    expect((await desk.run('tokens:create eve --role king')).code).to.equal(2);
    expect((await desk.run(['tokens:create', 'b o b'])).stderr).to.include(
      'Invalid request: user must be 1 to 64 letters, digits and . @ + - _.',
    );
  });

  it('manages domains and maintenance', async () => {
    await desk.run(`login ${desk.url} --token-stdin`, { stdin: tokens.admin });
    await desk.run('apps:create shop');
    expect((await desk.run('domains:add www.example.com')).code).to.equal(0);
    expect((await desk.run('domains')).stdout).to.equal(
      '=== shop Domains\n\nDomain           Kind\nshop.localhost   default\nwww.example.com  custom\n',
    );
    expect((await desk.run('domains:remove WWW.Example.com.')).code).to.equal(0);
    expect((await desk.run('domains:add dot.example.com.')).code).to.equal(0);
    expect((await desk.run('domains:remove dot.example.com.')).code).to.equal(0);
    expect((await desk.run('domains')).stdout).to.not.include('example.com');
    for (const [line, says] of [
      ['domains:add Shop.localhost.', 'shop.localhost is the default domain of shop, which always has it.'],
      ['domains:remove shop.localhost', 'shop.localhost is the default domain of shop and cannot be removed.'],
      ['domains:remove www.example.com.', '"shop" has no domain www.example.com.\n'],
      ['domains:remove a..b', '"a..b" is not a valid host name.'],
    ] as const) {
      const refused = await desk.run(line);
      expect(refused.code, line).to.not.equal(0);
      expect(refused.stderr, line).to.include(says);
    }
    await desk.run('domains:add a.example.com');
    expect((await desk.run('domains:clear')).code).to.equal(2);
    expect((await desk.run('domains:clear --confirm shop')).stdout).to.equal('a.example.com\n');
    expect((await desk.run('maintenance')).stdout).to.equal('off\n');
    await desk.run('maintenance:on');
    expect((await desk.platform.apps.info('shop')).maintenance).to.equal(true);
    expect((await desk.run('maintenance')).stdout).to.equal('on\n');
    expect(JSON.parse((await desk.run('maintenance off --json')).stdout)).to.deep.equal({
      app: 'shop',
      maintenance: false,
    });
  });

  it('looks at builds', async () => {
    await desk.run(`login ${desk.url} --token-stdin`, { stdin: tokens.admin });
    await writeFile(join(desk.folder, 'Procfile'), 'web: x\n');
    await desk.run('deploy -a shop');
    const [build] = await desk.platform.builds.list('shop');
    expect((await desk.run('builds')).stdout).to.match(
      new RegExp(`^=== shop Builds\\n\\nBuild +Status +Source +Release +By +When\\n${build!.id} +succeeded +v1 +admin`),
    );
    expect(JSON.parse((await desk.run('builds:info --json')).stdout)).to.include({
      id: build!.id,
      status: 'succeeded',
    });
    const { stdout } = await desk.run('builds:output');
    expect(stdout).to.match(/^-----> Building$/m);
    const events = (await desk.run(`builds:output ${build!.id} --json`)).stdout.trim().split('\n');
    const output = events.map((event) => JSON.parse(event) as Event).filter((event) => event.type === 'output');
    expect(output.map(({ line }) => line).join('\n')).to.equal(stdout.trim());
    expect((await desk.run('builds:output nope')).code).to.equal(1);
  });

  it('who types a command that is not there is told which one is near', async () => {
    const result = await desk.run('app:create shop');
    expect(result).to.include({ code: 2, stdout: '' });
    expect(result.stderr).to.equal(
      ' ›   Error: app:create is not a mothership command. Did you mean `mothership apps:create`?\n ›\n' +
        ' ›   Try this: List all commands with `mothership help`.\n',
    );
    expect((await desk.run('apps --frob')).stderr).to.equal(
      ' ›   Error: Nonexistent flag: --frob.\n ›\n ›   Try this: See `mothership apps --help`.\n',
    );
    expect((await desk.run('--versoin')).stderr).to.equal(
      ' ›   Error: Unknown flag before the command: --versoin.\n ›\n ›   Try this: See `mothership --help`.\n',
    );
    expect(JSON.parse((await desk.run('apps --frob --json')).stderr)).to.include({ code: 'USAGE_INVALID' });
  });
});
