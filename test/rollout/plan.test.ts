import { expect } from 'chai';
import { formationFor } from '../../src/apps/index.ts';
import { planRollout } from '../../src/rollout/index.ts';
import { generationId, generationOf, isOfGeneration, serviceName } from '../../src/rollout/generation.ts';
import type { RolloutInput } from '../../src/rollout/rollout-plan.ts';
import { reveal, Secret } from '../../src/events/index.ts';
import type { ReleaseRecord } from '../../src/store/index.ts';

export const release: ReleaseRecord = {
  app: 'shop',
  version: 7,
  createdAt: '2026-01-01T00:00:00Z',
  by: 'ada',
  description: 'Deploy',
  image: 'sha256:abc',
  build: 'b1',
  ref: null,
  kind: 'buildpacks',
  stack: 'debian-13',
  config: { GREETING: 'hello', TEMPLATE: 'a {{.Task.Slot}} b' },
  processTypes: { web: 'node server.js', worker: 'node worker.js', release: 'node migrate.js' },
};

const input: RolloutInput = {
  app: { id: 'shop', name: 'shop', live: { release: 6, incarnation: 2 } },
  target: { release: 7, incarnation: 1 },
  release,
  formation: formationFor(Object.keys(release.processTypes), {
    worker: { quantity: 2, memoryBytes: 256 * 1024 ** 2, cpus: 0.5 },
  }),
  port: 8080,
  networks: { app: 'net-app', proxy: 'net-proxy' },
  confined: true,
};

describe("a rollout's plan", () => {
  it('creates the services of the new release, and keeps the live one as the previous release', () => {
    const { create, from, target, retire } = planRollout(input);
    expect(create.map(({ name, replicas }) => `${name} x${replicas}`)).to.deep.equal([
      'shop_web_v7 x1',
      'shop_worker_v7 x2',
    ]);
    expect({ from, target, retire }).to.deep.equal({
      from: { release: 6, incarnation: 2 },
      target: { release: 7, incarnation: 1 },
      retire: { release: 6, incarnation: 2 },
    });
  });

  it('of a first release retires nothing', () => {
    const { from, retire } = planRollout({ ...input, app: { id: 'shop', name: 'shop' } });
    expect({ from, retire }).to.deep.equal({ from: undefined, retire: undefined });
  });

  it('notes that a release has no web process', () => {
    const worker = { ...release, processTypes: { worker: 'node worker.js' } };
    expect(planRollout({ ...input, release: worker }).target).to.deep.equal({
      release: 7,
      incarnation: 1,
      webless: true,
    });
    expect(planRollout({ ...input, release: { ...worker, image: null } }).target).to.not.have.property('webless');
  });

  it('of a release without an image creates nothing', () => {
    expect(planRollout({ ...input, release: { ...release, image: null } }).create).to.deep.equal([]);
  });

  it('names the image as a registry does, with its password, or by its id when there is none', () => {
    const auth = { user: 'mothership', password: new Secret('hush') };
    const image = { reference: 'registry:5000/apps/shop@sha256:def', auth };
    for (const spec of planRollout({ ...input, image }).create)
      expect(spec).to.deep.include({ image: image.reference, registryAuth: auth });
    for (const spec of planRollout(input).create)
      expect(spec).to.include({ image: 'sha256:abc' }).and.not.have.property('registryAuth');
  });

  it("lets only web processes onto the routers' network, and gives every type its plain name", () => {
    const [web, worker] = planRollout(input).create;
    expect(web!.networks).to.deep.equal([{ id: 'net-app', aliases: ['web'] }, { id: 'net-proxy' }]);
    expect(worker!.networks).to.deep.equal([{ id: 'net-app', aliases: ['worker'] }]);
  });

  it('spreads every type over zones and promises it an eighth of its limit', () => {
    const MiB = 1024 ** 2;
    expect(
      planRollout(input).create.map(({ spreadOver, reservations }) => ({ spreadOver, reservations })),
    ).to.deep.equal([
      { spreadOver: ['node.labels.mothership.zone'], reservations: { memoryBytes: 64 * MiB } },
      { spreadOver: ['node.labels.mothership.zone'], reservations: { memoryBytes: 32 * MiB } },
    ]);
  });

  it('publishes no port, drops every capability, limits memory and processes', () => {
    for (const spec of planRollout(input).create) {
      expect(spec.ports).to.equal(undefined);
      expect(spec).to.include({ endpointMode: 'dnsrr', noNewPrivileges: true });
      expect(spec.capDrop).to.deep.equal(['ALL']);
      expect(spec.capAdd).to.deep.equal([]);
      expect(spec.limits).to.include({ pids: 1024 });
    }
  });

  describe('gives images other than buildpacks', () => {
    const capabilities = (imageUser: string | undefined, confined: boolean): readonly string[] | undefined => {
      const image = { ...release, kind: 'dockerfile' as const, ...(imageUser === undefined ? {} : { imageUser }) };
      return planRollout({ ...input, release: image, confined }).create[0]!.capAdd;
    };

    it('nothing that a setuid program could gain, if their user is not root', () => {
      for (const user of ['1000', 'app', 'app:root', '01'])
        for (const confined of [true, false])
          expect(capabilities(user, confined), user).to.deep.equal(['CAP_NET_BIND_SERVICE']);
    });

    it('the means to switch users as root only where no-new-privileges is in force', () => {
      for (const user of ['', '0', 'root', '0:0', ':app', undefined]) {
        expect(capabilities(user, true), user).to.include.members(['CAP_SETUID', 'CAP_SETGID', 'CAP_CHOWN']);
        expect(capabilities(user, false), user).to.include('CAP_CHOWN').and.not.include('CAP_SETUID');
        expect(capabilities(user, false), user).not.to.include('CAP_SETGID');
      }
    });
  });

  it("keeps braces in config vars from Swarm's templates and masks them when printed", () => {
    const { env } = planRollout(input).create[0]!;
    expect(reveal(env['TEMPLATE']!)).to.equal('a {{"{{"}}.Task.Slot}} b');
    expect(JSON.stringify(env)).not.to.contain('hello');
    expect(env['DYNO']).to.equal('web.{{.Task.Slot}}');
  });

  it("has the platform's checks alone, whatever the image checks", () => {
    expect(planRollout(input).create.map(({ healthcheck }) => healthcheck)).to.satisfy((checks: unknown[]) =>
      checks.every((check) => check === 'none'),
    );
  });

  it('starts commands of other images with their shell, or as the image says', () => {
    const image = { ...release, kind: 'image' as const, processTypes: { web: null, worker: 'run me' } };
    const [web, worker] = planRollout({ ...input, release: image }).create;
    expect(web).not.to.have.property('args');
    expect(worker!.entrypoint).to.deep.equal(['/bin/sh', '-c', 'run me']);
  });
});

describe('names of services', () => {
  const first = { release: 1, incarnation: 1 };

  it('fit Swarm and DNS, whatever the process type is called', () => {
    const longest = 'a'.repeat(30);
    for (const type of ['web', 'my_worker', 'a-_-b', '_', '-x-', 'x'.repeat(30), 'UPPER']) {
      const name = serviceName(longest, type, { release: 1234, incarnation: 12 });
      expect(name.length, name).to.be.at.most(63);
      // Source: swarmkit, manager/controlapi/common.go, isValidDNSName.
      expect(name).to.match(/^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/);
      expect(name).to.equal(name.toLowerCase());
    }
  });

  it('differ for every app, process type and start', () => {
    const types = ['web', 'web-web', 'web_web', 'Web', '_web', 'web_v1', 'web_v1-2', 'v1', 'my-worker', 'my_worker'];
    const starts = [
      first,
      { release: 1, incarnation: 2 },
      { release: 2, incarnation: 1 },
      { release: 12, incarnation: 2 },
    ];
    const names = ['shop', 'shop-web', 'shop-v1', 'shop-2'].flatMap((app) =>
      types.flatMap((type) => starts.map((start) => serviceName(app, type, start))),
    );
    const hashed = /^shop__([0-9a-f]{8})_v1$/.exec(serviceName('shop', 'Web', first))![1]!;
    names.push(serviceName('shop', hashed, first), serviceName('shop', `_${hashed}`, first));
    expect(new Set(names).size).to.equal(names.length);
  });
});

describe('a generation', () => {
  const labels = (app: string, generation: string): Record<string, string> => ({
    'mothership.app': app,
    'mothership.generation': generation,
  });

  it('is read back from its labels, those of version 0.1 too', () => {
    for (const [release, incarnation, former] of [
      [7, 1, 'shop-7'],
      [7, 3, 'shop-7-3'],
    ] as const) {
      const id = generationId('shop', { release, incarnation });
      for (const each of [id, former])
        expect(generationOf(labels('shop', each)), each).to.deep.equal({ release, incarnation });
    }
    for (const id of ['shop-two-7', 'other-7', 'shop', 'shop/', 'shop/7-2', 'shop-7.2', 'shop/7.2.1', ''])
      expect(generationOf(labels('shop', id)), id).to.equal(undefined);
    expect(generationOf({})).to.equal(undefined);
  });

  it('belongs to one app, even where two apps of version 0.1 labelled theirs the same', () => {
    const [second, start] = [
      { release: 2, incarnation: 2 },
      { release: 2, incarnation: 1 },
    ];
    expect(isOfGeneration(labels('shop', 'shop-2-2'), 'shop', second)).to.equal(true);
    expect(isOfGeneration(labels('shop-2', 'shop-2-2'), 'shop', second)).to.equal(false);
    expect(isOfGeneration(labels('shop-2', 'shop-2-2'), 'shop-2', start)).to.equal(true);
    expect(isOfGeneration(labels('shop', 'shop-2-2'), 'shop-2', start)).to.equal(false);
    expect(generationId('shop', second)).not.to.equal(generationId('shop-2', start));
  });
});
