import { counted } from '#values/counted.ts';
import { nodeLabel } from '#labels.ts';
import { isPrepared } from '#engine';
import { fail } from '#errors';
import { Deadline, type Clock, type Host } from '#events';
import { changeNode, findNode, routerConstraints, satisfies, zoneOf } from '#nodes';
import { onAll, type Member } from './member.ts';
import { names } from '../names.ts';
import { isUp } from '../setup/wait-for-controller.ts';

const SWARM_PORT = 2377;
/** Slow disks and networks take minutes to pull a node's images. */
const DEADLINE_MS = 300_000;
/** Limit while a node pulls or unpacks an image, which can take many minutes. */
const PREPARING_DEADLINE_MS = 900_000;
const PAUSE_MS = 500;

interface FleetJoinParts {
  readonly first: Member;
  readonly members: readonly Member[];
  readonly clock: Clock;
  readonly host: Host;
  /** Lets machines trust the registry. */
  readonly prepare: (machines: readonly Member[]) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** Joins machines to the first one's Swarm and waits until each is ready. */
export class FleetJoin {
  constructor(private readonly parts: FleetJoinParts) {}

  async run(): Promise<void> {
    const { members, host, clock } = this.parts;
    const start = clock.now();
    const outside = await this.#outside();
    if (outside.length > 0) {
      host.notify({ type: 'phase', phase: 'join', state: 'started' });
      await this.parts.prepare(outside);
      // Managers join one at a time: each changes the quorum.
      for (const manager of outside.filter(({ role }) => role === 'manager')) await this.#join(manager);
      await onAll(
        outside.filter(({ role }) => role === 'worker'),
        (worker) => this.#join(worker),
      );
    }
    for (const member of members) await this.#label(member);
    await this.#settled();
    if (outside.length > 0)
      host.notify({
        type: 'phase',
        phase: 'join',
        state: 'done',
        ms: clock.now() - start,
        detail: counted(members.length, 'nodes'),
      });
  }

  /** Throws NODE_IN_OTHER_SWARM. */
  async #outside(): Promise<Member[]> {
    const known = new Set((await this.parts.first.api.nodes()).map((node) => node.id));
    const outside: Member[] = [];
    for (const member of this.parts.members) {
      const { swarm, nodeId } = await member.api.info();
      if (swarm === 'inactive') outside.push(member);
      else if (!known.has(nodeId)) throw fail('NODE_IN_OTHER_SWARM', { machine: member.name, state: swarm });
    }
    return outside;
  }

  async #join(member: Member): Promise<void> {
    const { first, signal } = this.parts;
    signal?.throwIfAborted();
    const inside = await first.api.nodes();
    const managers = inside.filter((node) => node.role === 'manager').map((node) => `${node.address}:${SWARM_PORT}`);
    const token = (await first.api.joinTokens())[member.role].reveal();
    await member.api.joinSwarm({
      token,
      managers: [`${first.privateAddress}:${SWARM_PORT}`, ...managers],
      advertiseAddress: member.privateAddress,
    });
  }

  async #label(member: Member): Promise<void> {
    const { first } = this.parts;
    if (member.zone === undefined) return;
    const { nodeId } = await member.api.info();
    const node = await findNode(first.api, nodeId);
    if (!node || zoneOf(node) === member.zone) return;
    const zone = { [nodeLabel.zone]: member.zone };
    await changeNode(first.api, nodeId, ({ labels }) => ({ labels: { ...labels, ...zone } }));
  }

  /** Waits until every node is ready, with an agent and, where intended, a router. Throws NODES_NOT_READY. */
  async #settled(): Promise<void> {
    const { clock, signal } = this.parts;
    const deadline = new Deadline(clock, { within: DEADLINE_MS, atMost: PREPARING_DEADLINE_MS });
    for (;;) {
      const { missing, prepares } = await this.#missing();
      if (missing.length === 0) return;
      if (prepares) deadline.extend();
      if (deadline.isOver) throw fail('NODES_NOT_READY', { missing });
      await clock.sleep(PAUSE_MS, signal);
    }
  }

  async #missing(): Promise<{ missing: string[]; prepares: boolean }> {
    const {
      first: { api },
    } = this.parts;
    const [nodes, agents, routers] = await Promise.all([
      api.nodes(),
      api.tasks({ service: names.agent, desired: 'running' }),
      api.tasks({ service: names.router, desired: 'running' }),
    ]);
    const waiting = [...agents, ...routers].filter((task) => !isUp(task));
    const ready = nodes.filter((node) => node.state === 'ready' && node.availability === 'active');
    const wanted = routerConstraints(nodes);
    const hostname = (id: string): string => nodes.find((node) => node.id === id)?.hostname ?? id;
    const missing = [
      ...nodes.filter((node) => node.state !== 'ready').map((node) => `${node.hostname} is ${node.state}`),
      // A rejected task waits for its restart outside this list, so each node is asked for its own tasks.
      ...ready
        .filter((node) => !agents.some((task) => task.nodeId === node.id))
        .map((node) => `${node.hostname} has no agent`),
      ...ready
        .filter((node) => satisfies(node, wanted) && !routers.some((task) => task.nodeId === node.id))
        .map((node) => `${node.hostname} has no router`),
      ...waiting.map((task) => `a task on ${hostname(task.nodeId)} is ${task.state}: ${task.error || task.message}`),
    ];
    return { missing, prepares: waiting.some(isPrepared) };
  }
}
