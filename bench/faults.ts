/**
 * What the loss of a part costs, under open-loop load on a cluster of five machines: requests that fail, seconds until all
 * processes run again, seconds until a change is accepted, and until a change that restarts all processes is done. Usage: npx tsx bench/faults.ts [--rate 20] [--managers 3] [--workers 2] [--only 0,3,3] [--keep]
 */
import { parseArgs } from 'node:util';
import { eventually, type Cluster } from '../test/fixtures/cluster.ts';
import { LabFleet, powerOff, powerOn } from '../test/fixtures/fleet.ts';
import { Load } from '../test/fixtures/load.ts';
import type { LabNode } from '../test/lab/index.ts';
import { report, type Row } from './report.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20' },
    managers: { type: 'string', default: '3' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});
const APP = 'faults';
const PROCESSES = 5;
const PARTITION_MS = 30_000;
/** As README promises. */
const ACCEPTED_BUDGET_S = 35;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Machine {
  readonly node: LabNode;
  readonly swarmId: string;
  readonly role: 'manager' | 'worker';
}

interface Fault {
  readonly what: string;
  readonly victim: () => Promise<Machine>;
  readonly strike: (victim: Machine) => Promise<void>;
  readonly heal: (victim: Machine) => Promise<void>;
  /** It heals by itself after so long; others when all is well again. */
  readonly lastsMs?: number;
  /** Requests come in through the machine that is hit. */
  readonly throughIt?: boolean;
}

const fleet = new LabFleet();
const rows: Row[] = [];
let machines: Machine[] = [];

const kill = ({ node }: Machine): Promise<void> => powerOff(node);
const revive = ({ node }: Machine): Promise<void> => powerOn(node);

/** Its engine stays, and Swarm starts another. */
async function killRouter({ node }: Machine): Promise<void> {
  const router = await node.docker([
    'ps',
    '--quiet',
    '--filter',
    'label=com.docker.swarm.service.name=mothership-router',
  ]);
  await node.docker(['kill', router.trim()]);
}

async function drain({ node }: Machine, undo: boolean): Promise<void> {
  await doorBeside().ok(['nodes:drain', node.name, ...(undo ? ['--undo'] : [])]);
}

/** Nothing from or to the other machines; this computer still gets through. */
async function partition({ node }: Machine, on: boolean): Promise<void> {
  for (const other of machines.filter((each) => each.node !== node)) {
    for (const [chain, way] of [
      ['INPUT', '-s'],
      ['OUTPUT', '-d'],
      ['FORWARD', '-s'],
    ]) {
      await node.exec(['iptables', on ? '-I' : '-D', chain!, way!, other.node.ip, '-j', 'DROP']);
    }
  }
}

async function holder(cluster: Cluster, service: string): Promise<Machine> {
  const [task] = await cluster.engine.tasks({ service, desired: 'running' });
  return machines.find(({ swarmId }) => swarmId === task!.nodeId)!;
}

async function other(role: Machine['role']): Promise<Machine> {
  const controller = await holder(doorBeside(), 'mothership-controller');
  return machines.find((each) => each.role === role && each !== controller)!;
}

/** Whoever asks uses a machine that is not to be harmed. */
function doorBeside(victim?: Machine): Cluster {
  return fleet.client(machines.filter(({ role }) => role === 'manager').find((each) => each !== victim)!.node);
}

const FAULTS: readonly Fault[] = [
  { what: 'a worker is switched off', victim: () => other('worker'), strike: kill, heal: revive },
  { what: 'a manager is switched off', victim: () => other('manager'), strike: kill, heal: revive },
  {
    what: "the controller's machine is switched off",
    victim: () => holder(doorBeside(), 'mothership-controller'),
    strike: kill,
    heal: revive,
  },
  {
    what: 'a worker is cut off for 30 s',
    victim: () => other('worker'),
    strike: (victim) => partition(victim, true),
    heal: (victim) => partition(victim, false),
    lastsMs: PARTITION_MS,
  },
  {
    what: "the controller's machine is cut off for 30 s",
    victim: () => holder(doorBeside(), 'mothership-controller'),
    strike: (victim) => partition(victim, true),
    heal: (victim) => partition(victim, false),
    lastsMs: PARTITION_MS,
  },
  { what: 'a router is killed', victim: () => other('worker'), strike: killRouter, heal: () => Promise.resolve() },
  {
    what: 'a router is killed that requests come through',
    victim: () => other('worker'),
    strike: killRouter,
    heal: () => Promise.resolve(),
    throughIt: true,
  },
  {
    what: 'a worker is drained',
    victim: () => other('worker'),
    strike: (victim) => drain(victim, false),
    heal: (victim) => drain(victim, true),
  },
];

/** How many failed for which reason, and when the first and the last of them were sent. */
function reasons(failures: readonly string[], began: number): string {
  const byReason = new Map<string, number[]>();
  for (const line of failures) {
    const [, time = '', kind = '', why = ''] = /^(\S+) (\S+) \d+: (.*)$/s.exec(line) ?? [];
    const key = `${kind}: ${why.replace(/\d{4,}/g, 'N')}`;
    byReason.set(key, [...(byReason.get(key) ?? []), (Date.parse(time) - began) / 1000]);
  }
  return [...byReason]
    .map(([why, times]) => `  ${times.length} x ${why}, sent from ${Math.min(...times)} s to ${Math.max(...times)} s\n`)
    .join('');
}

async function suffer({ what, victim, strike, heal, lastsMs, throughIt }: Fault): Promise<void> {
  const hit = await victim();
  const spared = strike === killRouter;
  const cluster = doorBeside(hit);
  const load = new Load({ ip: (throughIt ? hit : cluster).node.ip, host: `${APP}.localhost` }).start(
    Number(values.rate),
  );
  const began = Date.now();
  const since = (): number => Number(((Date.now() - began) / 1000).toFixed(1));
  await strike(hit);
  const healed = lastsMs === undefined ? undefined : wait(lastsMs).then(() => heal(hit));
  const whole = eventually('all processes elsewhere', 180, async () => {
    const tasks = await cluster.json<{ state: string; node: string }[]>(['ps', '-a', APP]).catch(() => []);
    return tasks.filter(({ state, node }) => state === 'up' && (spared || node !== hit.node.name)).length === PROCESSES
      ? since()
      : undefined;
  });
  const brain = eventually('a controller elsewhere', 180, async () => {
    const tasks = await cluster.engine.tasks({ service: 'mothership-controller', desired: 'running' }).catch(() => []);
    return tasks.some(({ state, nodeId }) => state === 'running' && (spared || nodeId !== hit.swarmId))
      ? since()
      : undefined;
  });
  const accepts = eventually('a change to be accepted', 180, async () =>
    (await cluster.mothership(['apps:create', `probe-${Date.now()}`, '--no-link'])).code === 0 ? since() : undefined,
  );
  const changes = eventually('a change to be done', 180, async () =>
    (await cluster.mothership(['config:set', '-a', APP, `AT=${Date.now()}`])).code === 0 ? since() : undefined,
  );
  const [full, elsewhere, accepted, changed] = await Promise.all([whole, brain, accepts, changes]);
  await healed;
  const { sent, failures } = await load.stop();
  if (!healed) await heal(hit);
  const last = Math.max(0, ...failures.map((line) => Date.parse(line.split(' ')[0]!) - began)) / 1000;
  rows.push({
    what: `${what}: change accepted after`,
    value: accepted,
    unit: 's',
    budget: ACCEPTED_BUDGET_S,
    also: {
      sent,
      failed: failures.length,
      'last failed sent after': `${last.toFixed(1)} s`,
      'full service': `${full} s`,
      'controller elsewhere': `${elsewhere} s`,
      'change done': `${changed} s`,
    },
  });
  process.stderr.write(`${JSON.stringify(rows.at(-1))}\n${reasons(failures, began)}`);
  await eventually('the machine to be back', 120, async () =>
    (await cluster.engine.nodes()).every(({ state }) => state === 'ready'),
  );
  await wait(10_000);
}

try {
  await fleet.start();
  const argv = [
    'setup',
    '--provider',
    'aws',
    '--managers',
    values.managers,
    '--workers',
    values.workers,
    '--zone',
    'a,b,c',
    '--admin-cidr',
    '172.17.0.0/16',
    '--ssh-key',
    fleet.keyFile,
    '--yes',
  ];
  const made = await fleet
    .client()
    .json<{ machines: { id: string; role: Machine['role'] }[] }>(argv, { env: fleet.env });
  machines = await Promise.all(
    made.machines.map(async ({ id, role }) => {
      const node = await fleet.node(id);
      return { node, role, swarmId: (await node.docker(['info', '-f', '{{.Swarm.NodeID}}'])).trim() };
    }),
  );
  const cluster = fleet.client(machines[0]!.node);
  await cluster.tinyApp(APP);
  await cluster.ok(['ps:scale', `web=${PROCESSES}`, '-a', APP]);
  const wanted = values.only.split(',').filter(Boolean).map(Number);
  for (const fault of wanted.length > 0 ? wanted.map((index) => FAULTS[index]!) : FAULTS) await suffer(fault);
  await report('faults', rows);
} finally {
  // What went wrong is to be looked at on the machines themselves.
  if (!values.keep) await fleet.stop();
}
