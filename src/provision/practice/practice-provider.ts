import { whereIs, type EngineAddress } from '#engine';
import { fail } from '#errors';
import { waitUntil, type Clock } from '#events';
import type { Machine } from '../machine.ts';
import type { MachineInventory, MachineRequest, ProvidedMachine, Provider, ProvisionStep } from '../provider.ts';
import { ContainerMachine } from './container-machine.ts';
import { DockerClient, reason } from './docker-client.ts';
import { practiceLimits } from './limits.ts';
import { observeNetwork, observeNodes } from './observe-practice-nodes.ts';
import {
  describe,
  filterArguments,
  labelArguments,
  labelsOf,
  nodeArguments,
  planPractice,
  RIGHTS,
  zoneOf,
  type PracticeStep,
} from './practice-plan.ts';
import { containerName, kind, networkName, resolversOf, type NodeNetwork, type PracticeNode } from './practice-node.ts';

interface PracticeParts {
  /** This machine: node 1. */
  readonly machine: Machine;
  readonly engine: EngineAddress;
  /** Where to reach this machine's published ports from here. */
  readonly address: string;
  readonly clock: Clock;
  /** Ensures that the engine has the node image and returns its tag; only called to create a node. */
  readonly image: () => Promise<string>;
  /** Memory limit of a node, including its apps; unlimited if omitted. */
  readonly memoryBytes?: number;
}

const ENGINE_SECONDS = 60;
const LAST_LINES = 15;
type NodeStep = PracticeStep & { readonly kind: 'node' };

/**
 * The practice cluster: node 1 is this machine, the others are containers on it with their own engines. They share its
 * kernel, CPUs and disk. Everything is found by labels, so an interrupted run can be repeated.
 */
export class PracticeProvider implements Provider {
  readonly name = 'local';
  readonly endsMachines = false;
  readonly #docker: DockerClient;
  /** The first of RIGHTS that works on this machine. */
  #rights: readonly string[] | undefined;

  constructor(private readonly parts: PracticeParts) {
    this.#docker = new DockerClient(parts.machine, parts.engine);
  }

  async plan(request: MachineRequest): Promise<ProvisionStep[]> {
    return (await this.#steps(request)).map((step) => describe(step, request.cluster));
  }

  /** Throws PRACTICE_FAILED, PRACTICE_NO_DOCKER or PRACTICE_NODE_SILENT. */
  async create(request: MachineRequest): Promise<ProvidedMachine[]> {
    const steps = await this.#steps(request);
    const starts = steps.filter((step) => step.kind === 'start');
    const missing = steps.filter((step) => step.kind === 'node');
    await Promise.all(starts.map(({ node }) => this.#start(node)));
    if (missing.length > 0) await this.#createNodes(request.cluster, missing);
    const nodes = await observeNodes(this.#docker, request.cluster);
    await Promise.all(nodes.map((node) => this.#awaitEngine(node)));
    return this.#machines(request.cluster, nodes, request.zones);
  }

  /** Running nodes only: stopped and paused ones cannot be used. `destroy` removes them too. */
  async list(cluster: string): Promise<ProvidedMachine[]> {
    const nodes = await observeNodes(this.#docker, cluster);
    return this.#machines(
      cluster,
      nodes.filter((node) => node.state === 'running'),
      [],
    );
  }

  async inventory(cluster: string): Promise<MachineInventory> {
    const nodes = await observeNodes(this.#docker, cluster);
    const { engine, machine } = this.parts;
    return { where: whereIs(engine), resources: [machine.name, ...nodes.map(({ container }) => container)] };
  }

  /** Removes containers, their volumes and their network; node 1 stays. */
  async destroy(cluster: string): Promise<void> {
    const nodes = await observeNodes(this.#docker, cluster);
    await Promise.all(
      nodes.map((node) =>
        this.#docker.must(`remove ${node.container}`, ['rm', '--force', '--volumes', node.container]),
      ),
    );
    await this.#removeAll('volume', ['volume', 'ls', '--quiet', ...filterArguments(labelsOf(cluster, kind.volume))]);
    await this.#removeAll('network', ['network', 'ls', '--quiet', ...filterArguments(labelsOf(cluster, kind.network))]);
  }

  /** Never removes this machine. */
  async remove(cluster: string, privateAddress: string): Promise<string | undefined> {
    const node = (await observeNodes(this.#docker, cluster)).find(({ address }) => address === privateAddress);
    if (!node) return undefined;
    await this.#docker.must(`remove ${node.container}`, ['rm', '--force', '--volumes', node.container]);
    await this.#docker.must(`remove the volume ${node.container}`, ['volume', 'rm', node.container]);
    return node.address;
  }

  limits(): Promise<string[]> {
    return practiceLimits(this.parts.machine);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #steps(request: MachineRequest): Promise<PracticeStep[]> {
    const [nodes, network] = await Promise.all([
      observeNodes(this.#docker, request.cluster),
      observeNetwork(this.#docker, request.cluster),
    ]);
    return planPractice(request, nodes, network);
  }

  /** Creates the first alone, to find out what this machine supports. */
  async #createNodes(cluster: string, [first, ...others]: readonly NodeStep[]): Promise<void> {
    const image = await this.parts.image();
    const network = await this.#ensureNetwork(cluster);
    const resolvers = await this.#resolvers();
    const make = (step: NodeStep): Promise<void> =>
      this.#createNode({ cluster, step, image, network, resolvers, memoryBytes: this.parts.memoryBytes });
    await make(first!);
    await Promise.all(others.map(make));
  }

  async #createNode(parts: Omit<Parameters<typeof nodeArguments>[0], 'rights'>): Promise<void> {
    const { cluster, step } = parts;
    const name = containerName(cluster, step.number);
    await this.#docker.must(`create the volume ${name}`, [
      'volume',
      'create',
      ...labelArguments(labelsOf(cluster, kind.volume)),
      name,
    ]);
    let why = '';
    for (const rights of this.#rights ? [this.#rights] : RIGHTS) {
      const { code, stderr } = await this.#docker.run(['run', ...nodeArguments({ ...parts, rights })]);
      if (code === 0) return void (this.#rights = rights);
      why = reason(stderr);
      await this.#docker.run(['rm', '--force', name]);
    }
    throw fail('PRACTICE_FAILED', { action: `start ${name}`, why });
  }

  async #start(node: PracticeNode): Promise<void> {
    await this.#docker.must(`start ${node.container}`, [node.state === 'paused' ? 'unpause' : 'start', node.container]);
  }

  /** The engine chooses the range, but it is specified explicitly, because only then can addresses be fixed. */
  async #ensureNetwork(cluster: string): Promise<NodeNetwork> {
    const found = await observeNetwork(this.#docker, cluster);
    if (found) return found;
    const name = networkName(cluster);
    const draft = `${name}-draft`;
    const labels = labelArguments(labelsOf(cluster, kind.network));
    await this.#docker.run(['network', 'rm', draft]);
    await this.#docker.must(`create the network ${draft}`, ['network', 'create', ...labels, draft]);
    const range = (await observeNetwork(this.#docker, cluster, draft))!;
    await this.#docker.must(`remove the network ${draft}`, ['network', 'rm', draft]);
    await this.#docker.must(`create the network ${name}`, [
      'network',
      'create',
      ...labels,
      '--subnet',
      range.subnet,
      '--gateway',
      range.gateway,
      name,
    ]);
    return { ...range, name };
  }

  async #resolvers(): Promise<string[]> {
    for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
      const resolvers = resolversOf((await this.parts.machine.readFile(file)) ?? '');
      if (resolvers.length > 0) return resolvers;
    }
    return [];
  }

  async #awaitEngine(node: PracticeNode): Promise<void> {
    const { clock } = this.parts;
    const argv = ['exec', node.container, 'docker', 'version', '--format', '{{.Server.Version}}'];
    const isUp = async (): Promise<boolean> => (await this.#docker.run(argv, { timeoutMs: 10_000 })).code === 0;
    if (!(await waitUntil(clock, { every: 200, within: ENGINE_SECONDS * 1000 }, isUp)))
      throw fail('PRACTICE_NODE_SILENT', {
        node: node.name,
        seconds: ENGINE_SECONDS,
        lines: await this.#lastLines(node),
      });
  }

  async #lastLines(node: PracticeNode): Promise<string[]> {
    const { stdout, stderr } = await this.#docker.run(['logs', '--tail', String(LAST_LINES), node.container]);
    return `${stdout}\n${stderr}`.split('\n').filter((line) => line !== '');
  }

  async #machines(
    cluster: string,
    nodes: readonly PracticeNode[],
    zones: readonly string[],
  ): Promise<ProvidedMachine[]> {
    const { machine, engine, address } = this.parts;
    const network = await observeNetwork(this.#docker, cluster);
    const own = {
      id: machine.name,
      name: machine.name,
      machine,
      engine,
      address,
      privateAddress: network?.gateway ?? address,
    };
    return [
      { ...own, zone: nodes.length > 0 ? zoneOf(1, zones) : undefined, role: 'manager' },
      ...nodes.map((node) => this.#machine(node)),
    ];
  }

  #machine(node: PracticeNode): ProvidedMachine {
    const machine = new ContainerMachine(this.#docker, node);
    const { container: id, name, address, zone, role } = node;
    return { id, name, machine, engine: machine.engine, address, privateAddress: address, zone, role };
  }

  async #removeAll(what: 'volume' | 'network', list: readonly string[]): Promise<void> {
    const found = (await this.#docker.must(`list ${what}s`, list)).split('\n').filter((name) => name !== '');
    for (const name of found) await this.#docker.must(`remove the ${what} ${name}`, [what, 'rm', name]);
  }
}
