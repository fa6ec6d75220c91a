import { expect } from 'chai';
import { tokens } from '../controller/tokens.ts';
import { Desk } from './cli.ts';

const GB = 1024 ** 3;

describe('builds:settings', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(() => desk.close());

  const settings = () => desk.platform.buildSettings.info();

  it('sets variables and limits, without repeating a value, and takes them away', async () => {
    const set = await desk.run(
      'builds:settings:set PIP_INDEX_URL=https://u:secret@pip.example.com/simple?a=b GOPROXY= --slots 4 --memory 4G --cpus 1.5 --cache 100G --disk 512M --timeout 60',
    );
    expect(set).to.deep.equal({ code: 0, stdout: '', stderr: 'Setting 8 build settings for builds... done\n' });
    expect(await settings()).to.deep.include({
      env: { GOPROXY: '', PIP_INDEX_URL: 'https://u:secret@pip.example.com/simple?a=b' },
      slots: 4,
      memoryBytes: 4 * GB,
      cpus: 1.5,
      cacheBytes: 100 * GB,
      diskBytes: GB / 2,
      seconds: 60,
    });
    expect(JSON.parse((await desk.run('builds settings unset GOPROXY --slots --json')).stdout)).to.deep.equal({
      changed: ['GOPROXY', 'slots'],
    });
    expect(await settings()).to.deep.include({
      env: { PIP_INDEX_URL: 'https://u:secret@pip.example.com/simple?a=b' },
      slots: null,
      cpus: 1.5,
    });
    await desk.run('builds:settings:unset --memory --cpus --cache --disk --timeout PIP_INDEX_URL');
    expect(await settings()).to.deep.include({
      env: {},
      slots: null,
      cacheBytes: null,
      memoryBytes: 2 * GB,
      cpus: 2,
      diskBytes: 4 * GB,
      seconds: 900,
    });
  });

  it('shows them as text that a shell takes, and as JSON', async () => {
    await desk.run(['builds:settings:set', 'MAVEN_MIRROR_URL=https://maven.example.com/a b', '--cache', '20G']);
    expect((await desk.run('builds:settings')).stdout).to.equal(
      [
        '=== Builds',
        '',
        'Builds per builder:   as many as fit',
        'Cache size per node:  20G',
        'Memory per build:     2G',
        'Cores:                2',
        'Disk:                 4G',
        'Time:                 900 s',
        "Variables:            MAVEN_MIRROR_URL='https://maven.example.com/a b'",
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await desk.run('builds:settings --json')).stdout)).to.deep.equal({
      env: { MAVEN_MIRROR_URL: 'https://maven.example.com/a b' },
      registries: [],
      registryLogins: {},
      slots: null,
      cacheBytes: 20 * GB,
      memoryBytes: 2 * GB,
      cpus: 2,
      diskBytes: 4 * GB,
      seconds: 900,
    });
  });

  it('allows registries, and keeps their passwords to itself', async () => {
    const login = ['builds:settings:set', '--registry-login', 'GHCR.io', '--credentials-stdin'];
    const set = await desk.run(login, { stdin: 'robot:pass:word-81f3\n' });
    expect(set).to.deep.equal({ code: 0, stdout: '', stderr: 'Setting ghcr.io for builds... done\n' });
    await desk.run('builds:settings:set --allow-registry registry.corp:5000 --allow-registry 10.0.0.5');
    const shown = await desk.run('builds:settings');
    expect(shown.stdout)
      .to.match(/^Allowed registries: +10\.0\.0\.5\n +registry\.corp:5000$/m)
      .and.match(/^Registry logins: +ghcr\.io \(robot\)$/m);
    const json = (await desk.run('builds:settings --json')).stdout;
    expect(JSON.parse(json)).to.deep.include({
      registries: ['10.0.0.5', 'registry.corp:5000'],
      registryLogins: { 'ghcr.io': 'robot' },
    });
    for (const text of [shown.stdout, json]) expect(text).not.to.include('81f3');
    await desk.run('builds:settings:set --registry-logout ghcr.io --disallow-registry registry.corp:5000');
    expect(await settings()).to.deep.include({ registries: ['10.0.0.5'], registryLogins: {} });
  });

  it('takes no credentials without a password', async () => {
    const login = ['builds:settings:set', '--registry-login', 'ghcr.io', '--credentials-stdin'];
    for (const stdin of ['', 'robot', 'robot:', ':password'])
      expect((await desk.run(login, { stdin })).code).to.equal(2);
    expect((await settings()).registryLogins).to.deep.equal({});
  });

  for (const [argv, code] of Object.entries({
    'builds:settings:set': 'USAGE_INVALID',
    'builds:settings:unset': 'USAGE_INVALID',
    'builds:settings:set NAME': 'ENV_LINE_INVALID',
    'builds:settings:set A-B=1': 'BUILD_SETTING_INVALID',
    'builds:settings:set --memory lots': 'USAGE_INVALID',
    'builds:settings:set --cpus many': 'USAGE_INVALID',
    'builds:settings:set --memory 1M': 'REQUEST_INVALID',
    'builds:settings:set --slots 0': 'REQUEST_INVALID',
    'builds:settings:unset NAME': 'BUILD_SETTING_MISSING',
    'builds:settings:set --allow-registry https://ghcr.io': 'BUILD_SETTING_INVALID',
    'builds:settings:set --allow-registry ghcr.io/example': 'BUILD_SETTING_INVALID',
    'builds:settings:set --allow-registry a_b': 'BUILD_SETTING_INVALID',
    'builds:settings:set --disallow-registry ghcr.io': 'BUILD_SETTING_MISSING',
    'builds:settings:set --registry-logout ghcr.io': 'BUILD_SETTING_MISSING',
    'builds:settings:set --registry-login ghcr.io': 'ANSWER_NEEDED',
  })) {
    it(`refuses ${argv}`, async () => {
      const before = await settings();
      const { code: exit, stderr } = await desk.run(`${argv} --json`);
      expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).to.include({ code });
      expect(exit).to.equal(2);
      expect(await settings()).to.deep.equal(before);
    });
  }

  it('is for admins', async () => {
    for (const argv of ['builds:settings', 'builds:settings:set A=1', 'builds:settings:unset A']) {
      expect((await desk.run(argv, { env: { MOTHERSHIP_TOKEN: tokens.member } })).stderr, argv).to.include('admin');
    }
    expect((await settings()).env).to.deep.equal({});
  });
});
