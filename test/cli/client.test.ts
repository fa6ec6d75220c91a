import { expect } from 'chai';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { ApiClient } from '../../src/cli/api/client.ts';
import { LogTail } from '../../src/cli/output/log-tail.ts';
import { fail } from '../../src/errors/index.ts';
import { Secret, type Clock } from '../../src/events/index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
type Line = Record<string, unknown>;

/** Hours pass while nothing is waited for. */
const hasty: Clock = {
  now: () => hours,
  sleep: async (ms) => {
    hours += ms;
    await new Promise((resolve) => setImmediate(resolve));
  },
};
let hours = 0;

const json =
  (status: number, body: unknown): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const text =
  (status: number, body: string): Answer =>
  (_request, response) =>
    void response.writeHead(status).end(body);
const cut: Answer = (request) => void request.socket.destroy();
/** Lines, then a broken connection, or a good end. */
const lines =
  (all: Line[], end: 'cut' | 'end'): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(`\n${all.map((line) => JSON.stringify(line)).join('\n')}\n`, () =>
      end === 'end' ? response.end() : response.destroy(),
    );
  };
const output = (n: number): Line => ({ n, at: '', type: 'output', source: 'build', line: `line ${n}` });

describe('the API client', () => {
  let server: Server;
  let url: string;
  let answers: Answer[];
  let seen: { method: string; url: string; headers: IncomingMessage['headers'] }[];
  let client: ApiClient;

  beforeEach(async () => {
    answers = [];
    seen = [];
    server = createServer((request, response) => {
      seen.push({ method: request.method!, url: request.url!, headers: request.headers });
      (answers.shift() ?? text(500, 'no answer is left'))(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://mothership.localhost:${(server.address() as AddressInfo).port}`;
    client = new ApiClient({ url, token: new Secret('the-token'), clock: hasty, userAgent: 'test' });
  });
  afterEach(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });

  const codeOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: { code: string }) => error.code,
    );
  const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const item of stream) all.push(item);
    return all;
  };

  it('reports a page of another server, and retries a read whose response breaks off', async () => {
    answers = [text(200, '<html>')];
    expect(await codeOf(client.call('appsList'))).to.equal('CONTROLLER_STRANGE');
    const half: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('[', () => response.destroy());
    };
    answers = [half, json(200, [])];
    expect(await client.call('appsList')).to.deep.equal([]);
    answers = [half];
    expect(await codeOf(client.call('appsCreate', { body: { name: 'x' } }))).to.equal('CONTROLLER_UNREACHABLE');
  });

  it('gives up on an endless response and an endless line', async function () {
    this.timeout(30_000);
    const endless: Answer = (_request, response) => {
      response.writeHead(200);
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, 'x')));
      };
      response.on('drain', write);
      write();
    };
    answers = [endless];
    expect(await codeOf(client.call('appsList'))).to.equal('CONTROLLER_STRANGE');
    answers = [endless];
    expect(await codeOf(collect(client.stream('logs', { params: { app: 'x' } })))).to.equal('CONTROLLER_UNREACHABLE');
  });

  it('connects names below localhost to this machine, and fills in path, query and token', async () => {
    answers = [json(200, [])];
    await client.call('logs', { params: { app: 'a b/c' }, query: { n: 5, tail: true } });
    expect(seen[0]).to.include({ method: 'GET', url: '/apps/a%20b%2Fc/logs?n=5&tail=true' });
    expect(seen[0]!.headers).to.include({ authorization: 'Bearer the-token', host: new URL(url).host });
  });

  it('goes to the next door of a cluster when one is closed', async () => {
    const { port } = server.address() as AddressInfo;
    const many = new ApiClient({
      url: `http://mothership.example.test:${port}`,
      address: '127.0.0.9,127.0.0.8,127.0.0.1',
      token: new Secret('t'),
      clock: hasty,
      userAgent: 'test',
    });
    answers = [json(200, [])];
    await many.call('appsList', {});
    many.close();
    expect(seen[0]!.headers).to.include({ host: `mothership.example.test:${port}` });
  });

  it('goes to the next door when a controller without its Swarm answers at this one, with a change too', async () => {
    const { port } = server.address() as AddressInfo;
    const cutOff: string[] = [];
    const other = createServer((request, response) => {
      cutOff.push(request.method!);
      json(503, fail('QUORUM_LOST', { where: 'here' }).toJSON())(request, response);
    });
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.2', resolve));
    const many = new ApiClient({
      url: `http://mothership.example.test:${port}`,
      address: '127.0.0.2,127.0.0.1',
      token: new Secret('t'),
      clock: hasty,
      userAgent: 'test',
    });
    answers = [json(200, { name: 'shop' }), json(200, [])];
    await many.call('appsCreate', { body: { name: 'shop' } });
    await many.call('appsList', {});
    many.close();
    other.closeAllConnections();
    other.close();
    expect([cutOff, seen.map(({ method }) => method)]).to.deep.equal([['POST'], ['POST', 'GET']]);
  });

  it('throws the errors that the controller sends, with their exit codes', async () => {
    answers = [
      json(404, fail('APP_NOT_FOUND', { app: 'x' }).toJSON()),
      json(418, { code: 'NEW_ONE', message: 'Something new.' }),
    ];
    const known = await client.call('appsInfo', { params: { app: 'x' } }).catch((error: unknown) => error);
    expect(known).to.include({ code: 'APP_NOT_FOUND', status: 404, exit: 1 });
    expect(await client.call('appsInfo', { params: { app: 'x' } }).catch((error: unknown) => error)).to.include({
      code: 'NEW_ONE',
      message: 'Something new.',
      exit: 1,
    });
  });

  it('tells another server from a controller', async () => {
    answers = [text(404, '<h1>No such app</h1>')];
    expect(await codeOf(client.call('account'))).to.equal('CONTROLLER_STRANGE');
  });

  it('says why nobody answers', async () => {
    server.close();
    const error = await client.call('account').catch((caught: Error) => caught);
    expect(error).to.include({
      code: 'CONTROLLER_UNREACHABLE',
      message: `Cannot reach the cluster at ${url}: connection refused.`,
    });
  });

  it('reads again while a controller is being moved, but does not repeat a change', async () => {
    answers = [
      text(502, 'bad gateway'),
      cut,
      json(503, fail('CONTROLLER_STOPPING', {}).toJSON()),
      json(200, { user: 'ann' }),
    ];
    expect(await client.call('account')).to.deep.equal({ user: 'ann' });
    answers = [text(502, 'bad gateway'), json(200, {})];
    expect(await codeOf(client.call('appsCreate', { body: {} }))).to.equal('CONTROLLER_STRANGE');
    expect(answers).to.have.length(1);
  });

  it('attaches a stream again where it broke off, and misses and repeats nothing', async () => {
    let next = 0;
    answers = [
      lines([output(0), output(1)], 'cut'),
      cut,
      text(502, ''),
      lines([output(2)], 'cut'),
      lines([output(3)], 'end'),
    ];
    const all: number[] = [];
    for await (const event of client.follow('operationsEvents', {
      what: 'it',
      resume: () => ({ params: { operation: 'op' }, query: { from: next } }),
    })) {
      next = event.n + 1;
      all.push(event.n);
    }
    expect(all).to.deep.equal([0, 1, 2, 3]);
    expect(seen.map((request) => new URL(request.url, url).searchParams.get('from'))).to.deep.equal([
      '0',
      '2',
      '2',
      '2',
      '3',
    ]);
  });

  it('gives a stream up after a minute, and says that the work may go on', async () => {
    answers = [lines([output(0)], 'cut'), ...Array.from({ length: 50 }, () => cut)];
    const error = await collect(
      client.follow('operationsEvents', { what: 'the deploy', resume: () => ({ params: { operation: 'op' } }) }),
    ).catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'CONNECTION_LOST', exit: 4 });
  });

  it('ends a stream with the error that the controller puts into it', async () => {
    answers = [lines([output(0), { type: 'failed', error: { code: 'OPERATION_NOT_FOUND', message: 'gone' } }], 'end')];
    expect(
      await codeOf(
        collect(client.follow('operationsEvents', { what: 'it', resume: () => ({ params: { operation: 'op' } }) })),
      ),
    ).to.equal('OPERATION_NOT_FOUND');
  });

  it('does not take a first failure of a stream for a broken one', async () => {
    answers = [text(404, 'nobody here')];
    expect(
      await codeOf(collect(client.follow('logs', { what: 'x', resume: () => ({ params: { app: 'x' } }) }))),
    ).to.equal('CONTROLLER_STRANGE');
  });

  it('shows each log line once over a lost connection, two that look alike too', async () => {
    const entry = (at: string, line: string): Line => ({ at, source: 'app', ps: 'web.1', line });
    answers = [
      lines([entry('1', 'a'), entry('1', 'a'), entry('3', 'c'), entry('2', 'late')], 'cut'),
      lines([entry('1', 'a'), entry('3', 'c'), entry('2', 'late'), entry('4', 'd')], 'end'),
    ];
    const tail = new LogTail(client, hasty).read('shop', { n: 2 }, new AbortController().signal);
    expect((await collect(tail)).map(({ line }) => line)).to.deep.equal(['a', 'a', 'c', 'late', 'd']);
  });

  it('uploads a stream, and shows an answer that comes before its end', async () => {
    let received = 0;
    answers = [
      (request, response) => {
        request.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        request.on('end', () => json(202, { id: 'op' })(request, response));
      },
    ];
    const source = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(10_000)));
    expect(await client.upload('buildsCreate', { params: { app: 'x' }, query: { ref: 'main' } }, source)).to.deep.equal(
      { id: 'op' },
    );
    expect(received).to.equal(1_000_000);
    expect(seen[0]!.headers['content-type']).to.equal('application/gzip');

    answers = [
      (request, response) => {
        request.resume();
        json(413, fail('UPLOAD_TOO_LARGE', { limit: '1 MiB' }).toJSON())(request, response);
      },
    ];
    const endless = Readable.from(
      (async function* () {
        for (;;) yield Buffer.alloc(10_000);
      })(),
    );
    expect(await codeOf(client.upload('buildsCreate', { params: { app: 'x' } }, endless))).to.equal('UPLOAD_TOO_LARGE');
    expect(endless.destroyed).to.equal(true);
  });

  it('fails an upload with the reason its source fails for', async () => {
    answers = [(request) => void request.resume()];
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000);
        throw fail('FILE_UNREADABLE', { file: 'a', why: 'it is gone' });
      })(),
    );
    expect(await codeOf(client.upload('buildsCreate', { params: { app: 'x' } }, broken))).to.equal('FILE_UNREADABLE');
  });
});
