import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { forward } from '../../src/processes/sessions/forward-session.ts';
import { fail } from '../../src/errors/index.ts';
import { LocalEngines } from '../../src/nodes/engines/node-engines.ts';
import { findProcess } from '../../src/processes/processes.ts';
import { caller, rejection, World } from '../platform/world.ts';

describe('running processes', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
    await world.platform.apps.create({ name: 'shop' }, caller);
    await world.deploy('shop', 'hello:1');
  });
  afterEach(() => world.close());

  const ps = () => world.platform.ps;
  const oneOffs = () => world.engine.containers({ 'mothership.kind': 'run' });
  const script = 'exec echo hello';

  it('run programs beside themselves, found by name, type or not at all', async () => {
    world.engine.program(
      (spec) => spec.command?.[0] === script,
      (io) => (io.out('hello'), 7),
    );
    for (const name of [undefined, 'web', 'web.1']) {
      const exec = await ps().exec('shop', { ...(name ? { ps: name } : {}), command: ['echo', 'hello'] }, caller);
      expect(exec.ps).to.equal('web.1');
      const session = await ps().attachExec('shop', exec.id);
      expect(await text(session.stdout)).to.equal('hello\n');
      session.stderr.resume();
      expect(await session.exited).to.equal(7);
      expect(await rejection(ps().attachExec('shop', exec.id))).to.equal('EXEC_NOT_FOUND');
    }
    expect(await rejection(ps().exec('shop', { ps: 'web.2' }, caller))).to.equal('PROCESS_NOT_FOUND');
    expect(await rejection(ps().exec('none', {}, caller))).to.equal('APP_NOT_FOUND');
  });

  it("are shown with their image's command, where none is theirs", async () => {
    const command = async (): Promise<string | null> => (await ps().list('shop'))[0]!.command;
    expect(await command()).to.equal(null);
    world.engine.imageStore.publish('hello:2', { entrypoint: ['/bin/sh', '-c'], command: ['serve "$PORT"', 'a'] });
    await world.deploy('shop', 'hello:2');
    expect(await command()).to.equal(`/bin/sh -c 'serve "$PORT"' a`);
    await world.follow(await world.platform.config.update('shop', { set: { A: '1' } }, caller));
    expect(await command()).to.equal(`/bin/sh -c 'serve "$PORT"' a`);
  });

  it('hang a program up, whatever it started, when its terminal is gone', async () => {
    const hung: string[] = [];
    world.engine.program(
      (spec) => spec.entrypoint?.includes('sh') === true && spec.command?.length === 1 && spec.entrypoint.length === 4,
      ({ spec }) => {
        hung.push(String(spec.command?.[0]));
        return 0;
      },
    );
    world.engine.program(
      (spec) => spec.command?.[0] === 'stty rows 20 cols 90 2>/dev/null; sleep',
      () => new Promise(() => undefined),
    );
    const { id } = await ps().exec('shop', { command: ['sleep'], tty: true, columns: 90, rows: 20 }, caller);
    const session = await ps().attachExec('shop', id);
    expect(world.engine.execs.sizes.at(-1)).to.deep.equal({ columns: 90, rows: 20 });
    await session.hangUp();
    await world.until(() => hung.length > 0);
    expect(hung).to.deep.equal([id]);
  });

  it('give and take files', async () => {
    const tar = pack();
    tar.entry({ name: 'notes.txt' }, 'remember');
    tar.finalize();
    const into = await ps().copy('shop', { path: '/app', into: true }, caller);
    into.input.end(await buffer(tar));
    expect(await into.exited).to.equal(0);
    const from = await ps().copy('shop', { path: '/app/notes.txt' }, caller);
    const unpack = extract();
    from.stdout.pipe(unpack);
    for await (const entry of unpack) expect(await text(entry)).to.equal('remember');
    expect(await from.exited).to.equal(0);
    expect(await rejection(ps().copy('shop', { path: '/nowhere' }, caller))).to.equal('COPY_FAILED');
  });

  it("are reached on ports through a container beside them when their network is not the controller's", async () => {
    world.engine.imageStore.add('c');
    world.engine.program(
      (spec) => spec.networks[0]?.id.startsWith('container:') === true,
      async (io) => {
        const [asked] = (await once(io.stdin, 'data')) as [Buffer];
        if (io.spec.command?.[0] !== '9229') return (io.err('ECONNREFUSED'), 1);
        io.out(`you said ${asked.toString()}`);
        return 0;
      },
    );
    const record = await world.store.apps.get('shop');
    const { engine, clock } = world;
    const process = await findProcess({ engine, engines: new LocalEngines(engine), clock }, record, 'web');
    const request = { process, address: undefined, image: 'c', app: record.id };
    const session = await forward({ ...request, port: 9229 });
    session.input.write('hi');
    expect(await text(session.stdout)).to.equal('you said hi\n');
    expect(await session.exited).to.equal(0);
    const refused = await forward({ ...request, port: 9 });
    refused.stdout.resume();
    refused.input.write('hi');
    expect(await rejection(refused.exited)).to.equal('FORWARD_FAILED');
    expect(await world.engine.containers({ 'mothership.kind': 'forward' })).to.deep.equal([]);
  });

  it("are reached straight where the controller's network is theirs, with an end of input of its own", async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let said = '';
      socket.on('data', (chunk: Buffer) => (said += chunk.toString())).on('end', () => socket.end(said.toUpperCase()));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const process = { name: 'web.1', container: 'none', node: undefined, addresses: {}, engine: world.engine };
    const session = await forward({
      process,
      port: (server.address() as AddressInfo).port,
      address: '127.0.0.1',
      image: 'c',
      app: 'a',
    });
    session.input.end('hi');
    let answer = '';
    for await (const chunk of session.stdout) answer += String(chunk);
    expect(answer).to.equal('HI');
    expect(await session.exited).to.equal(0);
    server.close();
  });

  it('are told with what they use, or without it a second later', async () => {
    expect((await ps().list('shop'))[0]?.usage).to.deep.equal({
      cpus: 0.25,
      memory: 50_000_000,
      memoryLimit: 512_000_000,
    });
    world.engine.stats = () => new Promise(() => undefined);
    const began = world.clock.now();
    const [process] = await world.clock.passUntil(ps().list('shop'));
    expect(process).to.include({ name: 'web.1', usage: null });
    expect(world.clock.now() - began).to.equal(1_000);
  });

  it('that cannot be started leave nothing behind', async () => {
    const start = world.engine.startContainer.bind(world.engine);
    world.engine.startContainer = () => Promise.reject(fail('ENGINE_FAILED', { action: 'start', why: 'no' }));
    const runs = world.platform.run;
    const { id } = await runs.create('shop', { command: ['x'] }, caller);
    expect(await rejection(runs.attach('shop', id))).to.equal('ENGINE_FAILED');
    expect(await oneOffs()).to.deep.equal([]);
    world.engine.startContainer = start;
  });

  it('that a controller prepared and never started are removed by another one', async function () {
    this.timeout(40_000);
    await world.platform.run.create('shop', { command: ['x'] }, caller);
    world.kill();
    await world.boot();
    expect(await oneOffs()).to.have.lengthOf(1);
    await world.clock.advance(3_700_000);
    expect(await oneOffs()).to.deep.equal([]);
  });
});
