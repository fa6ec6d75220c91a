import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock, type Host } from '../../../src/events/index.ts';
import { AwsProvider } from '../../../src/provision/aws/index.ts';
import { SshMachine } from '../../../src/provision/ssh/ssh-machine.ts';
import { createKeyPair, KnownHosts, SshConnection, SshIdentity } from '../../../src/remote/index.ts';
import { Ec2Endpoint, LabHosts } from '../../lab/ec2/index.ts';
import { connectTo, SETTINGS } from './account.ts';

const quiet: Host = { notify: () => {}, ask: (): Promise<never> => Promise.reject(new Error('a question')) };

describe('a machine of EC2 that answers', function () {
  this.timeout(300_000);
  const hosts = new LabHosts();
  let endpoint: Ec2Endpoint;
  let folder: string;
  before(async () => {
    endpoint = await Ec2Endpoint.start({ backend: hosts });
    folder = await mkdtemp(join(tmpdir(), 'mothership-aws-'));
  });
  after(async () => {
    await endpoint.close();
    await hosts.cleanup();
    await rm(folder, { recursive: true, force: true });
  });

  it('is made, lets its operator in as somebody who may be root, and is gone after a destroy', async () => {
    const keyFile = join(folder, 'id_ed25519');
    const { privateKey, publicKey } = createKeyPair('mothership-edge');
    await writeFile(keyFile, privateKey.reveal(), { mode: 0o600 });
    const identity = new SshIdentity({ keyFiles: [keyFile], host: quiet });
    const knownHosts = new KnownHosts(join(folder, 'known_hosts'));
    const provider = new AwsProvider(
      { ...SETTINGS, publicKey },
      {
        connect: () => connectTo(endpoint, systemClock),
        reach: async (address) => {
          const connection = new SshConnection({
            target: { user: 'admin', host: address, port: 22 },
            identity,
            knownHosts,
            host: quiet,
            clock: systemClock,
            patienceMs: 60_000,
          });
          const machine = await SshMachine.open(connection);
          return { machine, engine: machine.engine, close: () => connection.close() };
        },
      },
    );
    const [made, ...others] = await provider.create({ cluster: 'edge', managers: 1, workers: 0, zones: [] });
    expect(others).to.deep.equal([]);
    expect(made).to.include({ name: 'edge-manager-1', role: 'manager', zone: 'eu-central-1a' });
    expect((await made?.machine.run(['id', '-un']))?.stdout).to.equal('admin');
    expect((await made?.machine.run(made.machine.asRoot(['id', '-un'])))?.stdout).to.equal('root');
    expect(await made?.machine.addresses()).to.include(made?.privateAddress);
    const node = await hosts.node(made?.id ?? '');
    await provider.destroy('edge');
    expect(endpoint.inventory()).to.deep.equal({ instances: [], volumes: [], addresses: [], groups: [], keys: [] });
    expect((await node?.exec(['true']))?.code).not.to.equal(0);
    await provider.close();
  });
});
