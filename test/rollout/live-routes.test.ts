import { expect } from 'chai';
import type { Engine, NodeInfo, TaskInfo } from '../../src/engine/index.ts';
import { systemClock } from '../../src/events/index.ts';
import { LiveRoutes, Readiness, type Answer } from '../../src/rollout/index.ts';
import { RouterHub } from '../../src/router/index.ts';
import type { AppRecord, Store } from '../../src/store/index.ts';
import { eventually } from '../eventually.ts';

const NODES = [
  { id: 'n1', state: 'ready' },
  { id: 'n2', state: 'down' },
] as NodeInfo[];

/** Apps and tasks as they are now; a look at all waits, once asked to, with what it found. */
class Swarm {
  readonly apps = new Map<string, AppRecord>();
  readonly tasks = new Map<string, TaskInfo[]>();
  looks = 0;
  hold: Promise<void> = Promise.resolve();

  deploy(app: string, release: number): void {
    this.apps.set(app, {
      id: app,
      name: app,
      domains: [],
      maintenance: false,
      live: { release, incarnation: 1 },
    } as unknown as AppRecord);
    this.tasks.set(`${app} ${release}`, [
      {
        id: `task of ${app} ${release}`,
        nodeId: 'n1',
        state: 'running',
        desired: 'running',
        addresses: { proxy: `10.0.0.${release}` },
        labels: {
          'mothership.app': app,
          'mothership.type': 'web',
          'mothership.generation': `${app}/${release}`,
          'mothership.port': '8080',
        },
      } as unknown as TaskInfo,
    ]);
  }

  async #found<T>(value: T): Promise<T> {
    await this.hold;
    return value;
  }

  readonly store = {
    apps: {
      list: () => this.#found([...this.apps.values()]),
      byId: (id: string) => Promise.resolve(this.apps.get(id)),
    },
  } as unknown as Store;
  readonly engine = {
    nodes: () => Promise.resolve(NODES),
    tasks: ({ service, labels }: { service?: string; labels?: Record<string, string> }) => {
      if (service !== undefined) return Promise.resolve(this.tasks.get(service) ?? []);
      const app = labels?.['mothership.app'];
      if (app !== undefined)
        return Promise.resolve([...this.tasks.values()].flat().filter((task) => task.labels['mothership.app'] === app));
      this.looks += 1;
      return this.#found([...this.tasks.values()].flat());
    },
  } as unknown as Engine;
}

describe('routes that follow what runs', () => {
  let swarm: Swarm;
  let hub: RouterHub;
  let routes: LiveRoutes;
  /** How connections end, by address; accepted unless it says otherwise. */
  const answers = new Map<string, Answer>();
  const routed = (): string[] =>
    hub.table!.routes.flatMap((route) => JSON.stringify(route).match(/10\.0\.0\.\d+/g) ?? []).sort();

  /** A controller that has just started. */
  const start = (): void => {
    hub = new RouterHub(systemClock);
    const readiness = new Readiness(async (host) => answers.get(host) ?? 'accepted');
    routes = new LiveRoutes({
      engine: swarm.engine,
      store: swarm.store,
      hub,
      readiness,
      clock: systemClock,
      domain: 'example.test',
      proxyNetwork: 'proxy',
      routerService: 'router',
    });
  };

  beforeEach(async () => {
    swarm = new Swarm();
    answers.clear();
    start();
    swarm.deploy('shop', 1);
    swarm.deploy('blog', 2);
    await routes.refresh();
  });

  it('have every app in the first table', () => {
    expect(routed()).to.include.members(['10.0.0.1', '10.0.0.2']);
  });

  it('of a new controller keep processes that do not answer it, but not those that refuse connections', async () => {
    answers.set('10.0.0.1', 'silent').set('10.0.0.2', 'refused');
    start();
    await routes.refresh();
    expect(new Set(routed())).to.deep.equal(new Set(['10.0.0.1']));
    await routes.refresh();
    expect(new Set(routed())).to.deep.equal(new Set(['10.0.0.1']));
    answers.set('10.0.0.1', 'refused');
    await routes.refresh();
    await eventually('a table without it', () => routed().length === 0);
  });

  it('leave out a process that has never answered a controller which runs', async () => {
    answers.set('10.0.0.3', 'silent');
    swarm.deploy('shop', 3);
    await routes.refresh();
    expect(new Set(routed())).to.deep.equal(new Set(['10.0.0.2']));
  });

  it('go to every router on a node that answers, before a change counts as served', async () => {
    const router = (id: string, nodeId: string): TaskInfo =>
      ({
        id,
        nodeId,
        state: 'running',
        desired: 'running',
        containerId: `${id}-0123456789abcdef`,
        labels: {},
        addresses: {},
      }) as unknown as TaskInfo;
    swarm.tasks.set('router', [router('here', 'n1'), router('lost', 'n2')]);
    const version = await routes.refresh();
    void hub.poll({ id: 'somewhere', applied: version, inFlight: {} });
    const waiting = await hub.acknowledged(version, { timeoutMs: 50 }).catch(String);
    expect(waiting).to.contain('here-0123456').and.not.contain('lost');
    void hub.poll({ id: 'here-0123456', applied: version, inFlight: {} });
    await hub.acknowledged(version, { timeoutMs: 50 });
  });

  it('take the change of an app without a look at all the others', async () => {
    swarm.deploy('shop', 3);
    const version = await routes.refresh('shop');
    await Promise.resolve();
    expect(hub.table!.version).to.be.at.least(version);
    expect(new Set(routed())).to.deep.equal(new Set(['10.0.0.2', '10.0.0.3']));
    expect(swarm.looks).to.equal(1);
  });

  it('keep the change of an app though a look that began before it ends after it', async () => {
    let go: () => void = () => undefined;
    swarm.hold = new Promise((resolve) => {
      go = resolve;
    });
    const all = routes.refresh();
    swarm.deploy('shop', 3);
    await routes.refresh('shop');
    swarm.apps.delete('blog');
    await routes.refresh('blog');
    go();
    await all;
    expect(new Set(routed())).to.deep.equal(new Set(['10.0.0.3']));
  });

  it('know a task as ready though a look that began before it was there ends after it', async () => {
    let go: () => void = () => undefined;
    const before = [...swarm.tasks.values()].flat();
    swarm.hold = new Promise((resolve) => {
      go = resolve;
    });
    const held = swarm.engine.tasks;
    swarm.engine.tasks = (filter) =>
      filter.labels?.['mothership.app'] === undefined ? swarm.hold.then(() => before) : held(filter);
    const all = routes.refresh();
    swarm.deploy('shop', 3);
    await routes.refresh('shop');
    await Promise.resolve();
    go();
    await all;
    expect(routed()).to.include('10.0.0.3');
  });

  it('lose an app that is no more', async () => {
    swarm.apps.delete('shop');
    await routes.refresh('shop');
    expect(new Set(routed())).to.deep.equal(new Set(['10.0.0.2']));
    await routes.refresh();
    expect(new Set(routed())).to.deep.equal(new Set(['10.0.0.2']));
  });
});
