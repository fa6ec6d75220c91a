import { join } from 'node:path';
import { InstalledFiles, nodeImage, type FleetDestroyParts, type FleetParts, type PackageFiles } from '#cluster';
import { dockerEngine, engineAddress } from '#engine';
import type { Clock, Host } from '#events';
import {
  Bootstrap,
  LocalMachine,
  SshMachine,
  SshProvider,
  sshHosts,
  withdraw,
  type AwsSource,
  type MachineSource,
  type Provider,
  type SshSource,
} from '#provision';
import { KnownHosts, SshConnection, SshIdentity, sshTarget } from '#remote';
import { SwarmStore } from '#store';

export interface FleetOptions extends Pick<FleetParts, 'findToken' | 'keepMachines' | 'keepToken' | 'version'> {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly host: Host;
  readonly cluster: string;
  /** A file or folder of this installation of Mothership. */
  readonly installation: string;
  /** Folder for host keys. */
  readonly folder: string;
}

/** How long a new machine may take until it accepts SSH. */
const BOOT_MS = 180_000;
/** The user of Debian's images on EC2. */
const AWS_USER = 'admin';

/** Opens the machines of a source. Close the provider afterwards. */
export async function openFleet(source: MachineSource, options: FleetOptions): Promise<FleetParts & FleetDestroyParts> {
  const { clock, host, version, findToken, keepMachines, keepToken } = options;
  const files = await InstalledFiles.around(options.installation);
  const provider = await openProvider(source, files, options);
  return {
    provider,
    clock,
    host,
    files,
    version,
    findToken,
    keepMachines,
    keepToken,
    engineAt: (address) => dockerEngine(address),
    storeOn: (engine) => new SwarmStore(engine),
    bootstrap: (machine, needs) => new Bootstrap({ machine, host, clock }).run(needs),
    unprepare: ({ machine }) => withdraw(machine),
  };
}

function openProvider(source: MachineSource, files: PackageFiles, options: FleetOptions): Promise<Provider> {
  switch (source.provider) {
    case 'ssh':
      return Promise.resolve(sshProvider(source, options));
    case 'aws':
      return awsProvider(source, options);
    case 'local':
      return practiceProvider(files, options);
  }
}

/** One file per cluster: clouds reuse addresses. */
export function knownHostsFile(folder: string, cluster: string): string {
  return join(folder, `known_hosts.${cluster}`);
}

function access({ keys }: SshSource | AwsSource, { env, host, clock, folder, cluster }: FleetOptions) {
  const identity = new SshIdentity({ keyFiles: keys, agent: env['SSH_AUTH_SOCK'], host });
  return { identity, knownHosts: new KnownHosts(knownHostsFile(folder, cluster)), host, clock };
}

function sshProvider(source: SshSource, options: FleetOptions): Provider {
  const bastion = source.bastion === undefined ? {} : { bastion: sshTarget(source.bastion, options.env['USER']) };
  return new SshProvider({
    ...access(source, options),
    ...bastion,
    hosts: sshHosts(source.hosts, options.env['USER']),
    managers: source.managers,
  });
}

async function awsProvider(source: AwsSource, options: FleetOptions): Promise<Provider> {
  const { AwsProvider } = await import('#provision/aws');
  const ways = access(source, options);
  const { instanceType, diskGb, vpc, adminCidrs, elasticAddresses, publicKey, region } = source;
  const settings = {
    managerType: instanceType,
    workerType: instanceType,
    diskGb,
    adminCidrs,
    elasticAddresses,
    publicKey,
    ...(vpc ? { vpc } : {}),
  };
  return new AwsProvider(settings, {
    ...(region ? { region } : {}),
    clock: options.clock,
    notify: (event) => options.host.notify(event),
    forget: (address) => ways.knownHosts.forget(sshTarget(`${AWS_USER}@${address}`)),
    reach: async (address) => {
      const connection = new SshConnection({
        ...ways,
        target: sshTarget(`${AWS_USER}@${address}`),
        patienceMs: BOOT_MS,
      });
      const machine = await SshMachine.open(connection);
      return { machine, engine: machine.engine, close: () => connection.close() };
    },
  });
}

async function practiceProvider(files: PackageFiles, { env, host, clock, cluster }: FleetOptions): Promise<Provider> {
  const { PracticeProvider } = await import('#provision/practice');
  const machine = new LocalMachine();
  const address = engineAddress(env['DOCKER_HOST']);
  const engine = dockerEngine(address);
  const onLine = (source: string, line: string): void => host.notify({ type: 'output', source, line });
  const timed = async (image: string, work: () => Promise<unknown>): Promise<void> => {
    const start = clock.now();
    host.notify({ type: 'phase', phase: `image ${image}`, state: 'started' });
    await work();
    host.notify({ type: 'phase', phase: `image ${image}`, state: 'done', ms: clock.now() - start });
  };
  return new PracticeProvider({
    machine,
    engine: address,
    clock,
    address: 'host' in address ? address.host : '127.0.0.1',
    image: () => nodeImage({ engine, machine, clock, cluster, files, onLine, timed }),
  });
}
