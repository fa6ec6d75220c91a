import { expect } from 'chai';
import { fail } from '../../src/errors/index.ts';
import { systemClock, type Clock } from '../../src/events/index.ts';
import type { Route, RouteRelease } from '../../src/router/index.ts';
import { FakePlatform } from '../fakes/fake-platform.ts';
import { alice, authorization, lines, rig, type Rig } from './controller.ts';

/** Time a thousand times faster, so that a heartbeat takes 15 ms. */
const hasty: Clock = { now: () => systemClock.now(), sleep: (ms, signal) => systemClock.sleep(ms / 1000, signal) };

describe('streams of events and log lines', () => {
  let rigged: Rig;
  let operation: string;

  beforeEach(async () => {
    rigged = rig();
    await rigged.platform.apps.create({ name: 'shop' }, alice);
    rigged.platform.operations.hold = true;
    operation = (await rigged.platform.releases.create('shop', { image: 'nginx' }, alice)).id;
  });

  afterEach(() => rigged.app.close());

  it('deliver events as they happen and end with the operation', async () => {
    const stream = await open(rigged, `/operations/${operation}/events?from=9`);
    expect(stream.headers.get('content-type')).to.equal('application/x-ndjson; charset=utf-8');
    rigged.platform.operations.emit(operation, { type: 'output', source: 'web.1', line: 'hello' });
    expect(await stream.next()).to.include({ n: 9, type: 'output', line: 'hello' });
    rigged.platform.operations.finish(operation);
    expect(await stream.next()).to.include({ n: 10, type: 'done' });
    expect(await stream.next()).to.equal(undefined);
  });

  it('begin before there is anything to tell', async () => {
    const started = Date.now();
    const stream = await open(rigged, '/apps/shop/logs?tail=true');
    expect(Date.now() - started).to.be.below(2_000);
    rigged.platform.writeLog('shop', 'first');
    expect(await stream.next()).to.include({ line: 'first' });
    stream.leave();
  });

  it('resume from any number with nothing lost and nothing twice', async () => {
    rigged.platform.operations.finish(operation);
    const whole = lines(
      (await rigged.app.inject({ url: `/operations/${operation}/events`, headers: authorization('member') })).body,
    );
    expect(whole.map((event) => event.n)).to.deep.equal(whole.map((_event, index) => index));
    expect(whole).to.have.length.above(5);
    for (let from = 0; from <= whole.length; from++) {
      const rest = await rigged.app.inject({
        url: `/operations/${operation}/events?from=${from}`,
        headers: authorization('member'),
      });
      expect(lines(rest.body)).to.deep.equal(whole.slice(from));
    }
  });

  it('lets a client that lost its connection resume while the operation goes on', async () => {
    const first = await open(rigged, `/operations/${operation}/events`);
    const seen = [await first.next(), await first.next()];
    first.leave();
    rigged.platform.operations.emit(operation, { type: 'notice', level: 'info', message: 'meanwhile' });
    const second = await open(rigged, `/operations/${operation}/events?from=${seen.length}`);
    rigged.platform.operations.finish(operation);
    for (let event = await second.next(); event; event = await second.next()) seen.push(event);
    expect(seen.map((event) => event!.n)).to.deep.equal(seen.map((_event, index) => index));
    expect(seen.at(-1)).to.include({ type: 'done' });
  });

  it('tell the platform when the client has gone', async () => {
    const gone = new Promise<void>((resolve) => {
      rigged.platform.logs = async function* (_app, _query, signal) {
        signal.addEventListener('abort', () => resolve());
        yield { at: 'now', source: 'app', ps: 'web.1', line: 'hello' };
        await new Promise((end) => signal.addEventListener('abort', end));
      };
    });
    const stream = await open(rigged, '/apps/shop/logs?tail=true');
    await stream.next();
    stream.leave();
    await gone;
  });

  it('are refused with a status of their own when they fail at the start', async () => {
    const answer = await rigged.app.inject({ url: '/operations/op-99/events', headers: authorization('member') });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).to.deep.equal([404, 'OPERATION_NOT_FOUND']);
  });

  for (const [thrown, code] of [
    [fail('ENGINE_FAILED', { action: 'read logs', why: 'it is gone' }), 'ENGINE_FAILED'],
    [new TypeError('s3cret'), 'INTERNAL'],
  ] as const) {
    it(`end with a line that says why when they fail later: ${code}`, async () => {
      rigged.platform.logs = async function* () {
        yield { at: 'now', source: 'app', ps: 'web.1', line: 'hello' };
        throw thrown;
      };
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
    rigged.platform.logs = async function* (_app, _query, signal) {
      for (; !signal.aborted; made++) yield { at: 'now', source: 'app', ps: 'web.1', line: 'x'.repeat(10_000) };
    };
    const stream = await open(rigged, '/apps/shop/logs?tail=true');
    await settled(() => made);
    expect(made).to.be.above(10).and.below(5_000);
    stream.leave();
  });

  it('send an empty line now and then while there is nothing to tell', async () => {
    const quiet = rig({ clock: hasty, platform: new FakePlatform() });
    await quiet.platform.apps.create({ name: 'shop' }, alice);
    const stream = await open(quiet, '/apps/shop/logs?tail=true');
    await stream.text(4);
    expect(await stream.text(0)).to.match(/^\n{4,}$/);
    stream.leave();
    await quiet.app.close();
  });

  it('end, and terminals and long polls with them, when the controller stops', async () => {
    const stream = await open(rigged, `/operations/${operation}/events?from=9`);
    const table = { version: 1, routes: [] };
    rigged.platform.routers.poll = (_report, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined));
        if (table.version > 1) resolve(table);
      });
    const poll = fetch(`${await rigged.url()}/router/poll`, {
      method: 'POST',
      headers: { ...authorization('router'), 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'r', applied: 1, inFlight: {} }),
    });
    await settled(() => rigged.calls.length);
    const started = Date.now();
    await rigged.app.close();
    expect(Date.now() - started).to.be.below(3_000);
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
    releases: [{ id: 'shop-1', weight: 1, peers: [{ host: '10.0.0.2', port: 5000 }] } satisfies Required<RouteRelease>],
  };

  it('answers a table that is newer, whole, and otherwise nothing', async () => {
    const { app, platform } = rig();
    platform.table = { version: 1_795_299_826_782, routes: [route] };
    const poll = (applied: number) =>
      app.inject({
        method: 'POST',
        url: '/router/poll',
        headers: authorization('router'),
        payload: { id: 'r1', applied, inFlight: { 'shop-1': 2 } },
      });
    expect((await poll(6)).json()).to.deep.equal(platform.table);
    const nothing = await poll(platform.table.version);
    expect([nothing.statusCode, nothing.body]).to.deep.equal([204, '']);
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

async function open({ url }: Rig, path: string): Promise<Stream> {
  const controller = new AbortController();
  const answer = await fetch(`${await url()}${path}`, { headers: authorization('member'), signal: controller.signal });
  expect(answer.status).to.equal(200);
  const chunks = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const more = async (): Promise<boolean> => {
    const { done, value } = await chunks.read();
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

/** Waits until a number stays the same for a moment. */
async function settled(value: () => number): Promise<void> {
  for (let last = -1; last !== value();) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
