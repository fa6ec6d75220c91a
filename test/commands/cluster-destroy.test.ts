import { expect } from 'chai';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readContexts, saveContext } from '../../src/cli/session/contexts.ts';
import type { AwsSource } from '../../src/provision/index.ts';
import { Ec2Endpoint } from '../lab/ec2/index.ts';
import { tokens } from '../controller/tokens.ts';
import { Desk, type Result } from './cli.ts';

const EMPTY = { instances: [], volumes: [], addresses: [], groups: [], keys: [] };
const NO_ENGINE = { DOCKER_HOST: 'unix:///nowhere.sock' };
const SETUP = 'setup --provider aws --managers 1 --workers 1 --admin-cidr 198.51.100.7/32 --yes';

/** Its machines refuse every connection. */
const backend = {
  start: () => Promise.resolve({ privateIp: '127.0.0.1', publicIp: '127.0.0.1' }),
  stop: async () => {},
};

describe('an interrupted setup on EC2', function () {
  this.timeout(60_000);
  const kept = { ...process.env };
  let endpoint: Ec2Endpoint;
  let desk: Desk;
  beforeEach(async () => {
    endpoint = await Ec2Endpoint.start({ backend });
    Object.assign(process.env, endpoint.env);
    desk = await Desk.open({ loggedIn: false });
  });
  afterEach(async () => {
    for (const name of Object.keys(endpoint.env)) delete process.env[name];
    Object.assign(process.env, kept);
    await desk.close();
    await endpoint.close();
  });

  const run = (line: string): Promise<Result> => desk.run(line, { env: { ...endpoint.env, ...NO_ENGINE } });
  const source = async (): Promise<AwsSource> =>
    (await readContexts(desk.contextsFile)).contexts['mothership']?.machines as AwsSource;
  const files = (): Promise<string[]> => readdir(dirname(desk.contextsFile));

  /** Ends setup at its nth change, before or after EC2 has made it. */
  const interruptAt = (point: number, after: boolean): void => {
    let count = 0;
    const when = (query: { at: (path: string) => string | undefined }): boolean =>
      !query.at('Action')?.startsWith('Describe') && ++count === point;
    endpoint.inject({ code: 'UnauthorizedOperation', when, after });
  };

  const half = async (): Promise<void> => {
    interruptAt(4, true);
    await run(SETUP);
    endpoint.calm();
  };

  for (const after of [false, true])
    it(`is destroyed by one command, ${after ? 'after' : 'before'} any of its changes`, async () => {
      for (let point = 1; point <= 5; point += 1) {
        interruptAt(point, after);
        expect((await run(SETUP)).code, `change ${point}`).to.equal(1);
        endpoint.calm();
        const { instances } = endpoint.inventory();
        const destroyed = await run('cluster:destroy --confirm mothership');
        expect(destroyed.code, destroyed.stderr).to.equal(0);
        for (const name of instances) expect(destroyed.stderr).to.contain(`${name} (i-`);
        expect(destroyed.stderr).to.contain('Amazon EC2 in eu-central-1');
        expect(endpoint.inventory(), `change ${point}`).to.deep.equal(EMPTY);
        expect(await readContexts(desk.contextsFile)).to.deep.equal({ current: null, contexts: {} });
        expect(await files()).to.deep.equal(['contexts.json']);
      }
    });

  it('goes on when it is run again, with the same machines and key', async () => {
    await half();
    const { publicKey } = await source();
    const again = await run('setup --yes');
    expect(again.stderr).to.contain('Cannot reach admin@127.0.0.1');
    expect(endpoint.inventory().instances).to.deep.equal(['mothership-manager-1', 'mothership-worker-1']);
    expect(endpoint.world.keys.map((key) => key.publicKey.trim())).to.deep.equal([publicKey]);
    expect(await source()).to.include({ publicKey });
  });

  it('makes a key of its own, which only its owner can read, and uses the one that is there', async () => {
    await half();
    const { keys, publicKey } = await source();
    expect(keys).to.deep.equal([join(dirname(desk.contextsFile), 'ssh_key.mothership')]);
    expect((await stat(keys[0]!)).mode & 0o777).to.equal(0o600);
    expect(await readFile(keys[0]!, 'utf8')).to.match(/^-----BEGIN OPENSSH PRIVATE KEY-----/);
    expect(publicKey).to.match(/^ssh-ed25519 \S+ mothership-mothership$/);
    await writeFile(desk.contextsFile, '{"current":null,"contexts":{}}');
    await half();
    expect(await source()).to.include({ publicKey });
    expect(endpoint.world.keys).to.have.length(1);
  });

  it('makes nothing, here or there, if only its plan is wanted or its name is refused', async () => {
    expect((await run(`${SETUP} --plan`)).code).to.equal(0);
    expect((await run(`${SETUP} --name ../mothership`)).code).to.equal(2);
    expect(endpoint.inventory()).to.deep.equal(EMPTY);
    expect(await files().catch(() => [])).to.deep.equal([]);
  });

  it('leaves the current context current, and says what is missing', async () => {
    const prod = { url: 'https://prod.example.com', token: 't', domain: 'prod.example.com' };
    await saveContext(desk.contextsFile, 'prod', prod);
    await half();
    expect((await readContexts(desk.contextsFile)).current).to.equal('prod');
    expect((await run('contexts')).stdout).to.contain('setup has not finished');
    const apps = await run('apps --context mothership');
    expect(apps).to.include({ code: 1 });
    expect(apps.stderr).to.contain('has not finished').and.contain('cluster:destroy --context mothership');
    const other = await run('cluster:destroy --context mothership --confirm prod');
    expect(other.code).to.equal(2);
    expect(endpoint.inventory().instances).to.have.length(1);
  });

  it('stays in its region, which the context records', async () => {
    const { AWS_REGION: _region, ...elsewhere } = endpoint.env;
    await half();
    expect(await source()).to.include({ region: 'eu-central-1' });
    const env = { ...elsewhere, ...NO_ENGINE, AWS_REGION: 'us-east-1' };
    const other = await desk.run(`${SETUP} --region us-east-1`, { env });
    expect(other.code).to.equal(2);
    expect(other.stderr).to.contain('the cluster is in eu-central-1');
    await desk.run(SETUP.replace('--yes', '--plan'), { env });
    expect((await desk.run('cluster:destroy --confirm mothership', { env })).code).to.equal(0);
    expect(endpoint.inventory()).to.deep.equal(EMPTY);
  });

  it('is not taken for destroyed when other credentials see nothing of it', async () => {
    await half();
    const { machines, ...rest } = (await readContexts(desk.contextsFile)).contexts['mothership']!;
    await saveContext(desk.contextsFile, 'mothership', { ...rest, token: 't', url: 'http://x', machines: machines! });
    const { instances, keys, groups } = endpoint.world;
    const kept = [instances, keys, groups].map((all: unknown[]) => all.splice(0));
    const { code, stderr } = await run('cluster:destroy --confirm mothership');
    expect(code).to.equal(1);
    expect(stderr).to.contain('Cannot find any machine').and.contain('AWS_PROFILE');
    expect(await source()).to.include({ provider: 'aws' });
    [instances, keys, groups].forEach((all: unknown[], index) => all.push(...kept[index]!));
    const destroyed = await run('cluster:destroy --confirm mothership');
    expect(destroyed.stderr)
      .to.contain('the cluster mothership at http://x: Amazon EC2 in eu-central-1; ')
      .and.contain('security group mothership-mothership (sg-')
      .and.contain('key pair');
    expect(endpoint.inventory()).to.deep.equal(EMPTY);
  });

  it('is not forgotten for machines of another provider', async () => {
    await half();
    for (const line of ['setup --provider local --yes', 'setup --host root@192.0.2.7 --yes']) {
      const refused = await run(line);
      expect(refused.code, line).to.equal(1);
      expect(refused.stderr).to.contain('has machines from the provider "aws"').and.contain('another --name');
    }
    expect(await source()).to.include({ provider: 'aws' });
  });
});

describe('a context that is not the cluster here', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(() => desk.close());

  for (const line of [
    'cluster:destroy --context typo --confirm mothership',
    'cluster:destroy --context  --confirm mothership',
    'cluster:destroy --context __proto__ --confirm mothership',
    'cluster:chaos kill node-2 --context typo',
    'doctor --context typo',
    'setup --context typo --yes',
    'nodes:add --context typo --host root@192.0.2.7 --yes',
    'nodes:remove two --confirm two --context typo',
    'login --context typo --token-stdin',
  ])
    it(`is named as unknown by ${line}`, async () => {
      const { code, stderr } = await desk.run(line.split(' '), { env: NO_ENGINE, stdin: 'token' });
      expect(stderr).to.match(/Cannot find the context "(typo|__proto__|)"/);
      expect(code).to.equal(2);
    });

  for (const line of [
    'cluster:destroy --confirm mothership',
    'doctor',
    'setup --yes',
    'nodes:add --host root@192.0.2.7 --yes',
    'nodes:remove two --confirm two',
  ])
    it(`is named as unknown by ${line} with MOTHERSHIP_CONTEXT`, async () => {
      const env = { ...NO_ENGINE, MOTHERSHIP_CONTEXT: 'typo' };
      expect((await desk.run(line, { env })).stderr).to.contain('Cannot find the context "typo"');
    });

  it('keeps its machines through a logout and a login, and is forgotten only by name', async () => {
    const machines = { provider: 'local', managers: 1, workers: 2, zones: [] } as const;
    const context = { url: desk.url, token: tokens.admin, domain: 'localhost', machines };
    const held = async () => (await readContexts(desk.contextsFile)).contexts['test'];
    await saveContext(desk.contextsFile, 'test', context);
    expect((await desk.run('logout')).code).to.equal(0);
    expect(await held()).to.deep.equal({ ...context, token: '' });
    expect((await desk.run('apps')).stderr).to.contain('mothership login');
    expect((await desk.run('login --token-stdin', { stdin: tokens.admin })).code).to.equal(0);
    const again = await desk.run('login --name test --token-stdin', { stdin: tokens.admin });
    expect(again.stderr + JSON.stringify(await held())).to.contain(tokens.admin);
    expect((await held())?.machines).to.deep.equal(machines);
    await saveContext(desk.contextsFile, 'test', { ...context, url: 'https://other.example.com' });
    const taken = await desk.run(['login', desk.url, '--name', 'test', '--token-stdin'], { stdin: tokens.admin });
    expect(taken.stderr).to.contain('https://other.example.com').and.contain('--name');
    expect((await desk.run('contexts:remove test')).stderr).to.contain('--confirm test');
    expect((await held())?.machines).to.deep.equal(machines);
    expect((await desk.run('contexts:remove test --confirm test')).code).to.equal(0);
    expect(await held()).to.equal(undefined);
  });

  it('does not lose a machine when another cluster loses its node', async () => {
    const prod = { url: desk.url, token: tokens.admin, domain: 'localhost' };
    const machines = {
      provider: 'ssh',
      managers: 1,
      workers: 0,
      zones: [],
      hosts: ['root@10.77.0.2'],
      keys: [],
    } as const;
    await saveContext(desk.contextsFile, 'prod', prod);
    await saveContext(desk.contextsFile, 'lab', { ...prod, machines });
    const env = { ...NO_ENGINE, MOTHERSHIP_CONTEXT: 'prod' };
    const { code, stderr } = await desk.run('nodes:remove two --confirm two', { env });
    expect(stderr).not.to.contain('root@10.77.0.2');
    expect(code, stderr).to.equal(0);
    expect((await readContexts(desk.contextsFile)).contexts['lab']?.machines).to.deep.equal(machines);
  });

  it("is the folder's, if that is unknown", async () => {
    await writeFile(join(desk.folder, '.mothership.json'), '{"app":"shop","context":"gone"}');
    const { stderr } = await desk.run('cluster:destroy --confirm mothership', { env: NO_ENGINE });
    expect(stderr).to.contain('Cannot find the context "gone"');
  });

  it('is needed by name if the environment has only a URL', async () => {
    const env = { ...NO_ENGINE, MOTHERSHIP_URL: desk.url, MOTHERSHIP_TOKEN: 't' };
    const { code, stderr } = await desk.run('cluster:destroy --confirm mothership', { env });
    expect(code).to.equal(2);
    expect(stderr).to.contain('--context');
  });
});
