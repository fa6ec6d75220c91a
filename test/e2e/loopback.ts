import { connect, createServer, type AddressInfo, type Server } from 'node:net';

/**
 * Names below `localhost` are this machine, and a lab node is another one: its router's port is made to answer here.
 * The port is chosen first, because it is part of the cluster's URLs.
 */
export class Loopback {
  readonly #server: Server;
  #target: { host: string; port: number } | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(port = 0): Promise<Loopback> {
    const server = createServer({ noDelay: true });
    const loopback = new Loopback(server);
    server.on('connection', (socket) => {
      if (!loopback.#target) return void socket.destroy();
      const upstream = connect({ ...loopback.#target, noDelay: true });
      for (const side of [socket, upstream]) side.on('error', () => undefined);
      socket.on('close', () => upstream.destroy());
      upstream.on('close', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    server.unref();
    return loopback;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The same port of another machine. */
  forward(host: string): void {
    this.#target = { host, port: this.port };
  }

  close(): void {
    this.#server.close();
  }
}
