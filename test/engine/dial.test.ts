import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Connection } from '../../src/engine/connection/connection.ts';
import { fail } from '../../src/errors/index.ts';
import { eventually } from '../eventually.ts';
import { settle } from '../fakes/fake-clock.ts';
import { refusal } from './subject.ts';

/** A stream without a socket's methods, as an SSH channel is. */
function bare(path: string): Promise<Duplex> {
  const socket = connect({ path, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => resolve(Duplex.from({ readable: socket, writable: socket })));
  });
}

describe('an engine that is dialled', () => {
  let folder: string;
  let path: string;
  let server: Server;
  let dials: number;
  let streams: Duplex[];
  let connection: Connection;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dial-'));
    path = join(folder, 'engine.sock');
    server = createServer((request, response) => {
      void buffer(request).then((body) =>
        response.end(JSON.stringify({ method: request.method, url: request.url, bytes: body.length })),
      );
    });
    server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    dials = 0;
    streams = [];
    const dial = async (): Promise<Duplex> => {
      dials += 1;
      const stream = await bare(path);
      streams.push(stream);
      return stream;
    };
    connection = new Connection({ where: 'ssh://box', dial });
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  it('answers one call after the other on one stream', async () => {
    const first = await connection.call<{ url: string }>({ path: '/version', action: 'a' });
    const second = await connection.call<{ url: string }>({ path: '/info', action: 'b' });
    expect([first.url, second.url, dials]).to.deep.equal(['/version?', '/info?', 1]);
  });

  it('leaves nothing behind on the stream, however many calls it carries', async () => {
    let stream: Duplex | undefined;
    const watched = new Connection({ where: 'ssh://box', dial: async () => (stream = await bare(path)) });
    const heard = async (): Promise<number> => {
      await watched.call({ path: '/version', action: 'a' });
      await settle();
      return stream!.listenerCount('error') + stream!.listenerCount('end') + stream!.listenerCount('close');
    };
    const first = await heard();
    for (let n = 0; n < 5; n++) await heard();
    expect(await heard()).to.equal(first);
  });

  it('dials again for a call beside another, and when the stream has ended', async () => {
    const call = () => connection.call({ path: '/version', action: 'a' });
    await Promise.all([call(), call(), call()]);
    expect(dials).to.equal(3);
    server.closeAllConnections();
    await eventually('the end of all streams', () => streams.every(({ destroyed }) => destroyed));
    await call();
    expect(dials).to.equal(4);
  });

  it('dials once more when the other end had gone before anything was written, and only once', async () => {
    const gone = (): Duplex =>
      new Duplex({
        read: () => undefined,
        write: (_chunk, _encoding, written) => written(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
      });
    let broken = 1;
    const fresh = () =>
      new Connection({
        where: 'ssh://box',
        dial: () => ((dials += 1), dials <= broken ? Promise.resolve(gone()) : bare(path)),
      });
    expect(
      (await fresh().call<{ method: string }>({ method: 'POST', path: '/swarm/leave', action: 'leave' })).method,
    ).to.equal('POST');
    expect(dials).to.equal(2);
    [broken, dials] = [9, 0];
    await refusal(fresh().call({ path: '/info', action: 'a' }), 'ENGINE_UNREACHABLE');
    expect(dials).to.equal(2);
  });

  it('takes uploads and hands over the bare stream', async () => {
    const tar = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536, 'x')));
    const taken = await connection.call<{ bytes: number }>({
      method: 'PUT',
      path: '/containers/x/archive',
      tar,
      action: 'take it',
    });
    expect(taken.bytes).to.equal(64 * 65_536);
    const stream = await connection.hijack({ method: 'POST', path: '/containers/x/attach', action: 'attach' });
    stream.end('there and back');
    expect((await buffer(stream)).toString()).to.equal('there and back');
  });

  it('says why it cannot be reached, in the words of whoever dials', async () => {
    const nowhere = new Connection({ where: 'ssh://box', dial: () => Promise.reject(new Error('no route')) });
    expect((await refusal(nowhere.call({ path: '/info', action: 'a' }), 'ENGINE_UNREACHABLE')).message).to.contain(
      'ssh://box: no route',
    );
    const told = new Connection({
      where: 'ssh://box',
      dial: () => Promise.reject(fail('CONFLICT', { what: 'the dialler' })),
    });
    await refusal(told.call({ path: '/info', action: 'a' }), 'CONFLICT');
  });
});
