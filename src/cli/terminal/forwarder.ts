import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { fail } from '#errors';

interface ForwardedPort {
  readonly local: number;
  readonly remote: number;
}

/** Parses `5432`, `8080:80`, or a comma-separated list. Throws USAGE_INVALID. */
export function parsePorts(text: string): ForwardedPort[] {
  return text.split(',').map((part) => {
    const match = /^(?:(\d{1,5}):)?(\d{1,5})$/.exec(part.trim());
    const remote = Number(match?.[2]);
    const local = Number(match?.[1] ?? remote);
    const isPort = (port: number): boolean => port > 0 && port < 65_536;
    if (!isPort(remote) || !isPort(local))
      throw fail('USAGE_INVALID', { why: `${part} is neither PORT nor LOCAL:REMOTE`, command: 'ps:forward' });
    return { local, remote };
  });
}

/** A port on localhost; each connection calls `open`. */
export class Forwarder {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(
    private readonly port: number,
    open: () => Promise<Duplex>,
    onError: (error: unknown) => void,
  ) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket)).on('error', () => socket.destroy());
      open().then(
        (stream) => join(socket, stream, onError),
        (error: unknown) => {
          onError(error);
          socket.destroy();
        },
      );
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening').catch((error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'address already in use' : error.message;
      throw fail('USAGE_INVALID', {
        why: `Cannot listen on port ${this.port}: ${why}`,
        command: 'ps:forward',
      });
    });
  }

  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }
}

function join(socket: Socket, stream: Duplex, onError: (error: unknown) => void): void {
  stream.on('error', (error) => {
    if (!socket.destroyed) onError(error);
    socket.destroy();
  });
  stream.on('end', () => socket.destroySoon());
  socket.on('close', () => stream.destroy());
  socket.pipe(stream);
  stream.pipe(socket);
}
