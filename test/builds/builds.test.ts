import { expect } from 'chai';
import { createHash } from 'node:crypto';
import type { BuildImageOptions, RegistryAuth } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { Secret } from '../../src/events/index.ts';
import type { NodeEngines } from '../../src/nodes/engines/node-engines.ts';
import { tagOf } from '../../src/registry/references.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeRegistry, registriesAs } from '../fakes/fake-registry.ts';
import { archiveOf } from './archive-of.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

const PREFIX = 'registry.mothership.internal:5000';
const auth: RegistryAuth = { user: 'mothership', password: new Secret('hush') };
const many = { nodes: 'many', registry: { kind: 'cluster', prefix: PREFIX, user: 'mothership' } } as const;
const GB = 1024 ** 3;
/** The stack's run image as it is known in an app's storage. */
const RUN_IMAGE = `localhost/mothership/stack-${createHash('sha256').update('run').digest('hex').slice(0, 16)}`;

type Operation = Awaited<ReturnType<World['platform']['builds']['create']>>;

/** Builds of an engine that end when the test says so. */
class Gate {
  readonly #open = new Map<string, () => void>();

  constructor(
    readonly engine: FakeEngine,
    readonly world: World,
  ) {
    engine.box.waits = (app, killed) =>
      new Promise((resolve) => {
        this.#open.set(app, resolve);
        killed.addEventListener('abort', () => {
          this.#open.delete(app);
          resolve();
        });
      });
  }

  /** Apps whose builds have begun, in their order. */
  get begun(): readonly string[] {
    return this.engine.box.begun;
  }

  /** Lets the build of the app that runs go on. */
  async release(app: string): Promise<void> {
    await this.world.until(() => this.#open.has(app));
    this.#open.get(app)!();
    this.#open.delete(app);
  }
}

describe('builds', function () {
  this.timeout(30_000);
  let world: World;
  afterEach(() => world.close());

  const deploy = (app: string, ref = 'main'): Promise<Operation> =>
    world.platform.builds.create(
      app,
      { archive: archiveOf({ Dockerfile: 'FROM scratch\n' }), options: { ref } },
      caller,
    );
  const notices = async (operation: Operation): Promise<string[]> =>
    (await world.follow(operation)).events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  const statuses = async (app: string): Promise<string[]> =>
    (await world.platform.builds.list(app)).map(({ status }) => status);

  describe('on one node', () => {
    let gate: Gate;
    beforeEach(async () => {
      world = await World.create({ nodes: [{ cpus: 2, memoryBytes: 8 * GB }] });
      for (const image of ['run', 'build']) world.engine.imageStore.add(image);
      gate = new Gate(world.engine, world);
      for (const name of ['ant', 'bee', 'cat']) await world.platform.apps.create({ name }, caller);
    });

    it("run side by side up to the node's limit; the others wait, are told so, and come in turn", async () => {
      const first = await deploy('ant');
      const second = await deploy('ant', 'later');
      const [bee, cat] = [await deploy('bee'), await deploy('cat')];
      await world.until(() => gate.begun.length === 2);
      expect(gate.begun).to.deep.equal(['ant', 'bee']);
      await world.until(async () => (await statuses('cat'))[0] === 'queued');
      expect(await statuses('ant')).to.have.members(['queued', 'running']);
      await gate.release('ant');
      await world.until(() => gate.begun.length === 3);
      expect(gate.begun[2]).to.equal('cat');
      for (const app of ['bee', 'cat', 'ant']) await gate.release(app);
      const endings = await Promise.all(
        [first, second, bee, cat].map(async (operation) => outcome((await world.follow(operation)).ending)),
      );
      expect(endings).to.deep.equal(['done', 'done', 'done', 'done']);
      expect((await notices(cat))[0]).to.equal('Waiting for a free builder, next in line');
      expect(await notices(second)).to.include('Waiting for an earlier deploy of this app to finish');
      expect((await world.platform.releases.info('ant', 'current')).ref).to.equal('later');
      expect((await world.platform.builds.list('ant')).map(({ builder }) => builder)).to.deep.equal(
        Array(2).fill((await world.engine.nodes())[0]!.hostname),
      );
    });

    it('are cancelled while they wait, and while they run', async () => {
      const running = await deploy('ant');
      const waiting = await deploy('ant', 'later');
      await world.until(() => gate.begun.length === 1);
      await world.platform.operations.cancel(waiting.id);
      expect(outcome((await world.follow(waiting)).ending)).to.equal('CANCELLED');
      await world.platform.operations.cancel(running.id);
      expect(outcome((await world.follow(running)).ending)).to.equal('CANCELLED');
      expect(await statuses('ant')).to.deep.equal(['cancelled', 'cancelled']);
      const next = await deploy('ant');
      await gate.release('ant');
      expect(outcome((await world.follow(next)).ending)).to.equal('done');
    });

    it('are refused when the app has too many of them', async () => {
      for (let n = 0; n < 5; n++) await deploy('ant', `r${n}`);
      expect(await rejection(deploy('ant', 'r5'))).to.equal('BUILDS_TOO_MANY');
      for (const { operation } of await world.platform.builds.list('ant'))
        await world.platform.operations.cancel(operation);
      await world.until(async () => (await statuses('ant')).every((status) => status === 'cancelled'));
      const next = await deploy('ant');
      await gate.release('ant');
      expect(outcome((await world.follow(next)).ending)).to.equal('done');
    });

    it("of a Dockerfile get stage and build args, beside the stack's images and variables of all builds that they ask for", async () => {
      const seen: Partial<BuildImageOptions>[] = [];
      world.engine.imageStore.builder = (_context, { target, buildArgs }) => (
        seen.push({ target: target!, buildArgs: buildArgs! }),
        { lines: [] }
      );
      await world.platform.buildSettings.update(
        { env: { GOPROXY: 'https://go.example.com', PIP_INDEX_URL: 'https://pip.example.com', A: 'all' } },
        caller,
      );
      const archive = archiveOf({
        Dockerfile: 'ARG MOTHERSHIP_RUN_IMAGE\nFROM ${MOTHERSHIP_RUN_IMAGE} AS prod\nARG GOPROXY\nARG A\n',
      });
      const operation = await world.platform.builds.create(
        'ant',
        { archive, options: { target: 'prod', buildArgs: '{"A":"1"}' } },
        caller,
      );
      await gate.release('ant');
      expect(outcome((await world.follow(operation)).ending)).to.equal('done');
      expect(seen).to.deep.equal([
        { target: 'prod', buildArgs: { MOTHERSHIP_RUN_IMAGE: RUN_IMAGE, GOPROXY: 'https://go.example.com', A: '1' } },
      ]);
      expect(
        await rejection(
          world.platform.builds.create('ant', { archive: archiveOf({}), options: { buildArgs: '[1]' } }, caller),
        ),
      ).to.equal('BUILD_ARG_INVALID');
    });

    it('of a Dockerfile get the source without what is ignored, by the own ignore file of the Dockerfile if it has one', async () => {
      const contexts: string[][] = [];
      world.engine.imageStore.builder = (context) => (contexts.push([...context.keys()].sort()), { lines: [] });
      const build = async (files: Record<string, string>): Promise<void> => {
        const archive = archiveOf({ Dockerfile: 'FROM scratch\n', '.dockerignore': 'x\n', x: '1', y: '2', ...files });
        const operation = await world.platform.builds.create('ant', { archive, options: {} }, caller);
        await gate.release('ant');
        expect(outcome((await world.follow(operation)).ending)).to.equal('done');
      };
      await build({});
      await build({ 'Dockerfile.dockerignore': '*\n!x\n' });
      expect(contexts).to.deep.equal([['.dockerignore', 'Dockerfile', 'y'], ['x']]);
    });

    it('of a Dockerfile whose image has no command, and that has no Procfile, are told so', async () => {
      world.engine.imageStore.builder = () => ({ lines: [], image: { command: [] } });
      const operation = await deploy('ant');
      await gate.release('ant');
      expect(outcome((await world.follow(operation)).ending)).to.equal('DOCKERFILE_NO_COMMAND');
    });

    it('that waited or ran when the controller died are told as failed by its successor', async () => {
      const running = await deploy('ant');
      const waiting = await deploy('ant', 'later');
      await world.until(() => gate.begun.length === 1);
      world.kill();
      await world.boot();
      for (const operation of [running, waiting])
        expect(outcome((await world.follow(operation)).ending)).to.equal('INTERRUPTED');
      expect(await statuses('ant')).to.deep.equal(['failed', 'failed']);
    });
  });

  describe('in a cluster with builders', () => {
    let others: FakeEngine[];
    let gates: Gate[];
    let registries: FakeRegistry[];
    let unreachable: string[];

    const names = ['two', 'three'];
    beforeEach(async () => {
      registries = [new FakeRegistry('10.0.0.1:5000')];
      unreachable = [];
      others = names.map(() => new FakeEngine());
      const access = { password: auth.password, registries: () => Promise.resolve(registries) };
      const builder = { labels: { 'mothership.role.builder': 'true' }, cpus: 1, memoryBytes: 4 * GB };
      world = await World.create(
        { nodes: [{ hostname: 'one' }, ...names.map((hostname) => ({ hostname, ...builder }))] },
        many,
        access,
        enginesOf,
      );
      for (const engine of [world.engine, ...others]) engine.imageStore.remote = registriesAs(PREFIX, registries, auth);
      for (const image of ['run', 'build']) {
        world.engine.imageStore.add(image, { id: image });
        await world.engine.tagImage(image, `${PREFIX}/platform/debian-13-${image}:${tagOf(image)}`);
        await world.engine.pushImage(`${PREFIX}/platform/debian-13-${image}:${tagOf(image)}`, auth, () => undefined);
      }
      for (const [index, engine] of others.entries())
        engine.imageStore.builder = () => ({
          lines: [],
          image: { id: idOf(`${names[index]}`), exposedPorts: [8000 + index] },
        });
      gates = others.map((engine) => new Gate(engine, world));
      await world.platform.apps.create({ name: 'shop' }, caller);
      await world.platform.apps.create({ name: 'blog' }, caller);
    });

    const idOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const enginesOf = (local: FakeEngine): NodeEngines => ({
      local,
      async on(id) {
        const { hostname } = (await local.nodes()).find((node) => node.id === id)!;
        if (unreachable.includes(hostname)) throw fail('NODE_UNREACHABLE', { node: hostname, why: 'it is off' });
        return hostname === 'one' ? local : others[names.indexOf(hostname)]!;
      },
      async all() {
        const nodes = (await local.nodes()).filter(({ state }) => state === 'ready');
        return nodes.map((node) => ({
          node,
          engine: node.hostname === 'one' ? local : others[names.indexOf(node.hostname)]!,
        }));
      },
      report: () => expect.fail('asked'),
    });

    it('go to the builders, which pull the stack and push the image', async () => {
      const operation = await deploy('shop');
      await world.until(() => gates.some(({ begun }) => begun.length > 0));
      const index = gates.findIndex(({ begun }) => begun.includes('shop'));
      await gates[index]!.release('shop');
      const { ending } = await world.follow(operation);
      expect(outcome(ending)).to.equal('done');
      const [build] = await world.platform.builds.list('shop');
      expect(build).to.include({ builder: names[index], status: 'succeeded', release: 1 });
      expect(await others[index]!.image('build')).to.not.equal(undefined);
      const digest = await registries[0]!.digestOf('apps/shop', tagOf(build!.image!));
      const [service] = await world.engine.services({ 'mothership.kind': 'process' });
      expect(service!.image).to.equal(`${PREFIX}/apps/shop@${digest}`);
      expect(service!.labels['mothership.port']).to.equal(String(8000 + index));
    });

    it("go where the app's cache is, if that builder is free", async () => {
      for (let n = 0; n < 3; n++) {
        const [blog, shop] = [await deploy('blog'), await deploy('shop')];
        await world.until(() => gates.every(({ begun }) => begun.length === n + 1));
        for (const gate of gates) await gate.release(gate.begun[n]!);
        for (const operation of [blog, shop]) expect(outcome((await world.follow(operation)).ending)).to.equal('done');
      }
      for (const { begun } of gates) expect(new Set(begun)).to.have.property('size', 1);
    });

    it('begin anew on another builder when theirs is lost', async () => {
      const operation = await deploy('shop');
      await world.until(() => gates.some(({ begun }) => begun.length > 0));
      const lost = gates.findIndex(({ begun }) => begun.length > 0);
      const node = (await world.engine.nodes()).find(({ hostname }) => hostname === names[lost])!;
      world.engine.changeNode(node.id, { state: 'down' });
      await gates[1 - lost]!.release('shop');
      expect(outcome((await world.follow(operation)).ending)).to.equal('done');
      expect((await notices(operation)).join())
        .to.contain(`The node ${names[lost]} is not responding`)
        .and.contain('Restarting the build');
      expect((await world.platform.builds.list('shop'))[0]).to.include({
        builder: names[1 - lost],
        status: 'succeeded',
      });
    });

    it('fail when no builder answers', async () => {
      unreachable = names;
      expect(outcome((await world.follow(await deploy('shop'))).ending)).to.equal('NODE_UNREACHABLE');
      expect(await statuses('shop')).to.deep.equal(['failed']);
    });

    it("are done by the controller's own node while no builder is ready", async () => {
      for (const node of await world.engine.nodes())
        if (node.hostname !== 'one') world.engine.changeNode(node.id, { availability: 'drain' });
      expect(outcome((await world.follow(await deploy('shop'))).ending)).to.equal('done');
      expect((await world.platform.builds.list('shop'))[0]!.builder).to.equal('one');
    });
  });
});
