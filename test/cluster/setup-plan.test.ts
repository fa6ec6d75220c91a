import { expect } from 'chai';
import { clusterRecord, clusterSpec, fingerprint, type ClusterSpec } from '../../src/cluster/setup/cluster-spec.ts';
import { TRUST_OBJECTS } from '../../src/cluster/names.ts';
import { planSetup } from '../../src/cluster/setup/setup-plan.ts';
import type { Observed } from '../../src/cluster/setup/observe-cluster.ts';
import { settle, type SetupOptions } from '../../src/cluster/setup/options.ts';
import { platformImages } from '../../src/cluster/images/platform-images.ts';
import type { EngineInfo } from '../../src/engine/index.ts';
import { isMothershipError } from '../../src/errors/index.ts';
import { Secret } from '../../src/events/index.ts';
import type { ClusterRecord } from '../../src/store/index.ts';
import { FakeFiles } from './world.ts';

const engine: EngineInfo = {
  name: 'e',
  version: '26.1.5',
  apiVersion: '1.45',
  architecture: 'x86_64',
  cpus: 2,
  memoryBytes: 8e9,
  swarm: 'inactive',
  nodeId: '',
  nodeAddress: '',
  warnings: [],
  slices: false,
};
const bare: Observed = {
  engine,
  foreignServices: [],
  record: undefined,
  images: [],
  networks: [],
  volumes: [],
  secrets: [],
  configs: [],
  services: {},
  hasAdmin: false,
  tokenHolds: false,
  portsTaken: [],
  answers: false,
  addresses: ['192.0.2.7', '10.0.0.1'],
};

async function specFor(
  options: Partial<SetupOptions> = {},
  record?: ClusterRecord,
  files = new FakeFiles(),
): Promise<ClusterSpec> {
  const settings = settle({ address: '127.0.0.1', ...options }, record);
  const images = await platformImages(files, settings.stack, settings.mirror);
  return clusterSpec({ version: '1.2.3', provider: 'local', settings, images }, record);
}

const record: ClusterRecord = {
  name: 'mothership',
  version: '1.2.3',
  createdAt: '2026-01-01T00:00:00.000Z',
  domain: 'localhost',
  httpPort: 80,
  httpsPort: 443,
  publish: 'host',
  defaultStack: 'debian-13',
  stacks: {},
  images: { controller: 'c', router: 'r' },
  provider: 'local',
};

/** All that `spec` asks for is there. */
function complete(spec: ClusterSpec): Observed {
  return {
    ...bare,
    engine: { ...engine, swarm: 'manager' },
    record,
    images: Object.values(spec.images).map((image) => image.tag),
    networks: ['mothership-control', 'mothership-proxy'],
    volumes: ['mothership-data', 'mothership-router'],
    secrets: [
      'mothership-router-token',
      'mothership-api-key',
      spec.certificate.cert,
      spec.certificate.key,
      ...TRUST_OBJECTS,
    ],
    configs: ['mothership-api-cert', ...TRUST_OBJECTS, ...(spec.caBundle ? [spec.caBundle] : [])],
    services: {
      'mothership-agent': fingerprint(spec, 'agent'),
      'mothership-controller': fingerprint(spec, 'controller'),
      'mothership-router': fingerprint(spec, 'router'),
    },
    hasAdmin: true,
    tokenHolds: true,
    answers: true,
  };
}

const lines = (observed: Observed, spec: ClusterSpec): string[] =>
  planSetup(observed, spec).map(({ title, cause }) => `${title} (${cause})`);

function refusal(observed: Observed, spec: ClusterSpec): string {
  try {
    planSetup(observed, spec);
    return 'planned';
  } catch (error) {
    if (!isMothershipError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe('the plan of setup', () => {
  it('does everything, in order, on a bare engine', async () => {
    expect(lines(bare, await specFor())).to.deep.equal([
      'Initialize a one-node Swarm on this engine at 192.0.2.7 (it is not in a Swarm)',
      'Get Debian 13 as the base image, from Docker Hub, or else bootstrapped from a Debian mirror (the engine does not have it)',
      'Build the image debian-13-run (the engine does not have it)',
      'Build the image debian-13-build (the engine does not have it)',
      'Build the image controller (the engine does not have it)',
      'Build the image router (the engine does not have it)',
      'Create the network mothership-control for controller and routers (it does not exist)',
      'Create the network mothership-proxy for routers and web processes (it does not exist)',
      'Create the volume mothership-data (it does not exist)',
      'Create the volume mothership-router (it does not exist)',
      'Create the token that routers present to the controller (there is none)',
      'Create a self-signed certificate for localhost and *.localhost (there is none for this domain)',
      'Create the certificate by which routers recognize the controller (there is none)',
      'Create the certificates that the platform uses to authenticate its parts (some are missing)',
      'Store the cluster settings (there are none)',
      'Create an access token for the admin "admin" (there is none)',
      "Start the agent and add firewall rules that keep containers from this machine's SSH and cluster ports (it is not running)",
      'Start the controller (it is not running)',
      'Start the router (it is not running)',
      'Wait until http://mothership.localhost responds and the routers have their routes (it was just started)',
    ]);
  });

  it('has nothing to do where all is as asked', async () => {
    const spec = await specFor({}, record);
    expect(lines(complete(spec), spec)).to.deep.equal([]);
  });

  it('keeps the settings of a cluster when none are given', async () => {
    const other = {
      ...record,
      domain: 'apps.example.com',
      httpPort: 8080,
      httpsPort: 8443,
      publish: 'ingress' as const,
      npmRegistry: 'http://npm.test/',
    };
    const spec = await specFor({}, other);
    expect(lines({ ...complete(spec), record: other }, spec)).to.deep.equal([]);
  });

  it('rebuilds only what changed: a new controller', async () => {
    const before = complete(await specFor({}, record));
    const files = new FakeFiles();
    files.controller = 'version 2';
    expect(lines(before, await specFor({}, record, files))).to.deep.equal([
      'Build the image controller (the engine does not have it)',
      'Store the cluster settings (images have changed)',
      'Update the agent (its image or settings have changed)',
      'Update the controller (its image or settings have changed)',
      'Wait until http://mothership.localhost responds and the routers have their routes (it was just started)',
    ]);
  });

  it('makes a new certificate and updates both services for a new domain', async () => {
    const before = complete(await specFor({}, record));
    expect(lines(before, await specFor({ domain: 'Example.COM.' }, record))).to.deep.equal([
      'Create a self-signed certificate for example.com and *.example.com (there is none for this domain)',
      'Store the cluster settings (they have changed)',
      'Update the agent (its image or settings have changed)',
      'Update the controller (its image or settings have changed)',
      'Update the router (its image or settings have changed)',
      'Wait until http://mothership.example.com responds and the routers have their routes (it was just started)',
    ]);
  });

  it('makes the pair by which routers recognize the controller again when half of it is missing', async () => {
    const spec = await specFor({}, record);
    const all = complete(spec);
    const without = (held: readonly string[], gone: string): string[] => held.filter((name) => name !== gone);
    for (const lacking of [
      { secrets: without(all.secrets, 'mothership-api-key') },
      { configs: without(all.configs, 'mothership-api-cert') },
    ])
      expect(lines({ ...all, ...lacking }, spec)).to.deep.equal([
        'Create the certificate by which routers recognize the controller (there is none)',
      ]);
  });

  it('builds a missing base again only for what stands on it', async () => {
    const spec = await specFor({}, record);
    const all = complete(spec);
    const without = (...tags: string[]): Observed => ({
      ...all,
      images: all.images.filter((tag) => !tags.includes(tag)),
    });
    expect(lines(without(spec.images.base.tag), spec)).to.deep.equal([]);
    expect(
      planSetup(without(spec.images.base.tag, spec.images.router.tag), spec).map((step) => step.phase),
    ).to.deep.equal(['image base', 'image router', 'settings']);
  });

  it('gives a cluster of an earlier version certificates and an agent', async () => {
    const spec = await specFor({}, record);
    const all = complete(spec);
    const { 'mothership-agent': _agent, ...services } = all.services;
    const secrets = all.secrets.filter((name) => !TRUST_OBJECTS.some((each) => each === name));
    expect(planSetup({ ...all, secrets, configs: [], services }, spec).map((step) => step.phase)).to.deep.equal([
      'certificate',
      'trust',
      'agent',
      'answer',
    ]);
  });

  it('makes this machine a token when it has no valid one', async () => {
    const spec = await specFor({}, record);
    expect(lines({ ...complete(spec), tokenHolds: false }, spec)).to.deep.equal([
      'Create an access token for the admin "admin" (this machine has no valid token)',
    ]);
  });

  it("advertises the address that was given, then the router's, then the machine's own", async () => {
    const swarm = async (options: Partial<SetupOptions>): Promise<string> =>
      planSetup(bare, await specFor(options))[0]!.title;
    expect(await swarm({ advertiseAddress: '198.51.100.1', address: '10.9.9.9' })).to.contain('at 198.51.100.1');
    expect(await swarm({ address: '10.9.9.9' })).to.contain('at 10.9.9.9');
    expect(await swarm({})).to.contain('at 192.0.2.7');
  });

  for (const [option, storage, more] of [
    ['registry-bucket', { bucket: 'No Bucket' }, {}],
    ['registry-endpoint', { endpoint: 's3.example.com' }, {}],
    ['registry-bucket', {}, { nodes: 'one' }],
    [
      'registry-bucket',
      {},
      { externalRegistry: { prefix: 'images.example.com', user: 'u', password: new Secret('p') } },
    ],
  ] as const) {
    it(`takes no bucket for the registry with ${JSON.stringify({ ...storage, ...more })}`, () => {
      const registryStorage = {
        bucket: 'images',
        region: 'eu-central-1',
        accessKey: new Secret('a'),
        secretKey: new Secret('b'),
        ...(storage as object),
      };
      expect(() => settle({ address: '127.0.0.1', nodes: 'many', registryStorage, ...more }, undefined))
        .to.throw()
        .that.satisfies(
          (error: unknown) => isMothershipError(error, 'SETUP_OPTION_INVALID') && error.message.includes(option),
        );
    });
  }

  it('refuses what it must not touch', async () => {
    const spec = await specFor();
    const inSwarm = (state: EngineInfo['swarm']): Observed => ({ ...bare, engine: { ...engine, swarm: state } });
    expect(refusal({ ...inSwarm('manager'), foreignServices: ['db', 'shop'] }, spec)).to.equal(
      'SETUP_SWARM_FOREIGN: This Docker Swarm already runs services that do not belong to Mothership: db, shop.',
    );
    expect(
      refusal({ ...inSwarm('manager'), foreignServices: ['db'] }, await specFor({ joinExistingSwarm: true })),
    ).to.equal('planned');
    expect(refusal(inSwarm('worker'), spec)).to.match(/^SETUP_SWARM_UNUSABLE/);
    expect(refusal(inSwarm('locked'), spec)).to.match(/^SETUP_SWARM_UNUSABLE/);
    expect(refusal({ ...bare, engine: { ...engine, version: '19.03.8' } }, spec)).to.equal(
      'SETUP_ENGINE_OLD: Docker Engine 19.03.8 is too old; Mothership requires 20.10 or newer.',
    );
    expect(refusal({ ...bare, portsTaken: [443] }, spec)).to.match(/^SETUP_PORT_TAKEN: Port 443, /);
    expect(refusal({ ...complete(spec) }, await specFor({ name: 'other' }, record))).to.match(/^SETUP_CLUSTER_EXISTS/);
  });

  it('says which option is wrong', () => {
    const code = (options: Partial<SetupOptions>): string => {
      try {
        settle({ address: '127.0.0.1', ...options }, undefined);
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const bad: Record<string, Partial<SetupOptions>> = {
      '--name': { name: 'Two Words' },
      '--domain': { domain: 'exa mple' },
      '--http-port': { httpPort: 0 },
      '--https-port': { httpPort: 80, httpsPort: 80 },
      '--stack': { stack: 'windows' },
      '--mirror': { mirror: 'ftp://x' },
      '--admin-user': { adminUser: 'a b' },
      '--ca-file': { caBundle: Buffer.from('no certificate') },
    };
    for (const [option, given] of Object.entries(bad))
      expect(code(given), option).to.match(new RegExp(`^Invalid value for ${option}\\b`));
    expect(code({ domain: '10.0.0.1' })).to.contain('apps need names under it');
    expect(code({ caBundle: Buffer.from(`-----BEGIN CERTIFICATE-----${'x'.repeat(1e6)}`) })).to.contain(
      'Swarm stores at most 900 kB',
    );
    expect(code({ domain: 'apps.example.com', httpPort: 8080 })).to.equal('taken');
  });
});

describe('the record of a cluster', () => {
  const facts = {
    images: { controller: 'c', router: 'r', stackRun: 'run', stackBuild: 'build' },
    publish: 'host' as const,
    createdAt: '2026-01-01T00:00:00.000Z',
    references: {},
  };

  it("has the names of the stack's own buildpacks", async () => {
    const files = new FakeFiles();
    const own = ['order', 'lib/npm.sh', 'nodejs/bin/detect', 'apt/bin/detect', 'apt/bin/compile'];
    const folder = (path: string): ReturnType<FakeFiles['folder']> =>
      path === 'buildpacks'
        ? Promise.resolve(own.map((each) => ({ path: each, mode: 0o755, content: Buffer.from('') })))
        : files.folder(path);
    const spec = await specFor({}, undefined, Object.assign(new FakeFiles(), { folder }));
    expect(clusterRecord(spec, facts).stacks['debian-13']?.buildpacks).to.deep.equal(['apt', 'nodejs']);
  });
});
