import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostDocker } from '../lab/command.ts';
import { Ec2Endpoint, LabHosts, type Host, type HostRequest } from '../lab/ec2/index.ts';
import { cleanupStale, type LabNode } from '../lab/index.ts';
import { loadPlatformImages } from './cluster-fixture.ts';
import { Cluster } from './cluster.ts';
import { install } from './installation.ts';

/** Instances with an engine; the first manager also has the platform's images, as far as earlier runs made them. */
class WarmHosts extends LabHosts {
  installation = '';
  /** Authorities by the registry that they vouch for. */
  readonly trusted = new Map<string, Buffer>();

  override async start(request: HostRequest): Promise<Host> {
    const host = await super.start(request);
    const node = await this.node(request.id);
    for (const [server, ca] of this.trusted)
      await node?.exec(['sh', '-c', 'mkdir -p "$1" && cat > "$1/ca.crt"', 'sh', `/etc/docker/certs.d/${server}`], {
        stdin: ca,
      });
    if (node && request.name.endsWith('manager-1')) await loadPlatformImages(node, this.installation);
    return host;
  }
}

/** A cluster of several machines from the lab's EC2, as an operator meets it: the real command line and the SDK's environment. */
export class LabFleet {
  readonly #hosts = new WarmHosts({ kind: 'node' });
  readonly #environment: Record<string, string> = {};
  #endpoint: Ec2Endpoint | undefined;
  #folder = '';

  async start(): Promise<void> {
    await cleanupStale();
    this.#folder = await mkdtemp(join(tmpdir(), 'mothership-fleet-'));
    this.#hosts.installation = await install(join(this.#folder, 'mothership'));
    this.#endpoint = await Ec2Endpoint.start({ backend: this.#hosts });
    Object.assign(this.#environment, this.#endpoint.env);
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.keyFile]);
  }

  get folder(): string {
    return this.#folder;
  }

  /** Machines that are made from now on take that registry's certificate, as their owner would see to. */
  trust(server: string, ca: Buffer): void {
    this.#hosts.trusted.set(server, ca);
  }

  get keyFile(): string {
    return join(this.#folder, 'id_ed25519');
  }

  get env(): Record<string, string> {
    return this.#environment;
  }

  inventory() {
    return this.#endpoint!.inventory();
  }

  /** The command line; once machines run, `node` is one of them. */
  client(node?: LabNode): Cluster {
    return new Cluster({
      node: node ?? ({ dockerHost: 'unix:///nowhere.sock', ip: '127.0.0.1' } as LabNode),
      installation: this.#hosts.installation,
      home: this.#folder,
    });
  }

  /** The lab's node behind each machine that setup told of. */
  async node(id: string): Promise<LabNode> {
    const node = await this.#hosts.node(id);
    if (!node) throw new Error(`no host stands behind ${id}`);
    return node;
  }

  async stop(): Promise<void> {
    await this.#endpoint?.close();
    await this.#hosts.cleanup();
  }
}

/** As a power cut: nothing on it goes on. */
export async function powerOff(node: LabNode): Promise<void> {
  await hostDocker(['kill', node.container]);
}

/** What a boot would find: /run is empty, and what was on the disk is still there. */
export async function powerOn(node: LabNode): Promise<void> {
  await hostDocker(['start', node.container]);
  await node.exec(['rm', '-rf', '/run/docker']);
  await node.startEngine();
}

/** Sends a datagram to each port, and answers at which of them the machine's own rules threw it away. */
export async function droppedDatagrams(node: LabNode, ports: readonly number[]): Promise<number[]> {
  const thrown = async (): Promise<Map<number, number>> => {
    const { stdout } = await node.exec(['iptables', '-w', '10', '-t', 'mangle', '-nvxL', 'MOTHERSHIP']);
    return new Map(
      [...stdout.matchAll(/^ *(\d+) .* DROP .* udp dpt:(\d+)/gm)].map(([, count, port]) => [
        Number(port),
        Number(count),
      ]),
    );
  };
  const before = await thrown();
  const socket = createSocket('udp4');
  for (const port of ports) await new Promise((resolve) => socket.send('anybody there?', port, node.ip, resolve));
  socket.close();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = await thrown();
  return ports.filter((port) => (after.get(port) ?? 0) > (before.get(port) ?? 0));
}

/** Whether something takes a TCP connection there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1500 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });
}
