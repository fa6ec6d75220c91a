import { Agent, type ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

type Created = (error: Error | null, stream?: Duplex) => void;

function closeAtEnd(this: Duplex): void {
  this.destroy();
}

/** HTTP over streams that are no sockets of this process: channels of SSH, TLS. They are used again when idle. */
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
    // A half that the other side has closed would be kept as idle otherwise.
    stream.once('end', closeAtEnd);
    return super.keepSocketAlive(stream) as unknown as boolean;
  }

  override reuseSocket(stream: Duplex, request: Parameters<Agent['reuseSocket']>[1]): void {
    stream.removeListener('end', closeAtEnd);
    super.reuseSocket(stream, request);
  }
}

/** Other streams have no timers and hold no process, but Node's agent asks them to let go of both. */
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
