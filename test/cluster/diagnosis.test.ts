import { expect } from 'chai';
import { diagnose, type Symptoms } from '../../src/cluster/doctor/diagnosis.ts';
import type { EngineInfo, NodeInfo } from '../../src/engine/index.ts';
import type { ClusterRecord } from '../../src/store/index.ts';

const GiB = 1024 ** 3;
const NOW = Date.parse('2026-03-01T12:00:00Z');
const engine: EngineInfo = {
  name: 'e',
  version: '26.1.5',
  apiVersion: '1.45',
  architecture: 'x86_64',
  cpus: 2,
  memoryBytes: 8e9,
  swarm: 'manager',
  nodeId: 'n',
  nodeAddress: '192.0.2.7',
  warnings: [],
  slices: false,
};
const node: NodeInfo = {
  id: 'n',
  version: 1,
  reachability: 'reachable',
  hostname: 'one',
  role: 'manager',
  availability: 'active',
  state: 'ready',
  address: '192.0.2.7',
  leader: true,
  labels: {},
  cpus: 4,
  memoryBytes: 8e9,
  engineVersion: '26.1.5',
};
const record: ClusterRecord = {
  name: 'mothership',
  version: '1.2.3',
  createdAt: '2026-01-01T00:00:00.000Z',
  domain: 'apps.example.com',
  httpPort: 80,
  httpsPort: 443,
  publish: 'ingress',
  defaultStack: 'debian-13',
  stacks: {},
  images: { controller: 'c', router: 'r' },
  provider: 'local',
};
const healthy: Symptoms = {
  engine,
  nodes: [node],
  record,
  missingImages: [],
  controller: { running: 1, trouble: '' },
  router: { running: 1, trouble: '' },
  answer: { ok: true, why: '', unisolated: [] },
  namespaces: [{ node: 'one', missingSysctls: [] }],
  closedPorts: [],
  address: '127.0.0.1',
  now: NOW,
  resolves: true,
  probe: { ipvs: true, diskBytes: 100 * GiB, diskFreeBytes: 50 * GiB, swapBytes: 0, time: NOW },
};

const bad = (change: Partial<Symptoms>): string[] =>
  diagnose({ ...healthy, ...change })
    .filter(({ state }) => state !== 'ok')
    .map(({ check, state }) => `${check} ${state}`);

describe('doctor', () => {
  it('names domains that an app claims under the default domain of another', () => {
    const misplaced = [{ domain: '*.blog.apps.example.com', app: 'shop', owner: 'blog' }];
    const check = diagnose({ ...healthy, misplaced }).find(({ state }) => state !== 'ok');
    expect(check).to.deep.equal({
      check: 'domains',
      state: 'warning',
      detail: 'shop claims *.blog.apps.example.com, a name of blog',
      fix: "Remove them: `mothership domains:remove '*.blog.apps.example.com' -a shop`.",
    });
  });

  it('finds a healthy cluster healthy in every respect', () => {
    expect(diagnose(healthy).map(({ check, state }) => `${check} ${state}`)).to.deep.equal(
      [
        'engine',
        'swarm',
        'nodes',
        'privileges',
        'builders',
        'cluster',
        'images',
        'controller',
        'router',
        'ports',
        'answer',
        'isolation',
        'namespaces',
        'mesh',
        'disk',
        'swap',
        'clock',
        'names',
      ].map((check) => `${check} ok`),
    );
  });

  it('names the engines that set no no-new-privileges', () => {
    const two = { ...node, hostname: 'two', role: 'worker' as const, engineVersion: '20.10.24' };
    const [found] = diagnose({ ...healthy, nodes: [node, two] }).filter(({ check }) => check === 'privileges');
    expect(found!.detail).to.match(/^Docker 20\.10\.24 on two cannot/);
  });

  it('names the nodes that forbid user namespaces, and the settings that allow them', () => {
    const namespaces = [
      { node: 'one', missingSysctls: [] },
      { node: 'two', missingSysctls: ['kernel.unprivileged_userns_clone=1'] },
      { node: 'three', missingSysctls: ['user.max_user_namespaces=28633', 'kernel.unprivileged_userns_clone=1'] },
    ];
    const [found] = diagnose({ ...healthy, namespaces }).filter(({ check }) => check === 'namespaces');
    expect(found).to.deep.equal({
      check: 'namespaces',
      state: 'warning',
      detail: 'two, three: unprivileged user namespaces are forbidden, so Dockerfile builds fail',
      fix:
        'Allow them: on two, run `sysctl -w kernel.unprivileged_userns_clone=1`; on three, run `sysctl -w ' +
        'user.max_user_namespaces=28633 kernel.unprivileged_userns_clone=1`, and add the same to /etc/sysctl.d/.',
    });
  });

  it('says nothing of user namespaces when no agent has reported on them', () => {
    expect(diagnose({ ...healthy, namespaces: [] }).map(({ check }) => check)).to.not.include('namespaces');
  });

  const cases: [string, Partial<Symptoms>, string[]][] = [
    ['an engine that does not answer', { engine: { unreachable: 'no' } }, ['engine failed']],
    ['an old engine', { engine: { ...engine, version: '19.03.1' } }, ['engine failed']],
    ['an engine in no Swarm', { engine: { ...engine, swarm: 'inactive' } }, ['swarm failed']],
    ['a Swarm without a cluster', { record: undefined }, ['cluster failed']],
    [
      'a node that is down',
      { nodes: [node, { ...node, hostname: 'two', role: 'worker', state: 'down' }] },
      ['nodes failed'],
    ],
    ['an even number of managers', { nodes: [node, { ...node, hostname: 'two' }] }, ['nodes warning']],
    ['builds on a small node that serves', { nodes: [{ ...node, cpus: 2 }] }, ['builders warning']],
    [
      'nothing in builds on a node of their own',
      {
        nodes: [
          { ...node, cpus: 1 },
          { ...node, role: 'worker', cpus: 1, labels: { 'mothership.role.builder': 'true' } },
        ],
      },
      [],
    ],
    ['images that are missing', { missingImages: ['router'] }, ['images failed']],
    [
      'a controller that does not run',
      { controller: { running: 0, trouble: 'failed: task: non-zero exit (1)' } },
      ['controller failed'],
    ],
    [
      'a node that does not keep web processes apart',
      { answer: { ok: true, why: '', unisolated: [{ node: 'one', why: 'no nftables' }] } },
      ['isolation failed'],
    ],
    [
      'a builder that forbids user namespaces',
      { namespaces: [{ node: 'one', missingSysctls: ['user.max_user_namespaces=28633'] }] },
      ['namespaces warning'],
    ],
    ['a router that is behind', { answer: { ok: false, why: 'the router answers 502' } }, ['answer failed']],
    ['a port that is closed', { closedPorts: [443] }, ['ports failed']],
    ['a mesh without IPVS', { probe: { ...healthy.probe!, ipvs: false } }, ['mesh failed']],
    [
      'host ports without IPVS',
      { probe: { ...healthy.probe!, ipvs: false }, record: { ...record, publish: 'host' } },
      [],
    ],
    ['a disk that is nearly full', { probe: { ...healthy.probe!, diskFreeBytes: 3 * GiB } }, ['disk warning']],
    ['a full disk', { probe: { ...healthy.probe!, diskFreeBytes: GiB / 2 } }, ['disk failed']],
    ['swap that doubles memory limits', { probe: { ...healthy.probe!, swapBytes: 2 * GiB } }, ['swap warning']],
    [
      'an engine without no-new-privileges for services',
      { nodes: [node, { ...node, hostname: 'two', role: 'worker', engineVersion: '20.10.24+dfsg1' }] },
      ['privileges warning'],
    ],
    ['clocks that differ', { probe: { ...healthy.probe!, time: NOW - 60_000 } }, ['clock failed']],
    ['names that lead nowhere', { resolves: false }, ['names warning']],
  ];
  for (const [what, change, expected] of cases) {
    it(`finds ${what}, with what to do`, () => {
      expect(bad(change)).to.deep.equal(expected);
      for (const { state, fix } of diagnose({ ...healthy, ...change }))
        if (state !== 'ok') expect(fix).to.be.a('string').and.not.equal('');
    });
  }
});
