import { createServer, type AddressInfo, type Server } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Host } from '../../src/events/index.ts';
import { LocalMachine, SshMachine, type Machine } from '../../src/provision/index.ts';
import { KnownHosts, SshConnection, SshIdentity, sshTarget } from '../../src/remote/index.ts';
import { newKey, SshServer } from '../remote/ssh-server.ts';
import { machineContract } from './machine.contract.ts';

const host: Host = { notify: () => undefined, ask: (() => Promise.resolve('')) as unknown as Host['ask'] };

describe('LocalMachine', () => {
  let listener: Server;

  before((done) => void (listener = createServer().listen(0, '127.0.0.1', done)));
  after(() => void listener.close());

  machineContract(() => ({ machine: new LocalMachine(), port: (listener.address() as AddressInfo).port }));
});

/** The server runs commands on this computer. */
describe('SshMachine', () => {
  let folder: string;
  let server: SshServer;
  let connection: SshConnection;
  let machine: Machine;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'machine-'));
    const key = newKey();
    const file = join(folder, 'key');
    await writeFile(file, key.private, { mode: 0o600 });
    server = await new SshServer([newKey()], [key]).start();
    connection = new SshConnection({
      target: sshTarget(`root@127.0.0.1:${server.port}`),
      host,
      clock: systemClock,
      identity: new SshIdentity({ keyFiles: [file], host }),
      knownHosts: new KnownHosts(join(folder, 'known_hosts')),
    });
    machine = await SshMachine.open(connection);
  });

  after(async () => {
    await connection.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  machineContract(() => ({ machine, port: server.port }));
});
