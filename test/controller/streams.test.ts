import { expect } from 'chai';
import { fail } from '../../src/errors/index.ts';
import type { RouterReport } from '../../src/router/index.ts';
import type { Route, RouteRelease } from '../../src/router/table.ts';
import type { LogEntry, Operation } from '../../src/api/index.ts';
import { eventually } from '../eventually.ts';
import { still } from '../fakes/fake-clock.ts';
import { alice, authorization, lines, rig, type Rig } from './controller.ts';

describe('streams of events and log lines', () => {
  let rigged: Rig;
  let log: (line: string) => void;
  /** A deploy of another release, whose processes do not start yet. */
  let operation: Operation;
  const goOn = (): void => rigged.world.engine.script('shop_web_v2', { state: 'running' });
  const logsOf = (source: (signal: AbortSignal) => AsyncGenerator<LogEntry>): void =>
    void Object.assign(rigged.platform, {
      logs: (_app: string, _query: object, signal: AbortSignal) => source(signal),
    });

  beforeEach(async () => {
    rigged = await rig();
    const { platform, world } = rigged;
    await platform.apps.create({ name: 'shop' }, alice);
    await world.deploy('shop', 'nginx:1');
    const [task] = await world.engine.tasks({ service: 'shop_web_v1' });
    log = (line) => world.engine.say(task!.id, line);
    world.engine.script('shop_web_v2', { state: 'preparing' });
    operation = await platform.releases.create('shop', { image: 'nginx:2' }, alice);
    await world.clock.advance(1_000);
  });

  afterEach(() => rigged.close());

  it('deliver events as they happen and end with the operation', async () => {
    const ready = { type: 'phase', phase: 'ready' };
    const stream = await open(rigged, `/operations/${operation.id}/events`);
    expect(stream.headers.get('content-type')).to.equal('application/x-ndjson; charset=utf-8');
    const seen = [await stream.next()];
    while (seen.at(-1)?.phase !== 'ready') seen.push(await stream.next());
    expect(seen.at(-1)).to.include({ ...ready, state: 'started' });
    goOn();
    expect(await stream.next()).to.include({ n: seen.length, ...ready, state: 'done' });
    let last = await stream.next();
    for (let next = last; next; next = await stream.next()) last = next;
    expect(last).to.include({ type: 'done' });
  });

  it('begin before there is anything to tell', async () => {
    const started = rigged.world.clock.now();
    const stream = await open(rigged, '/apps/shop/logs?tail=true');
    expect(rigged.world.clock.now() - started).to.be.below(2_000);
    log('first');
    expect(await stream.next()).to.include({ line: 'first' });
    stream.leave();
  });

  it('resume from any number with nothing lost and nothing twice', async () => {
    goOn();
    await rigged.world.follow(operation);
    const from = async (n: number): Promise<Record<string, unknown>[]> =>
      lines(
        (
          await rigged.app.inject({
            url: `/operations/${operation.id}/events?from=${n}`,
            headers: authorization('member'),
          })
        ).body,
      );
    const whole = await from(0);
    expect(whole.map((event) => event.n)).to.deep.equal(whole.map((_event, index) => index));
    expect(whole).to.have.length.above(5);
    for (let n = 0; n < whole.length; n++) expect(await from(n)).to.deep.equal(whole.slice(n));
  });

  it('lets a client that lost its connection resume while the operation goes on', async () => {
    const first = await open(rigged, `/operations/${operation.id}/events`);
    const seen = [await first.next(), await first.next()];
    first.leave();
    goOn();
    const second = await open(rigged, `/operations/${operation.id}/events?from=${seen.length}`);
    for (let event = await second.next(); event; event = await second.next()) seen.push(event);
    expect(seen.map((event) => event!.n)).to.deep.equal(seen.map((_event, index) => index));
    expect(seen.at(-1)).to.include({ type: 'done' });
  });

  it('tell the platform when the client has gone', async () => {
    let told = false;
    logsOf(async function* (signal) {
      signal.addEventListener('abort', () => (told = true));
      yield { at: 'now', source: 'app', ps: 'web.1', line: 'hello' };
      await new Promise((end) => signal.addEventListener('abort', end));
    });
    const stream = await open(rigged, '/apps/shop/logs?tail=true');
    await stream.next();
    expect(told).to.equal(false);
    stream.leave();
    await eventually('the platform to be told', () => told);
  });

  it('are refused with a status of their own when they fail at the start', async () => {
    const answer = await rigged.app.inject({
      url: `/operations/${'0'.repeat(16)}/events`,
      headers: authorization('member'),
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).to.deep.equal([404, 'OPERATION_NOT_FOUND']);
  });

  for (const [thrown, code] of [
    [fail('ENGINE_FAILED', { action: 'read logs', why: 'it is gone' }), 'ENGINE_FAILED'],
    [new TypeError('s3cret'), 'INTERNAL'],
  ] as const) {
    it(`end with a line that says why when they fail later: ${code}`, async () => {
      logsOf(async function* () {
        yield { at: 'now', source: 'app', ps: 'web.1', line: 'hello' };
        throw thrown;
      });
      const answer = await rigged.app.inject({ url: '/apps/shop/logs', headers: authorization('member') });
      const last = lines(answer.body).at(-1) as { type: string; error: { code: string } };
      expect(answer.statusCode).to.equal(200);
      expect([last.type, last.error.code]).to.deep.equal(['failed', code]);
      expect(last).not.to.have.property('n');
      expect(answer.body).not.to.contain('s3cret');
    });
  }

  it('wait for a client that does not read', async () => {
    let made = 0;
    logsOf(async function* (signal) {
      for (; !signal.aborted; made++) yield { at: 'now', source: 'app', ps: 'web.1', line: 'x'.repeat(10_000) };
    });
    const stream = await open(rigged, '/apps/shop/logs?tail=true');
    await still(() => made);
    expect(made).to.be.above(10).and.below(5_000);
    stream.leave();
  });

  it('send an empty line every 15 s while there is nothing to tell', async () => {
    const stream = await open(rigged, '/apps/shop/logs?tail=true');
    await rigged.world.clock.advance(60_000);
    expect(await stream.text(5)).to.equal('\n'.repeat(5));
    stream.leave();
  });

  it('end, and terminals and long polls with them, when the controller stops', async () => {
    const stream = await open(rigged, `/operations/${operation.id}/events?from=99`);
    const applied = rigged.world.table!.version;
    const poll = fetch(`${await rigged.url()}/router/poll`, {
      method: 'POST',
      headers: { ...authorization('router'), 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'r', applied, inFlight: {} }),
    });
    await eventually('the poll', () => rigged.calls.includes('routers.poll'));
    // Time stands still: nobody waits for any of it.
    await rigged.app.close();
    expect(await stream.next()).to.equal(undefined);
    expect((await poll).status).to.equal(204);
  });
});

describe("a router's poll", () => {
  /** All that a route can have: the contract must not cut any of it off. */
  const route: Required<Route> = {
    host: '*.example.com',
    path: '/',
    app: 'shop',
    maintenance: true,
    webless: true,
    releases: [{ id: 'shop-1', weight: 1, peers: [{ host: '10.0.0.2', port: 5000 }] } satisfies Required<RouteRelease>],
  };

  it('answers a table that is newer, whole, and otherwise nothing', async () => {
    const rigged = await rig();
    const { app, platform } = rigged;
    const table = { version: 1_795_299_826_782, routes: [route] };
    Object.assign(platform.routers, {
      poll: (report: RouterReport) => Promise.resolve(report.applied < table.version ? table : undefined),
    });
    const poll = (applied: number) =>
      app.inject({
        method: 'POST',
        url: '/router/poll',
        headers: authorization('router'),
        payload: { id: 'r1', applied, inFlight: { 'shop-1': 2 } },
      });
    expect((await poll(6)).json()).to.deep.equal(table);
    const nothing = await poll(table.version);
    expect([nothing.statusCode, nothing.body]).to.deep.equal([204, '']);
    await rigged.close();
  });
});

interface Stream {
  readonly headers: Headers;
  /** The next line's object, past heartbeats; undefined at the end. */
  next(): Promise<Record<string, unknown> | undefined>;
  /** What has arrived, once it has so many characters. */
  text(characters: number): Promise<string>;
  leave(): void;
}

async function open({ url, world }: Rig, path: string): Promise<Stream> {
  const controller = new AbortController();
  const headers = authorization('member');
  const answer = await world.clock.passUntil(fetch(`${await url()}${path}`, { headers, signal: controller.signal }));
  expect(answer.status).to.equal(200);
  const chunks = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const more = async (): Promise<boolean> => {
    const { done, value } = await world.clock.passUntil(chunks.read());
    text += value ?? '';
    return !done;
  };
  return {
    headers: answer.headers,
    next: async () => {
      for (;;) {
        const end = text.indexOf('\n');
        const line = end < 0 ? undefined : text.slice(0, end);
        text = text.slice(end + 1);
        if (line) return JSON.parse(line) as Record<string, unknown>;
        if (line === undefined && !(await more())) return undefined;
      }
    },
    text: async (characters) => {
      while (text.length < characters && (await more()));
      return text;
    },
    leave: () => controller.abort(),
  };
}
