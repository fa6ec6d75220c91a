import { nodeLabel } from '#labels.ts';
import type { NodePorts } from './ports.ts';
import type { Joining, Body, Node, NodeDetails, NodeUpdated, Operation } from '#api';
import { names, trust, REGISTRY_PORT } from '#cluster/names.ts';
import type { NodeChange, NodeInfo } from '#engine';
import { fail, isMothershipError } from '#errors';
import { changeNode, findNode } from './change.ts';
import { explainManagers, quorumOf, warnOfManagers } from './quorum.ts';
import { explainRouters } from './routers.ts';
import { NODE_ROLES } from './labels.ts';
import { observeSwarm } from './observed.ts';
import { planDrain, type DrainReason } from './drain/drain-plan.ts';
import { Drain } from './drain/node-drain.ts';
import { demote, Removal } from './drain/node-removal.ts';
import { nodeTaskOf, withoutTask, type NodeTask } from './node-tasks.ts';
import { nodeDetails, nodeView, taskName } from './node-views.ts';
import { Operations, type OperationRun } from '#operations/operations.ts';
import { rebalance } from './drain/rebalance.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import { placeRouters } from './care/router-care.ts';
import type { Caller } from '#access/caller.ts';

type Change = Body<'nodesUpdate'>;

const SWARM_PORT = 2377;

/** The machines of the cluster. Only one is changed at a time, since the others must absorb its load. */
export class Nodes {
  readonly #parts: NodePorts;
  readonly #flow: ReleaseFlow;
  #busy: { kind: string; node: string; by: string } | undefined;

  constructor(parts: NodePorts, flow: ReleaseFlow) {
    this.#parts = parts;
    this.#flow = flow;
  }

  async list(): Promise<Node[]> {
    const observed = await observeSwarm(this.#parts.engine);
    const order = ({ hostname }: NodeInfo): string => hostname;
    return [...observed.nodes]
      .sort((a, b) => order(a).localeCompare(order(b), 'en', { numeric: true }))
      .map((node) => nodeView(observed, node));
  }

  async info(name: string): Promise<NodeDetails> {
    const [node, observed, apps] = await Promise.all([
      this.#find(name),
      observeSwarm(this.#parts.engine),
      this.#appNames(),
    ]);
    const report = node.state === 'ready' ? await this.#report(node.id) : null;
    return nodeDetails(observed, node, { apps, report, task: nodeTaskOf(node) });
  }

  async update(name: string, change: Change, caller: Caller): Promise<NodeUpdated> {
    const { engine, logger } = this.#parts;
    const { id, hostname, state, role } = await this.#find(name);
    if (change.role && state !== 'ready' && change.role !== role) throw fail('NODE_DOWN', { node: hostname, state });
    await this.#apply(id, change);
    logger.info({ by: caller.user, node: hostname, change }, 'node changed');
    const observed = await observeSwarm(engine);
    const { nodes } = observed;
    if (change.roles?.router !== undefined) await placeRouters(engine, nodes);
    const { managers } = quorumOf(nodes);
    const warnings = [
      ...(change.role && change.role !== role ? [warnOfManagers(managers) ?? explainManagers(managers)] : []),
      ...(change.roles?.router === undefined ? [] : [explainRouters(nodes)]),
    ];
    const node = nodes.find((each) => each.id === id)!;
    return { ...nodeView(observed, node), warnings };
  }

  async #apply(id: string, { role, ...rest }: Change): Promise<void> {
    const { engine } = this.#parts;
    // With the constraint in place, the last router would stop when its node loses the role.
    const others = async () => (await engine.nodes()).filter((node) => node.id !== id);
    if (rest.roles?.router === false) await placeRouters(engine, await others());
    if (Object.values(rest).some((value) => value !== undefined))
      await changeNode(engine, id, (node) => changesOf(node, rest));
    if (role === 'manager') await changeNode(engine, id, () => ({ role }));
    if (role === 'worker') await demote(this.#parts, id);
  }

  /** Throws NODE_DRAIN_REFUSED with the reasons. */
  async drain(name: string, { force = false }: { force?: boolean | undefined }, caller: Caller): Promise<Operation> {
    return this.#begin('drain', name, force, caller);
  }

  async remove(name: string, { force = false }: { force?: boolean | undefined }, caller: Caller): Promise<Operation> {
    return this.#begin('remove', name, force, caller);
  }

  async rebalance(caller: Caller): Promise<Operation> {
    const subject = { kind: 'nodes', name: 'the nodes' } as const;
    this.#occupy({ kind: 'rebalance', node: subject.name, by: caller.user });
    return this.#parts.operations.begin(Operations.newId(), { kind: 'rebalance', subject, by: caller.user }, (work) =>
      rebalance(this.#parts, this.#flow, caller.user, work).finally(() => this.#free()),
    );
  }

  async join(role: 'manager' | 'worker'): Promise<Joining> {
    const { engine } = this.#parts;
    const [tokens, nodes, ca, registry] = await Promise.all([
      engine.joinTokens(),
      engine.nodes(),
      engine.config(trust.ca),
      engine.service(names.registry),
    ]);
    const managers = nodes.filter((node) => node.reachability === 'reachable').map((node) => node.address);
    return {
      token: tokens[role].reveal(),
      managers: managers.map((address) => `${address}:${SWARM_PORT}`),
      ca: ca?.data.toString('utf8') ?? null,
      registry: registry ? { host: `${trust.registryHost}:${REGISTRY_PORT}`, addresses: managers } : null,
      peers: nodes.map((node) => node.address),
    };
  }

  /** Resumes work on nodes by an earlier controller that was moved or died. */
  async resume(): Promise<void> {
    for (const node of await this.#parts.engine.nodes()) {
      const task = nodeTaskOf(node);
      if (!task || this.#busy) continue;
      this.#occupy({ kind: task.kind, node: node.hostname, by: task.by });
      await this.#run(node, task);
    }
  }

  async #begin(kind: 'drain' | 'remove', name: string, force: boolean, caller: Caller): Promise<Operation> {
    const node = await this.#find(name);
    this.#occupy({ kind, node: node.hostname, by: caller.user });
    try {
      const warnings = await this.#check(node, kind, force);
      return await this.#run(node, { kind, force, by: caller.user, operation: Operations.newId() }, warnings);
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  async #check(node: NodeInfo, kind: 'drain' | 'remove', force: boolean): Promise<readonly string[]> {
    const [observed, apps] = await Promise.all([observeSwarm(this.#parts.engine), this.#appNames()]);
    const { reasons, warnings } = planDrain(observed, node, { leaving: kind === 'remove', name: taskName(apps) });
    const against = reasons.filter((reason) => !force || isFinal(reason));
    if (against.length === 0) return [...warnings, ...reasons.map(({ why }) => why)];
    const forcible = !against.some(isFinal);
    const action = kind === 'drain' ? 'drained' : 'removed';
    throw fail('NODE_DRAIN_REFUSED', {
      node: node.hostname,
      action,
      reasons: [...new Set(against.map(({ why }) => why))],
      forcible,
    });
  }

  #run(node: NodeInfo, task: NodeTask, warnings: readonly string[] = []): Promise<Operation> {
    return this.#parts.operations.begin(
      task.operation,
      { kind: task.kind, subject: { kind: 'node', name: node.hostname }, by: task.by },
      async (work) => {
        try {
          for (const message of warnings) work.emit({ type: 'notice', level: 'warning', message });
          return { node: node.hostname, moved: await this.#empty(node, task, work) };
        } catch (error) {
          // A failing engine may mean that this controller is being stopped: its successor continues.
          const goesOn = (['ENGINE_FAILED', 'ENGINE_UNREACHABLE', 'QUORUM_LOST'] as const).some((code) =>
            isMothershipError(error, code),
          );
          if (!goesOn) await changeNode(this.#parts.engine, node.id, withoutTask).catch(() => undefined);
          throw error;
        } finally {
          this.#free();
        }
      },
    );
  }

  async #empty(node: NodeInfo, task: NodeTask, work: OperationRun): Promise<string[]> {
    if (task.kind === 'remove') return new Removal(this.#parts, this.#flow, node, task, work).run();
    const moved = await new Drain(this.#parts, this.#flow, node, task, work).run();
    await changeNode(this.#parts.engine, node.id, withoutTask);
    return moved;
  }

  #occupy(work: { kind: string; node: string; by: string }): void {
    if (this.#busy) throw fail('NODES_BUSY', { operation: this.#busy.kind, node: this.#busy.node, by: this.#busy.by });
    this.#busy = work;
  }

  #free(): void {
    this.#busy = undefined;
  }

  /** Finds a node by id, hostname or address. */
  async #find(name: string): Promise<NodeInfo> {
    const byId = await findNode(this.#parts.engine, name);
    if (byId) return byId;
    const found = (await this.#parts.engine.nodes()).filter((node) => node.hostname === name || node.address === name);
    if (found.length > 1) throw fail('NODE_AMBIGUOUS', { node: name, ids: found.map((node) => node.id) });
    if (!found[0]) throw fail('NODE_NOT_FOUND', { node: name });
    return found[0];
  }

  async #appNames(): Promise<Map<string, string>> {
    return new Map((await this.#parts.store.apps.list()).map((app) => [app.id, app.name]));
  }

  async #report(id: string): Promise<NodeDetails['report']> {
    try {
      const { load, ...report } = await this.#parts.engines.report(id);
      return { ...report, load: [...load] };
    } catch {
      return null;
    }
  }
}

function isFinal({ kind }: DrainReason): boolean {
  return kind === 'quorum' || kind === 'controller';
}

function changesOf(node: NodeInfo, { availability, zone, roles = {}, labels = {} }: Omit<Change, 'role'>): NodeChange {
  const set: Record<string, string | null | undefined> = {
    ...labels,
    ...(zone === undefined ? {} : { [nodeLabel.zone]: zone }),
    ...Object.fromEntries(
      NODE_ROLES.filter((role) => roles[role] !== undefined).map((role) => [
        nodeLabel.role + role,
        roles[role] ? 'true' : null,
      ]),
    ),
  };
  const all = Object.entries({ ...node.labels, ...set }).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { labels: Object.fromEntries(all), ...(availability ? { availability } : {}) };
}
