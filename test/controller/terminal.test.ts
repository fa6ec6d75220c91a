import { expect } from 'chai';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { readRunControl, readRunFrame, RunChannel, runFrame, type RunControl } from '../../src/api/run-frames.ts';
import { systemClock, type Clock } from '../../src/events/index.ts';
import { alice, authorization, furnish, rig, type Identity, type Rig } from './controller.ts';

const hasty: Clock = { now: () => systemClock.now(), sleep: (ms, signal) => systemClock.sleep(ms / 500, signal) };

describe('a terminal of a one-off', () => {
  let rigged: Rig;

  beforeEach(async () => {
    rigged = rig();
    await furnish(rigged.platform);
  });

  afterEach(() => rigged.app.close());

  it('carries input, output, errors and the exit code', async () => {
    const terminal = await attach(rigged, ['cat']);
    terminal.input('hello ');
    terminal.input(Buffer.from([0, 255, 10]));
    terminal.control({ type: 'end' });
    expect(await terminal.ended).to.equal(1000);
    expect(terminal.stdout()).to.deep.equal(Buffer.from([...Buffer.from('hello '), 0, 255, 10]));
    expect(String(terminal.stderr())).to.equal('end of input\n');
    expect(terminal.controls).to.deep.equal([{ type: 'exit', code: 0 }]);
  });

  it("passes the program's own exit code on", async () => {
    const terminal = await attach(rigged, ['exit', '37']);
    await terminal.ended;
    expect(terminal.controls).to.deep.equal([{ type: 'exit', code: 37 }]);
  });

  it('delivers all output before the exit code', async () => {
    const terminal = await attach(rigged, ['flood', '5000000']);
    await terminal.ended;
    expect(terminal.stdout()).to.have.length(5_000_000);
    expect(terminal.controls).to.deep.equal([{ type: 'exit', code: 0 }]);
  });

  it('carries more input than any buffer holds, back and forth', async () => {
    const terminal = await attach(rigged, ['cat']);
    for (let part = 0; part < 100; part++) terminal.input(Buffer.alloc(100_000, part));
    terminal.control({ type: 'end' });
    await terminal.ended;
    expect(
      terminal.stdout().equals(Buffer.concat(Array.from({ length: 100 }, (_, part) => Buffer.alloc(100_000, part)))),
    ).to.equal(true);
  });

  it('holds a program up whose output nobody reads, without keeping it in memory', async () => {
    const terminal = await attach(rigged, ['flood', '200000000'], { paused: true });
    const growth = async (): Promise<number> => {
      const before = process.memoryUsage().arrayBuffers;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return process.memoryUsage().arrayBuffers - before;
    };
    await growth();
    expect(await growth()).to.be.below(20_000_000);
    expect(terminal.controls).to.deep.equal([]);
    terminal.socket.terminate();
    await until(() => rigged.platform.sessions[0]!.hungUp);
  });

  it("tells the terminal's size", async () => {
    const terminal = await attach(rigged, ['cat']);
    terminal.control({ type: 'resize', columns: 120, rows: 40 });
    await until(() => rigged.platform.sessions[0]!.columns === 120);
    expect(rigged.platform.sessions[0]).to.include({ columns: 120, rows: 40 });
    terminal.control({ type: 'end' });
    await terminal.ended;
  });

  it('hangs up when the client goes away', async () => {
    const terminal = await attach(rigged, ['cat']);
    terminal.input('x');
    await until(() => terminal.stdout().length > 0);
    terminal.socket.terminate();
    await until(() => rigged.platform.sessions[0]!.hungUp);
  });

  it('hangs up when the client is silent for good', async () => {
    const quick = rig({ clock: hasty });
    await furnish(quick.platform);
    const terminal = await attach(quick, ['cat'], { pongs: false });
    await until(() => quick.platform.sessions[0]!.hungUp);
    await terminal.ended;
    await quick.app.close();
  });

  it('stays open while the client answers pings', async () => {
    const quick = rig({ clock: hasty });
    await furnish(quick.platform);
    const terminal = await attach(quick, ['cat']);
    let pings = 0;
    terminal.socket.on('ping', () => {
      pings += 1;
    });
    await until(() => pings > 3);
    terminal.control({ type: 'end' });
    expect(await terminal.ended).to.equal(1000);
    await quick.app.close();
  });

  it('tells why a session broke', async () => {
    const { attach: original } = rigged.platform.run;
    rigged.platform.run.attach = async (app, run) => ({
      ...(await original(app, run)),
      exited: Promise.reject(new TypeError('s3cret')),
    });
    const terminal = await attach(rigged, ['cat']);
    expect(await terminal.ended).to.equal(1011);
    expect(terminal.controls[0]).to.have.nested.property('error.code', 'INTERNAL');
    expect(JSON.stringify(terminal.controls)).not.to.contain('s3cret');
  });

  it('closes with a code of its own when the controller stops', async () => {
    const terminal = await attach(rigged, ['cat']);
    const started = Date.now();
    await rigged.app.close();
    expect(Date.now() - started).to.be.below(4_000);
    expect(await terminal.ended).to.equal(1012);
    await until(() => rigged.platform.sessions[0]!.hungUp);
  });

  for (const [what, message] of [
    ['a frame of no channel', Buffer.from([9, 1, 2])],
    ["a frame of the server's channel", Buffer.from([1, 65])],
    ['an empty frame', Buffer.alloc(0)],
    ['text that is no JSON', 'hello'],
    ['a control of the server', '{"type":"exit","code":0}'],
    ['a size that is none', '{"type":"resize","columns":-1,"rows":"x"}'],
    ['JSON null', 'null'],
  ] as const) {
    it(`ends at ${what}`, async () => {
      const terminal = await attach(rigged, ['cat']);
      terminal.socket.send(message);
      expect(await terminal.ended).to.equal(1003);
      await until(() => rigged.platform.sessions[0]!.hungUp);
    });
  }

  it('ends at a message that is too large', async () => {
    const terminal = await attach(rigged, ['cat']);
    terminal.input(Buffer.alloc(2 * 1024 * 1024));
    expect(await terminal.ended).to.equal(1009);
    await until(() => rigged.platform.sessions[0]!.hungUp);
  });
});

describe('access to a terminal', () => {
  const verdicts: [Identity, number, string][] = [
    ['nobody', 401, 'UNAUTHENTICATED'],
    ['wrong', 401, 'UNAUTHENTICATED'],
    ['revoked', 401, 'UNAUTHENTICATED'],
    ['router', 403, 'FORBIDDEN'],
  ];
  for (const [identity, status, code] of verdicts) {
    it(`is refused to ${identity} before anything starts`, async () => {
      const rigged = rig();
      const run = await furnish(rigged.platform);
      await rigged.platform.tokens.revoke('t-revoked');
      expect(await refusal(rigged, `/apps/shop/run/${run}/attach`, identity)).to.deep.equal([status, code]);
      expect(rigged.calls).to.deep.equal([]);
      await rigged.app.close();
    });
  }

  for (const identity of ['member', 'admin'] as const) {
    it(`is given to ${identity}, once for each one-off`, async () => {
      const rigged = rig();
      const run = await furnish(rigged.platform);
      const path = `/apps/shop/run/${run}/attach`;
      const socket = new WebSocket(`${(await rigged.url()).replace('http', 'ws')}${path}`, {
        headers: authorization(identity),
      });
      await once(socket, 'open');
      expect(await refusal(rigged, path, identity)).to.deep.equal([404, 'RUN_NOT_FOUND']);
      socket.terminate();
      await rigged.app.close();
    });
  }

  it('is refused in plain HTTP for what does not exist or cannot be', async () => {
    const rigged = rig();
    const run = await furnish(rigged.platform);
    expect(await refusal(rigged, '/apps/nope/run/run-1/attach', 'member')).to.deep.equal([404, 'RUN_NOT_FOUND']);
    expect(await refusal(rigged, `/apps/shop%2fx/run/${run}/attach`, 'member')).to.deep.equal([400, 'REQUEST_INVALID']);
    expect(await refusal(rigged, '/nothing/here', 'member')).to.deep.equal([404, 'ROUTE_NOT_FOUND']);
    expect(rigged.platform.sessions).to.deep.equal([]);
    await rigged.app.close();
  });

  it('hangs up what it started for a handshake that turns out to be none', async () => {
    const rigged = rig();
    const run = await furnish(rigged.platform);
    const answer = await fetchUpgrade(rigged, `/apps/shop/run/${run}/attach`);
    expect(answer).to.match(/^HTTP\/1.1 400/);
    await until(() => rigged.platform.sessions.every((session) => session.hungUp));
    await rigged.app.close();
  });
});

interface Attached {
  readonly socket: WebSocket;
  readonly controls: RunControl[];
  /** The code it was closed with. */
  readonly ended: Promise<number>;
  stdout(): Buffer;
  stderr(): Buffer;
  input(bytes: string | Buffer): void;
  control(control: RunControl): void;
}

async function attach(
  rigged: Rig,
  command: string[],
  how: { paused?: boolean; pongs?: boolean } = {},
): Promise<Attached> {
  const { id } = await rigged.platform.run.create('shop', { command }, alice);
  const url = `${(await rigged.url()).replace('http', 'ws')}/apps/shop/run/${id}/attach`;
  const socket = new WebSocket(url, { headers: authorization('member'), autoPong: how.pongs ?? true });
  const controls: RunControl[] = [];
  const received: Record<number, Buffer[]> = { 1: [], 2: [] };
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return void controls.push(readRunControl(String(data))!);
    const { channel, bytes } = readRunFrame(data)!;
    received[channel]!.push(bytes);
  });
  socket.on('error', () => {});
  const ended = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  if (how.paused) socket.pause();
  return {
    socket,
    controls,
    ended,
    stdout: () => Buffer.concat(received[RunChannel.stdout]!),
    stderr: () => Buffer.concat(received[RunChannel.stderr]!),
    input: (bytes) => socket.send(runFrame(RunChannel.stdin, Buffer.from(bytes))),
    control: (control) => socket.send(JSON.stringify(control)),
  };
}

async function refusal(rigged: Rig, path: string, identity: Identity): Promise<[number | undefined, string]> {
  const socket = new WebSocket(`${(await rigged.url()).replace('http', 'ws')}${path}`, {
    headers: authorization(identity),
  });
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const { code } = (await json(response)) as { code: string };
  return [response.statusCode, code];
}

/** An upgrade that lacks the WebSocket's key. */
async function fetchUpgrade(rigged: Rig, path: string): Promise<string> {
  const socket = connect(Number(new URL(await rigged.url()).port), '127.0.0.1');
  const { authorization: token } = authorization('member');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
