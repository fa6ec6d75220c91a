import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { serve } from '../../src/controller/serve.ts';
import { alice, authorization, rig, type Rig } from './controller.ts';

class FakeProcess extends EventEmitter {
  exit(code?: string | number | null): never {
    this.emit('exited', code);
    return undefined as never;
  }
}
const silent = { info: () => undefined, error: () => undefined };

describe("the controller's process", () => {
  let rigged: Rig;
  let steps: string[];
  let host: FakeProcess;

  beforeEach(async () => {
    rigged = await rig();
    steps = [];
    host = new FakeProcess();
  });
  afterEach(() => rigged.close());

  const platform = { start: async () => void steps.push('start'), stop: async () => void steps.push('stop') };
  const start = async (port: number): Promise<void> =>
    serve({ app: rigged.app, platform, port, process: host as never, logger: silent });

  it('starts the platform before it listens, on every address', async () => {
    await start(0);
    expect(steps).to.deep.equal(['start']);
    expect((rigged.app.server.address() as AddressInfo).address).to.equal('0.0.0.0');
    expect((await fetch(`${await rigged.url()}/health`)).status).to.equal(200);
  });

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`at ${signal} ends streams, then stops the platform and exits with 0`, async () => {
      await rigged.platform.apps.create({ name: 'shop' }, alice);
      await start(0);
      const url = await rigged.url();
      const stream = await rigged.world.clock.passUntil(
        fetch(`${url}/apps/shop/logs?tail=true`, { headers: authorization('member') }),
      );
      const exited = once(host, 'exited');
      host.emit(signal);
      const [code] = (await exited) as [number];
      expect(code).to.equal(0);
      expect(steps).to.deep.equal(['start', 'stop']);
      expect((await stream.text()).trim()).to.equal('');
      expect(await fetch(`${url}/health`).catch(() => 'refused')).to.equal('refused');
    });
  }

  it('exits with 1 when the platform does not stop as it should', async () => {
    await serve({
      app: rigged.app,
      platform: { ...platform, stop: async () => Promise.reject(new TypeError('no')) },
      port: 0,
      process: host as never,
      logger: silent,
    });
    host.emit('SIGTERM');
    expect(await once(host, 'exited')).to.deep.equal([1]);
  });

  it('fails to start on a port that is taken', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const outcome = await start((other.address() as AddressInfo).port).then(
      () => 'started',
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(outcome).to.equal('EADDRINUSE');
    other.close();
  });
});
