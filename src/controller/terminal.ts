import type { IncomingMessage } from 'node:http';
import { MiB } from '#values/size.ts';
import { ServerResponse } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import { readRunControl, readRunFrame, RunChannel, runFrame, type RunControl } from '#api/run-frames.ts';
import { fail, type ErrorBody } from '#errors';
import type { Clock } from '#events';
import type { RunSession } from '#platform';
import { heartbeat } from './heartbeat.ts';

const HEARTBEAT_MS = 15_000;
const MAX_MESSAGE_BYTES = MiB;
/** Time for output after the program ends, and for a closing socket. */
const LAST_WORDS_MS = 2_000;
const CloseCode = { normal: 1000, unsupported: 1003, failed: 1011, restarting: 1012 } as const;

type Size = Parameters<RunSession['resize']>[0];

interface TerminalOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly toErrorBody: (error: unknown) => ErrorBody;
}

/**
 * Handles WebSocket upgrades with the same routes, access checks and errors as other requests; the route's handler then
 * takes over the socket with `serve`.
 */
export class Terminals {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  readonly #upgrades = new WeakMap<IncomingMessage, { socket: Duplex; head: Buffer }>();

  listen(app: FastifyInstance): void {
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.#upgrades.set(request, { socket, head });
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
      response.on('finish', () => socket.end());
      app.routing(request, response);
    });
  }

  async serve(
    attach: () => Promise<RunSession>,
    request: FastifyRequest,
    reply: FastifyReply,
    options: TerminalOptions,
  ): Promise<void> {
    const upgrade = this.#upgrades.get(request.raw);
    if (!upgrade) throw fail('UPGRADE_REQUIRED', { path: request.url.split('?')[0] ?? '' });
    const session = await attach();
    const vanished = (): void => void session.hangUp();
    upgrade.socket.once('close', vanished);
    if (upgrade.socket.destroyed) vanished();
    reply.hijack();
    this.#server.handleUpgrade(request.raw, upgrade.socket, upgrade.head, (socket) => {
      upgrade.socket.off('close', vanished);
      void new Terminal(socket, session, options).serve();
    });
  }
}

/** Connects one session to one WebSocket, with backpressure in both directions. */
class Terminal {
  readonly #closed = new AbortController();
  #answered = true;
  /** The last one asked for that the session does not have yet. */
  #size: Size | undefined;
  #resizing = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly session: RunSession,
    private readonly options: TerminalOptions,
  ) {}

  async serve(): Promise<void> {
    this.#listen();
    void heartbeat(this.options.clock, HEARTBEAT_MS, this.#closed.signal, () => this.#beat());
    try {
      const output = Promise.all([
        this.#pump(RunChannel.stdout, this.session.stdout),
        this.#pump(RunChannel.stderr, this.session.stderr),
      ]);
      const code = await this.session.exited;
      await Promise.race([output, this.#pause(LAST_WORDS_MS)]);
      await this.#tell({ type: 'exit', code });
      this.#close(CloseCode.normal);
    } catch (error) {
      await this.#tell({ type: 'error', error: this.options.toErrorBody(error) });
      this.#close(CloseCode.failed);
    }
  }

  #listen(): void {
    const { signal } = this.options;
    const stop = (): void => this.#close(CloseCode.restarting);
    signal.addEventListener('abort', stop);
    this.socket.on('message', (data: Buffer, isBinary) =>
      isBinary ? this.#input(data) : this.#control(data.toString()),
    );
    this.socket.on('pong', () => {
      this.#answered = true;
    });
    this.socket.on('error', () => this.socket.terminate());
    this.socket.once('close', () => {
      signal.removeEventListener('abort', stop);
      this.#closed.abort();
      void this.session.hangUp();
    });
    // A program that closes its input early does not end the session.
    this.session.input.on('error', () => this.socket.resume());
    this.session.input.on('close', () => this.socket.resume());
    if (signal.aborted) stop();
  }

  #input(message: Buffer): void {
    const { input } = this.session;
    const frame = readRunFrame(message);
    if (frame?.channel !== RunChannel.stdin) return this.#close(CloseCode.unsupported);
    if (input.destroyed || input.writableEnded || input.write(frame.bytes)) return;
    this.socket.pause();
    input.once('drain', () => this.socket.resume());
  }

  #control(text: string): void {
    const control = readRunControl(text);
    if (control?.type === 'end') this.session.input.end();
    else if (control?.type === 'resize' && isSize(control))
      void this.#resize({ columns: control.columns, rows: control.rows });
    else this.#close(CloseCode.unsupported);
  }

  /** One call of the engine at a time, however fast sizes arrive. */
  async #resize(wanted: Size): Promise<void> {
    this.#size = wanted;
    if (this.#resizing) return;
    this.#resizing = true;
    while (this.#size) {
      const size = this.#size;
      this.#size = undefined;
      await this.session.resize(size).catch(() => undefined);
    }
    this.#resizing = false;
  }

  async #pump(channel: RunChannel, source: Readable): Promise<void> {
    for await (const chunk of source) await this.#send(runFrame(channel, chunk as Buffer));
  }

  #tell(control: RunControl): Promise<void> {
    return this.#send(JSON.stringify(control));
  }

  /** Resolves when the data is written, or immediately if the client is gone, so that the program is not blocked. */
  #send(data: Buffer | string): Promise<void> {
    return new Promise((resolve) => this.socket.send(data, () => resolve()));
  }

  #beat(): void {
    if (!this.#answered && !this.socket.isPaused) return this.socket.terminate();
    this.#answered = false;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  #close(code: number): void {
    this.socket.close(code);
    void this.#pause(LAST_WORDS_MS).then(() => this.socket.terminate());
  }

  /** Returns early if the socket closes. */
  #pause(ms: number): Promise<void> {
    return this.options.clock.sleep(ms, this.#closed.signal).catch(() => undefined);
  }
}

function isSize(size: { columns: unknown; rows: unknown }): boolean {
  return [size.columns, size.rows].every(
    (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= 10_000,
  );
}
