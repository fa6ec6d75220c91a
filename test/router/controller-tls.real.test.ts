import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { CONTROLLER_NAME, FakeController, TOKEN } from '../fixtures/router/fake-controller.ts';
import { DOMAIN, RealRouter } from '../fixtures/router/real-router.ts';
import { to } from '../fixtures/router/rig.ts';
import { selfSigned } from '../fixtures/router/self-signed.ts';
import { eventually } from '../eventually.ts';

const API = { host: `mothership.${DOMAIN}`, headers: { authorization: 'Bearer a-token-of-a-user' } };
/** The type of a TLS record with a message of the handshake. */
const HANDSHAKE = 0x16;

/** Takes connections in the controller's place, keeps what arrives and says nothing. */
class Listener {
  readonly received: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      const index = this.#sockets.push(socket) - 1;
      this.received[index] = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (data: Buffer) => {
        this.received[index] = Buffer.concat([this.received[index]!, data]);
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

describe('router: TLS with the controller', function () {
  this.timeout(180_000);
  let controller: FakeController;
  let router: RealRouter;

  beforeEach(async () => void (controller = await new FakeController().start()));
  afterEach(async () => {
    await router.stop();
    await controller.stop();
  });

  it('polls and passes requests on, over few connections', async () => {
    let handshakes = 0;
    controller.onConnection = () => void (handshakes += 1);
    router = await RealRouter.start(controller);
    for (let i = 0; i < 10; i++) await controller.route([to(`www-${i}.test`, [])]);
    expect(controller.seen.filter((path) => path === '/router/poll').length).to.be.at.least(10);
    for (let i = 0; i < 50; i++)
      expect(JSON.parse((await router.ask({ ...API, path: `/${i}` })).body)).to.include({ url: `/${i}` });
    // One of polls, and one of requests in each of two workers.
    expect(handshakes).to.be.at.most(3);
  });

  it('sends neither its own token nor those of users before it knows the controller', async () => {
    const identity = selfSigned(CONTROLLER_NAME);
    const listener = await new Listener().start();
    router = await RealRouter.start({ port: listener.port, identity });
    const asked = router.ask({ ...API, path: '/config', method: 'PUT', body: 'PASSWORD=a-secret' });
    await eventually('both connect', () => listener.received.filter(({ length }) => length > 0).length >= 2);
    listener.hangUp();
    expect(await asked).to.have.property('status', 503);
    for (const bytes of listener.received.filter(({ length }) => length > 0)) {
      expect(bytes[0]).to.equal(HANDSHAKE);
      expect(bytes.toString('latin1')).to.not.match(new RegExp(`${TOKEN}|Bearer|HTTP/1|a-secret`));
    }
    listener.stop();
  });

  for (const [what, presented, env] of [
    ['with another certificate for the same name', () => selfSigned(CONTROLLER_NAME), {}],
    ['whose certificate is for another name', undefined, { MOTHERSHIP_CONTROLLER_NAME: 'other.mothership.internal' }],
  ] as const) {
    it(`refuses a controller ${what}`, async () => {
      const impostor = await new FakeController(presented?.() ?? controller.identity).start();
      router = await RealRouter.start({ port: impostor.port, identity: controller.identity }, env);
      expect(await router.ask({ ...API, path: '/config' })).to.have.property('status', 503);
      await eventually('a refused poll is in the log', async () =>
        /the controller is not reached: .*certificate/.test(await router.output()),
      );
      expect(impostor.seen).to.deep.equal([]);
      await impostor.stop();
    });
  }
});
