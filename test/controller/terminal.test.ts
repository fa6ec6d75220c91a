import { expect } from 'chai';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { readRunControl, readRunFrame, RunChannel, runFrame, type RunControl } from '../../src/api/run-frames.ts';
import type { RunSession } from '../../src/platform/index.ts';
import { eventually } from '../eventually.ts';
import { settle, still } from '../fakes/fake-clock.ts';
import type { StartedProgram } from '../fakes/fake-apps.ts';
import { alice, authorization, furnish, rig, type Identity, type Rig } from './controller.ts';
import { tokenIds } from './tokens.ts';

/** Between two pings. */
const HEARTBEAT_MS = 15_000;

describe('a terminal of a one-off', () => {
  let rigged: Rig;

  beforeEach(async () => {
    rigged = await rig();
    await furnish(rigged);
  });

  afterEach(() => rigged.close());

  const program = (): StartedProgram => rigged.apps.programs.at(-1)!;
  const hungUp = (): Promise<boolean> => eventually('the hang-up', () => program().killed.aborted);

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
    const terminal = await attach(rigged, ['flood', '2000000000000'], { paused: true });
    await still(() => program().written);
    expect(program().written).to.be.above(0).and.below(20_000_000);
    expect(terminal.controls).to.deep.equal([]);
    terminal.socket.terminate();
    await hungUp();
  });

  it("tells the terminal's size", async () => {
    const terminal = await attach(rigged, ['cat']);
    terminal.control({ type: 'resize', columns: 120, rows: 40 });
    await eventually('the size', () => program().size());
    expect(program().size()).to.deep.equal({ columns: 120, rows: 40 });
    terminal.control({ type: 'end' });
    await terminal.ended;
  });

  it('asks the engine for one size at a time, however many arrive, and ends with the last', async () => {
    const terminal = await attach(rigged, ['cat']);
    const { engine } = rigged.world;
    const resize = engine.resizeContainer.bind(engine);
    let [calls, at, most] = [0, 0, 0];
    engine.resizeContainer = async (...given) => {
      calls += 1;
      most = Math.max(most, (at += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await resize(...given);
      at -= 1;
    };
    for (let rows = 1; rows <= 2000; rows += 1) terminal.control({ type: 'resize', columns: 80, rows });
    await eventually('the last size', () => program().size()?.rows === 2000);
    expect(most).to.equal(1);
    expect(calls).to.be.below(500);
    terminal.control({ type: 'end' });
    await terminal.ended;
  });

  it('hangs up when the client goes away', async () => {
    const terminal = await attach(rigged, ['cat']);
    terminal.input('x');
    await eventually('output', () => terminal.stdout().length > 0);
    terminal.socket.terminate();
    await hungUp();
  });

  it('hangs up when the client is silent for good', async () => {
    const terminal = await attach(rigged, ['cat'], { pongs: false });
    await rigged.world.clock.advance(HEARTBEAT_MS);
    await settle();
    expect(program().killed.aborted).to.equal(false);
    await rigged.world.clock.advance(HEARTBEAT_MS);
    await hungUp();
    await terminal.ended;
  });

  it('stays open while the client answers pings', async () => {
    const terminal = await attach(rigged, ['cat']);
    let pings = 0;
    terminal.socket.on('ping', () => {
      pings += 1;
    });
    for (let beat = 1; beat <= 4; beat++) {
      await rigged.world.clock.advance(HEARTBEAT_MS);
      await eventually('a ping', () => pings === beat);
      await settle();
    }
    terminal.control({ type: 'end' });
    expect(await terminal.ended).to.equal(1000);
  });

  it('tells why a session broke', async () => {
    const { attach: original } = rigged.platform.run;
    Object.assign(rigged.platform.run, {
      attach: async (app: string, run: string): Promise<RunSession> => ({
        ...(await original(app, run)),
        exited: Promise.reject(new TypeError('s3cret')),
      }),
    });
    const terminal = await attach(rigged, ['cat']);
    expect(await terminal.ended).to.equal(1011);
    expect(terminal.controls[0]).to.have.nested.property('error.code', 'INTERNAL');
    expect(JSON.stringify(terminal.controls)).not.to.contain('s3cret');
  });

  it('closes with a code of its own when the controller stops', async () => {
    const terminal = await attach(rigged, ['cat']);
    // Time stands still: nobody waits for the program's end.
    await rigged.app.close();
    expect(await terminal.ended).to.equal(1012);
    await hungUp();
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
      await hungUp();
    });
  }

  it('ends at a message that is too large', async () => {
    const terminal = await attach(rigged, ['cat']);
    terminal.input(Buffer.alloc(2 * 1024 * 1024));
    expect(await terminal.ended).to.equal(1009);
    await hungUp();
  });
});

describe('access to a terminal', () => {
  let rigged: Rig;
  let run: string;
  beforeEach(async () => {
    rigged = await rig();
    ({ run } = await furnish(rigged));
    await rigged.platform.tokens.revoke(tokenIds.revoked);
    rigged.calls.length = 0;
  });
  afterEach(() => rigged.close());

  const verdicts: [Identity, number, string][] = [
    ['nobody', 401, 'UNAUTHENTICATED'],
    ['wrong', 401, 'UNAUTHENTICATED'],
    ['revoked', 401, 'UNAUTHENTICATED'],
    ['router', 403, 'FORBIDDEN'],
  ];
  for (const [identity, status, code] of verdicts) {
    it(`is refused to ${identity} before anything starts`, async () => {
      expect(await refusal(rigged, `/apps/shop/run/${run}/attach`, identity)).to.deep.equal([status, code]);
      expect(rigged.calls).to.deep.equal([]);
      expect(rigged.apps.programs).to.deep.equal([]);
    });
  }

  for (const identity of ['member', 'admin'] as const) {
    it(`is given to ${identity}, once for each one-off`, async () => {
      const path = `/apps/shop/run/${run}/attach`;
      const socket = new WebSocket(`${(await rigged.url()).replace('http', 'ws')}${path}`, {
        headers: authorization(identity),
      });
      await once(socket, 'open');
      expect(await refusal(rigged, path, identity)).to.deep.equal([404, 'RUN_NOT_FOUND']);
      socket.terminate();
    });
  }

  it('is refused in plain HTTP for what does not exist or cannot be', async () => {
    expect(await refusal(rigged, '/apps/nope/run/run.1/attach', 'member')).to.deep.equal([404, 'APP_NOT_FOUND']);
    expect(await refusal(rigged, '/apps/shop/run/run.1/attach', 'member')).to.deep.equal([404, 'RUN_NOT_FOUND']);
    expect(await refusal(rigged, `/apps/blog/run/${run}/attach`, 'member')).to.deep.equal([404, 'RUN_NOT_FOUND']);
    expect(await refusal(rigged, `/apps/shop%2fx/run/${run}/attach`, 'member')).to.deep.equal([400, 'REQUEST_INVALID']);
    expect(await refusal(rigged, '/nothing/here', 'member')).to.deep.equal([404, 'ROUTE_NOT_FOUND']);
    expect(rigged.apps.programs).to.deep.equal([]);
  });

  it('hangs up what it started for a handshake that turns out to be none', async () => {
    const answer = await fetchUpgrade(rigged, `/apps/shop/run/${run}/attach`);
    expect(answer).to.match(/^HTTP\/1.1 400/);
    await eventually('the hang-up', () => rigged.apps.programs[0]?.killed.aborted);
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
