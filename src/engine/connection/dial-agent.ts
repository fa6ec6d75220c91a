import { Agent, type ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

type Created = (error: Error | null, stream?: Duplex) => void;

function closeAtEnd(this: Duplex): void {
  this.destroy();
}

/** HTTP over streams other than sockets, such as SSH channels or TLS. Idle streams are reused. */
export class DialAgent extends Agent {
  readonly #dial: () => Promise<Duplex>;

  constructor(dial: () => Promise<Duplex>) {
    super({ keepAlive: true });
    this.#dial = dial;
  }

  override createConnection(_options: ClientRequestArgs, created: Created): undefined {
    this.#dial().then(
      (stream) => created(null, likeSocket(stream)),
      (error: Error) => created(error),
    );
  }

  override keepSocketAlive(stream: Duplex): boolean {
    // Otherwise a half-closed stream would be kept as idle.
    stream.once('end', closeAtEnd);
    return super.keepSocketAlive(stream) as unknown as boolean;
  }

  override reuseSocket(stream: Duplex, request: Parameters<Agent['reuseSocket']>[1]): void {
    stream.removeListener('end', closeAtEnd);
    super.reuseSocket(stream, request);
  }
}

/** Other streams have no timers and do not keep the process alive, but Node's agent expects both methods. */
function likeSocket(stream: Duplex): Duplex {
  const nothing = (): Duplex => stream;
  return stream instanceof Socket
    ? stream
    : Object.assign(stream, {
        ref: nothing,
        unref: nothing,
        setKeepAlive: nothing,
        setTimeout: nothing,
        setNoDelay: nothing,
      });
}
