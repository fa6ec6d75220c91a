import { expect } from 'chai';
import type { TaskInfo } from '../../src/engine/index.ts';
import { Secret } from '../../src/events/index.ts';
import { collect, CONTRACT, fresh, refusal, running, serviceSpec, until, type Subject } from './subject.ts';

export function serviceContract(subject: () => Subject): void {
  const network = async (): Promise<string> =>
    subject().engine.createNetwork({ name: fresh('net'), driver: 'overlay', labels: CONTRACT, attachable: true });

  describe('networks', () => {
    it('are found by name and id, listed by label, refuse a taken name, and go', async () => {
      const { engine } = subject();
      const name = fresh('net');
      const id = await engine.createNetwork({ name, driver: 'overlay', labels: { ...CONTRACT, [name]: 'x' } });
      const expected = { id, name, driver: 'overlay', labels: { ...CONTRACT, [name]: 'x' } };
      expect(await engine.network(name)).to.deep.include(expected);
      expect((await engine.network(id))?.name).to.equal(name);
      expect((await engine.networks({ [name]: 'x' })).map((each) => each.id)).to.deep.equal([id]);
      await refusal(engine.createNetwork({ name, driver: 'overlay', labels: {} }), 'ENGINE_NAME_TAKEN');
      await engine.removeNetwork(name);
      await engine.removeNetwork(name);
      expect(await engine.network(name)).to.equal(undefined);
    });

    it('stay while a service uses them', async () => {
      const { engine } = subject();
      const id = await network();
      await engine.createService(serviceSpec(subject(), { networks: [{ id }] }));
      await refusal(engine.removeNetwork(id), 'ENGINE_FAILED');
      expect(await engine.network(id)).not.to.equal(undefined);
    });
  });

  describe('services', () => {
    it('get other secrets under the same paths, and keep the rest', async () => {
      const { engine } = subject();
      const secret = async (): Promise<{ id: string; name: string }> => {
        const name = fresh('secret');
        return { id: await engine.createSecret({ name, labels: CONTRACT, data: Buffer.from(name) }), name };
      };
      const [old, other, next] = [await secret(), await secret(), await secret()];
      const id = await engine.createService(
        serviceSpec(subject(), {
          replicas: 0,
          secrets: [
            { ...old, path: '/run/secrets/key' },
            { ...other, path: '/run/secrets/other' },
          ],
        }),
      );
      const before = await engine.service(id);
      await engine.replaceServiceSecrets(id, { '/run/secrets/key': next, '/run/secrets/none': old });
      await engine.removeSecret(old.name);
      for (const held of [other, next]) await refusal(engine.removeSecret(held.name), 'ENGINE_FAILED');
      expect(await engine.service(id)).to.deep.include({ labels: before?.labels, image: before?.image, replicas: 0 });
      await engine.removeService(id);
      for (const held of [other, next]) await engine.removeSecret(held.name);
    });

    it('run their tasks with an address in each network', async () => {
      const { engine } = subject();
      const [one, two] = [await network(), await network()];
      const spec = serviceSpec(subject(), {
        replicas: 2,
        containerLabels: { type: 'web' },
        networks: [{ id: one, aliases: ['web'] }, { id: two }],
      });
      const id = await engine.createService(spec);
      const tasks = await running(subject(), id, 2);
      expect(tasks.map((task) => task.slot).sort()).to.deep.equal([1, 2]);
      for (const task of tasks) {
        expect(Object.keys(task.addresses).sort()).to.deep.equal([one, two].sort());
        expect(task.addresses[one]).to.match(/^\d+\.\d+\.\d+\.\d+$/);
        expect(task).to.include({ serviceId: id, image: spec.image, exitCode: undefined, error: '' });
        expect(task.labels).to.include({ type: 'web' });
        expect(task.containerId).to.match(/^[0-9a-f]{64}$/);
      }
      expect(new Set(tasks.map((task) => task.addresses[one])).size).to.equal(2);
    });

    it('tell what they are', async () => {
      const { engine, image } = subject();
      const spec = serviceSpec(subject(), { labels: { ...CONTRACT, app: 'a' }, replicas: 0 });
      const id = await engine.createService(spec);
      expect(await engine.service(spec.name)).to.include({ id, name: spec.name, image, replicas: 0 });
      expect((await engine.service(id))?.labels).to.deep.equal({ ...CONTRACT, app: 'a' });
      expect(await engine.service(fresh('none'))).to.equal(undefined);
      expect((await engine.services({ app: 'a' })).map((service) => service.id)).to.include(id);
    });

    it('refuse a name that is taken and one that is none', async () => {
      const { engine } = subject();
      const spec = serviceSpec(subject(), { replicas: 0 });
      await engine.createService(spec);
      await refusal(engine.createService(spec), 'ENGINE_NAME_TAKEN');
      await refusal(engine.createService({ ...spec, name: 'no spaces' }), 'ENGINE_FAILED');
    });

    it('run one task on every node when they are global', async () => {
      const { engine } = subject();
      const id = await engine.createService(serviceSpec(subject(), { replicas: 'global' }));
      const nodes = await engine.nodes();
      const tasks = await running(subject(), id, nodes.length);
      expect(tasks.map((task) => task.nodeId).sort()).to.deep.equal(nodes.map((node) => node.id).sort());
      expect((await engine.service(id))?.replicas).to.equal('global');
    });

    it('leave nodes that no longer fit, and come back, with tasks elsewhere untouched', async () => {
      const { engine } = subject();
      const id = await engine.createService(serviceSpec(subject(), { replicas: 'global' }));
      const nodes = await engine.nodes();
      const before = await running(subject(), id, nodes.length);
      await engine.constrainService(id, [`node.hostname==${nodes[0]!.hostname}`]);
      expect((await running(subject(), id, 1)).map((task) => task.id)).to.deep.equal(
        before.filter((task) => task.nodeId === nodes[0]!.id).map((task) => task.id),
      );
      await engine.constrainService(id, ['node.labels.none==true']);
      await running(subject(), id, 0);
      expect((await engine.service(id))?.constraints).to.deep.equal(['node.labels.none==true']);
      await engine.constrainService(id, []);
      await running(subject(), id, nodes.length);
    });

    it('scale, keep the rest and take labels along', async () => {
      const { engine } = subject();
      const spec = serviceSpec(subject(), { replicas: 1 });
      const id = await engine.createService(spec);
      const [first] = await running(subject(), id, 1);
      await engine.scaleService(id, 3);
      const tasks = await running(subject(), id, 3);
      expect(tasks.map((task) => task.id)).to.include(first?.id);
      expect((await engine.service(id))?.labels).to.deep.equal(CONTRACT);
      await engine.scaleService(id, 0, { idle: 'yes' });
      await running(subject(), id, 0);
      expect(await engine.service(id)).to.deep.include({ replicas: 0, labels: { idle: 'yes' }, image: spec.image });
    });

    it('scale from several sides at once', async () => {
      const { engine } = subject();
      const id = await engine.createService(serviceSpec(subject(), { replicas: 0 }));
      await Promise.all([0, 0, 0, 0].map((replicas) => engine.scaleService(id, replicas, { side: 'any' })));
      expect((await engine.service(id))?.labels).to.deep.equal({ side: 'any' });
    });

    it('run new tasks for a new spec and refuse one with an old version', async () => {
      const { engine } = subject();
      const spec = serviceSpec(subject(), { env: { A: new Secret('1') } });
      const id = await engine.createService(spec);
      const [before] = await running(subject(), id, 1);
      const { version } = (await engine.service(id))!;
      await engine.updateService(id, version, { ...spec, env: { A: new Secret('2') } });
      const after = await until('a new task', async () => {
        const [task] = await running(subject(), id, 1);
        return task?.id !== before?.id && task;
      });
      expect(after.state).to.equal('running');
      const error = await refusal(engine.updateService(id, version, spec), 'CONFLICT');
      expect(error.message).to.contain(spec.name);
    });

    it('are gone with their tasks when removed, twice without complaint', async () => {
      const { engine } = subject();
      const spec = serviceSpec(subject());
      const id = await engine.createService(spec);
      await running(subject(), id, 1);
      await engine.removeService(spec.name);
      await engine.removeService(spec.name);
      expect(await engine.service(id)).to.equal(undefined);
      expect(await engine.tasks({ service: id })).to.deep.equal([]);
      expect(await engine.tasks({ service: spec.name })).to.deep.equal([]);
    });

    it('hold on to the configs they mount', async () => {
      const { engine } = subject();
      const name = fresh('cfg');
      const config = await engine.createConfig({ name, labels: CONTRACT, data: Buffer.from('x') });
      await engine.createService(
        serviceSpec(subject(), { replicas: 0, configs: [{ id: config, name, path: '/etc/x', mode: 0o400 }] }),
      );
      await refusal(engine.removeConfig(config), 'ENGINE_FAILED');
    });
  });

  describe('tasks', () => {
    it('that fail tell how and are followed by another', async () => {
      const { engine, teachService } = subject();
      const spec = serviceSpec(subject(), { script: 'echo last words; exit 3' });
      teachService(spec.name, { state: 'failed', exitCode: 3, output: ['last words'] });
      const id = await engine.createService(spec);
      // A node says that a task failed; that it shall not run again a manager says, a moment later.
      const over = async (): Promise<TaskInfo | undefined> =>
        (await engine.tasks({ service: id })).find((task) => task.state === 'failed' && task.desired === 'shutdown');
      const failed = await until('a failed task', over);
      expect(failed).to.include({ exitCode: 3, slot: 1 });
      expect(failed.error).to.contain('non-zero exit (3)');
      await until('another task', async () => (await engine.tasks({ service: id })).length > 1);
    });

    it('that fit nowhere stay pending and say why', async () => {
      const { engine } = subject();
      const id = await engine.createService(serviceSpec(subject(), { constraints: ['node.labels.nowhere == yes'] }));
      const task = await until('the reason', async () =>
        (await engine.tasks({ service: id })).find((each) => each.error !== ''),
      );
      expect(task).to.include({ state: 'pending', nodeId: '', containerId: undefined });
      expect(task.error).to.contain('no suitable node');
    });

    it('are listed by the labels of their service', async () => {
      const { engine } = subject();
      const app = fresh('app');
      const id = await engine.createService(serviceSpec(subject(), { labels: { ...CONTRACT, app }, replicas: 2 }));
      await running(subject(), id, 2);
      const tasks = await engine.tasks({ labels: { app } });
      expect(tasks.map((task) => task.serviceId)).to.deep.equal([id, id]);
      expect(await engine.tasks({ labels: { app: 'other' } })).to.deep.equal([]);
    });

    it('give their output, all of it or its end', async () => {
      const { engine, teachService } = subject();
      const script = 'echo one; echo two; echo three; trap "exit 0" TERM; while :; do sleep 0.1; done';
      const spec = serviceSpec(subject(), { script });
      teachService(spec.name, { output: ['one', 'two', 'three'] });
      const id = await engine.createService(spec);
      const [task] = await running(subject(), id, 1);
      const lines = await until('three lines', async () => {
        const all = await collect(engine.taskLogs(task!.id, {}));
        return all.length === 3 && all;
      });
      expect(lines.map(({ stream, line }) => `${stream} ${line}`)).to.deep.equal([
        'stdout one',
        'stdout two',
        'stdout three',
      ]);
      expect(lines[0]?.at).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect((await collect(engine.taskLogs(task!.id, { tail: 1 }))).map(({ line }) => line)).to.deep.equal(['three']);
    });

    it('are followed until the signal', async () => {
      const { engine, teachService } = subject();
      const spec = serviceSpec(subject(), { script: 'echo here; trap "exit 0" TERM; while :; do sleep 0.1; done' });
      teachService(spec.name, { output: ['here'] });
      const id = await engine.createService(spec);
      const [task] = await running(subject(), id, 1);
      const stop = new AbortController();
      const lines: string[] = [];
      for await (const { line } of engine.taskLogs(task!.id, { follow: true, signal: stop.signal })) {
        lines.push(line);
        setTimeout(() => stop.abort(), 100);
      }
      expect(lines).to.deep.equal(['here']);
    });
  });

  describe('nodes', () => {
    it('know their manager', async () => {
      const { engine } = subject();
      const info = await engine.info();
      expect(info.swarm).to.equal('manager');
      const self = (await engine.nodes()).find((node) => node.id === info.nodeId);
      expect(self).to.include({ role: 'manager', state: 'ready', availability: 'active', leader: true });
      expect(self?.address).to.match(/^\d+\.\d+\.\d+\.\d+$/);
      expect(self?.memoryBytes).to.be.greaterThan(1e8);
    });
  });
}
