import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NoHosts, type Backend } from './backend.ts';
import { Ec2Fault, faultOf, type Injection } from './fault.ts';
import { instanceActions } from './instances.ts';
import { networkActions } from './network.ts';
import { Query } from './query.ts';
import { regionActions } from './region.ts';
import { checkSignature, type Account } from './signature.ts';
import { World } from './world.ts';
import { element, type Xml } from './xml.ts';

const ACTIONS = { ...instanceActions, ...networkActions, ...regionActions };
const API = 'http://ec2.amazonaws.com/doc/2016-11-15/';

export interface EndpointOptions {
  region?: string;
  backend?: Backend;
  /** 0 finds a free port. */
  port?: number;
}

/** EC2's Query API on loopback: as much of it as Mothership uses, for one account and region, with faults on demand. */
export class Ec2Endpoint {
  readonly account: Account;
  readonly world: World;
  /** What was asked, in order. */
  readonly calls: { action: string; query: Query }[] = [];
  readonly #backend: Backend;
  readonly #server: Server;
  readonly #injections: Injection[] = [];

  private constructor(options: EndpointOptions) {
    this.account = {
      accessKeyId: 'AKIAMOTHERSHIPTEST',
      secretAccessKey: randomUUID(),
      region: options.region ?? 'eu-central-1',
    };
    this.#backend = options.backend ?? new NoHosts();
    this.world = new World(this.account.region, this.#backend);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: EndpointOptions = {}): Promise<Ec2Endpoint> {
    const endpoint = new Ec2Endpoint(options);
    await new Promise<void>((resolve) => endpoint.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the SDK's default chain reads. */
  get env(): Record<string, string> {
    const { accessKeyId, secretAccessKey, region } = this.account;
    return {
      AWS_ENDPOINT_URL_EC2: this.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  inject(injection: Injection): void {
    this.#injections.push({ ...injection });
  }

  /** Ends the faults, the delay and the record of calls; what was made stays. */
  calm(): void {
    this.#injections.length = 0;
    this.calls.length = 0;
    this.world.delay = 0;
  }

  inventory(): ReturnType<World['inventory']> {
    return this.world.inventory();
  }

  /** Stops the endpoint and every host behind it. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await Promise.all(
      this.world.instances.filter(({ state }) => state !== 'terminated').map(({ id }) => this.#backend.stop(id)),
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = (status: number, body: string): void =>
      void response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' }).end(body);
    try {
      const body = Buffer.concat(chunks).toString();
      checkSignature(
        { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body },
        this.account,
        Date.now(),
      );
      const [action, result] = this.#do(Query.parse(body));
      answer(
        200,
        `<${action}Response xmlns="${API}">${element('requestId', randomUUID())}${inner(result)}</${action}Response>`,
      );
    } catch (error) {
      if (error instanceof Page)
        return void response.writeHead(error.status, { 'content-type': 'text/html' }).end(error.message);
      if (error instanceof BrokenLine) return void request.socket.destroy();
      const fault = error instanceof Ec2Fault ? error : new Ec2Fault('InternalError', String(error), 500);
      answer(
        fault.status,
        element('Response', {
          Errors: { Error: { Code: fault.code, Message: fault.message } },
          RequestID: randomUUID(),
        }),
      );
    }
  }

  #do(query: Query): [string, Xml] {
    const action = query.at('Action') ?? '';
    this.calls.push({ action, query });
    const run = ACTIONS[action];
    if (!run) throw new Ec2Fault('InvalidAction', `The action ${action} is not valid for this web service.`);
    const injected = this.#take(action, query);
    if (injected && !injected.after) throw trouble(injected, action);
    const result = run(this.world, query);
    if (injected) throw trouble(injected, action);
    return [action, result];
  }

  #take(action: string, query: Query): Injection | undefined {
    const found = this.#injections.find(
      (each) => (each.action ?? action) === action && (each.times ?? 1) > 0 && (each.when?.(query) ?? true),
    );
    if (found?.times !== undefined) found.times -= 1;
    return found;
  }
}

/** The connection ends without an answer. */
class BrokenLine extends Error {}

/** Something other than EC2 answers. */
class Page extends Error {
  constructor(
    body: string,
    readonly status: number,
  ) {
    super(body);
  }
}

function trouble(injected: Injection, action: string): Error {
  if (injected.body !== undefined) return new Page(injected.body, injected.status ?? 200);
  return injected.code ? faultOf(injected, action) : new BrokenLine();
}

const inner = (value: Xml): string => element('x', value).slice('<x>'.length, -'</x>'.length);
