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
    this.#dial().then((stream) => created(null, stream), (error: Error) => created(error));
  }

  override keepSocketAlive(stream: Duplex): boolean {
    // A half that the other side has closed would be kept as idle otherwise.
    stream.once('end', closeAtEnd);
    // Other streams have no timers and hold no process.
    return stream instanceof Socket ? super.keepSocketAlive(stream) as unknown as boolean : true;
  }

  override reuseSocket(stream: Duplex, request: Parameters<Agent['reuseSocket']>[1]): void {
    stream.removeListener('end', closeAtEnd);
    if (stream instanceof Socket) super.reuseSocket(stream, request);
    else request.reusedSocket = true;
  }
}
