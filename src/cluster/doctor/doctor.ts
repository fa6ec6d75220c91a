import type { Engine, EngineInfo, NodeInfo } from '#engine';
import { misplacedDomains } from '#apps';
import { isMothershipError } from '#errors';
import type { Clock, Secret } from '#events';
import type { Machine } from '#provision';
import type { ClusterRecord, Store } from '#store';
import { isUp } from '../setup/wait-for-controller.ts';
import { diagnose, type Check, type ServiceHealth, type Symptoms } from './diagnosis.ts';
import { names } from '../names.ts';
import { probeNode, type NodeProbe } from './node-probe.ts';
import { askCluster } from '../setup/reach.ts';
import { askBuilders } from '../setup/user-namespaces.ts';

interface DoctorParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly machine: Machine;
  readonly clock: Clock;
  /** Where published ports are reachable from this machine. */
  readonly address: string;
  readonly token?: Secret | undefined;
}

/** Diagnoses a cluster from its manager. Changes nothing. */
export class Doctor {
  constructor(private readonly parts: DoctorParts) {}

  async run(): Promise<Check[]> {
    return diagnose(await this.#observe());
  }

  async #observe(): Promise<Symptoms> {
    const { engine, store, clock, address } = this.parts;
    const now = clock.now();
    const info = await this.#engine();
    if ('unreachable' in info || info.swarm !== 'manager') return { engine: info, address, now };
    const [nodes, record] = await Promise.all([engine.nodes(), store.cluster.get()]);
    const base = { engine: info, nodes, record, address };
    return record ? { ...base, ...(await this.#observeCluster(record, nodes)) } : { ...base, now };
  }

  async #engine(): Promise<EngineInfo | { unreachable: string }> {
    return this.parts.engine.info().catch((error: unknown) => {
      if (isMothershipError(error, 'ENGINE_UNREACHABLE')) return { unreachable: error.message };
      throw error;
    });
  }

  async #observeCluster(record: ClusterRecord, nodes: readonly NodeInfo[]) {
    const { machine, clock, address, token, store } = this.parts;
    const { domain, httpPort, httpsPort } = record;
    const ports = [httpPort, httpsPort];
    const probe = await this.#probe(record);
    const now = clock.now();
    const [missingImages, controller, router, answer, namespaces, open, resolves, apps] = await Promise.all([
      this.#missingImages(record),
      this.#service(names.controller),
      this.#service(names.router),
      askCluster({ address, httpPort, domain }, token),
      askBuilders({ address, httpPort, domain }, token, nodes),
      Promise.all(ports.map((port) => machine.accepts(address, port))),
      domain === 'localhost' ? undefined : machine.resolves(`mothership.${domain}`),
      store.apps.list(),
    ]);
    return {
      probe,
      now,
      missingImages,
      controller,
      router,
      answer,
      namespaces,
      closedPorts: ports.filter((_, index) => !open[index]),
      resolves,
      misplaced: misplacedDomains(apps, record),
    };
  }

  async #probe(record: ClusterRecord): Promise<NodeProbe | undefined> {
    return probeNode(this.parts.engine, record.name, record.images.router).catch((error: unknown) => {
      // Without its images, the node cannot be probed; another check reports them.
      if (isMothershipError(error)) return undefined;
      throw error;
    });
  }

  async #missingImages({ images, stacks }: ClusterRecord): Promise<string[]> {
    const wanted = {
      ...images,
      ...Object.fromEntries(
        Object.entries(stacks).flatMap(([name, stack]) => [
          [`${name}-build`, stack.buildImage],
          [`${name}-run`, stack.runImage],
        ]),
      ),
    };
    const held = await Promise.all(Object.values(wanted).map((id) => this.parts.engine.image(id)));
    return Object.keys(wanted).filter((_, index) => !held[index]);
  }

  async #service(name: string): Promise<ServiceHealth> {
    const tasks = (await this.parts.engine.tasks({ service: name })).sort((a, b) =>
      a.createdAt < b.createdAt ? 1 : -1,
    );
    const running = tasks.filter((task) => isUp(task) && task.desired === 'running').length;
    const [newest] = tasks;
    if (!newest || isUp(newest)) return { running, trouble: '' };
    const failed = tasks.find((task) => task.error !== '') ?? newest;
    return { running, trouble: running > 0 ? '' : `${failed.state}: ${failed.error || failed.message}` };
  }
}
