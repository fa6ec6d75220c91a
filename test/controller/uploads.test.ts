import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { Agent, request as httpRequest, type ClientRequest } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer, json } from 'node:stream/consumers';
import { isMothershipError } from '../../src/errors/index.ts';
import type { BuildRequest } from '../../src/builds/build-request.ts';
import { archiveOf } from '../builds/archive-of.ts';
import { eventually } from '../eventually.ts';
import { still } from '../fakes/fake-clock.ts';
import { alice, authorization, rig, type Rig } from './controller.ts';

const MiB = 1024 * 1024;
/** How long a client that was refused may go on sending. */
const LINGER_MS = 2_000;

describe('uploads of source', () => {
  let rigged: Rig;

  beforeEach(async () => {
    rigged = await rig({ uploadLimitBytes: 20 * MiB });
    await rigged.platform.apps.create({ name: 'shop' }, alice);
  });

  afterEach(() => rigged.close());

  /** What the platform does with an archive; a release stands for the build. */
  const receive = (take: (archive: Readable) => Promise<unknown>): void =>
    void Object.assign(rigged.platform.builds, {
      create: async (app: string, { archive }: BuildRequest) => {
        await take(archive);
        return rigged.platform.releases.create(app, { image: 'nginx' }, alice);
      },
    });
  /** Receives the upload only once the returned function was called. */
  const receiveLater = (): (() => void) => {
    let go = (): void => {};
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    receive(async (archive) => {
      await wait;
      for await (const _chunk of archive);
    });
    return go;
  };

  it('reach the platform byte for byte, beyond what JSON may have', async () => {
    const archive = Buffer.alloc(12 * MiB, 'abc');
    let received = Buffer.alloc(0);
    receive(async (stream) => {
      received = await buffer(stream);
    });
    const { answer, request } = await upload(rigged);
    request.end(archive);
    expect((await answer).status).to.equal(202);
    expect(received.equals(archive)).to.equal(true);
  });

  it('reach it while they arrive', async () => {
    const first = new Promise<string>((resolve) => {
      receive(async (archive) => {
        for await (const chunk of archive) resolve(String(chunk));
      });
    });
    const { answer, request } = await upload(rigged);
    request.write('first');
    expect(await first).to.equal('first');
    request.end('last');
    expect((await answer).status).to.equal(202);
  });

  it('are not read faster than the platform takes them', async () => {
    const go = receiveLater();
    const { answer, request } = await upload(rigged);
    let taken = 0;
    for (let part = 0; part < 19; part++)
      request.write(Buffer.alloc(MiB), () => {
        taken += 1;
      });
    request.end();
    await still(() => taken);
    expect(taken).to.be.below(19);
    go();
    expect((await answer).status).to.equal(202);
    expect(taken).to.equal(19);
  });

  for (const [how, headers] of [
    ['when it is announced', { 'content-length': 21 * MiB }],
    ['when it is not', {}],
  ] as const) {
    it(`are refused beyond the limit ${how}, in a way that the client sees`, async () => {
      receive(buffer);
      const { answer, request } = await upload(rigged, headers);
      for (let part = 0; part < 21; part++) request.write(Buffer.alloc(MiB));
      request.end();
      const { status, body } = await answer;
      expect([status, body.code]).to.deep.equal([413, 'UPLOAD_TOO_LARGE']);
      expect(body.message).to.contain('20 MiB');
      expect(await rigged.platform.builds.list('shop')).to.deep.equal([]);
    });
  }

  it('that break off fail at the platform with UPLOAD_INCOMPLETE', async () => {
    const seen = new Promise<unknown>((resolve) => {
      const { create } = rigged.platform.builds;
      Object.assign(rigged.platform.builds, {
        create: (...args: Parameters<typeof create>) =>
          create.apply(rigged.platform.builds, args).catch((error: unknown) => {
            resolve(error);
            throw error;
          }),
      });
    });
    const { answer, request } = await upload(rigged, { 'content-length': 1000 });
    answer.catch(() => undefined);
    request.write((await buffer(archiveOf({ large: randomBytes(MiB).toString('hex') }))).subarray(0, 100));
    await eventually('the upload', () => rigged.calls.includes('builds.create'));
    request.destroy();
    const error = await seen;
    expect(isMothershipError(error, 'UPLOAD_INCOMPLETE')).to.equal(true);
    expect(await rigged.platform.builds.list('shop')).to.deep.equal([]);
  });

  it('of a byte a minute end with an error that says so, and leave their place to others', async () => {
    for (let n = 0; n < 6; n += 1) {
      const { answer, request } = await upload(rigged);
      request.write(Buffer.from([0x1f]));
      await eventually('the upload', () => rigged.calls.filter((call) => call === 'builds.create').length > n);
      await rigged.world.clock.advance(59_000);
      request.write(Buffer.from([0x8b]));
      await rigged.world.clock.advance(1_000);
      const { status, body } = await answer;
      expect([status, body.code]).to.deep.equal([408, 'UPLOAD_STALLED']);
      request.destroy();
    }
  });

  it('may wait as long as the platform takes to read them, and be slow', async () => {
    const go = receiveLater();
    const { answer, request } = await upload(rigged);
    request.write(Buffer.alloc(MiB));
    await eventually('the upload', () => rigged.calls.includes('builds.create'));
    await still(() => rigged.calls.length);
    await rigged.world.clock.advance(120_000);
    go();
    for (let minute = 0; minute < 3; minute += 1) {
      await new Promise((resolve) => request.write(Buffer.alloc(20_000), resolve));
      await still(() => rigged.calls.length);
      await rigged.world.clock.advance(60_000);
    }
    request.end();
    expect((await answer).status).to.equal(202);
  });

  it('for an unknown app, or without a token, are answered while they are still being sent', async () => {
    for (const [path, identity, code] of [
      ['/apps/nope/builds', 'member', 'APP_NOT_FOUND'],
      ['/apps/shop/builds', 'nobody', 'UNAUTHENTICATED'],
    ] as const) {
      const { answer, request } = await upload(rigged, { authorization: undefined, ...authorization(identity) }, path);
      request.write(Buffer.alloc(MiB));
      expect((await answer).body.code).to.equal(code);
      request.destroy();
    }
  });

  it('that go on after they were refused are cut off', async () => {
    const { answer, request } = await upload(rigged, {}, '/apps/nope/builds');
    const cut = new Promise((resolve) => request.once('socket', (socket) => socket.once('close', resolve)));
    request.write('x');
    expect((await answer).status).to.equal(404);
    request.write('y');
    await rigged.world.clock.advance(LINGER_MS - 1);
    expect(request.destroyed).to.equal(false);
    await rigged.world.clock.advance(1);
    await cut;
  });

  it('JSON beyond its limit is refused in a way that the client sees, too', async () => {
    const { answer, request } = await upload(rigged, { 'content-type': 'application/json' }, '/apps');
    for (let part = 0; part < 8; part++) request.write(Buffer.alloc(MiB, ' '));
    request.end();
    expect((await answer).body.code).to.equal('BODY_TOO_LARGE');
  });
});

interface Sent {
  readonly request: ClientRequest;
  readonly answer: Promise<{ status: number | undefined; body: { code?: string; message?: string } }>;
}

async function upload(
  { url }: Rig,
  headers: Record<string, string | number | undefined> = {},
  path = '/apps/shop/builds',
): Promise<Sent> {
  const given = { ...authorization('member'), 'content-type': 'application/gzip', ...headers };
  const request = httpRequest(`${await url()}${path}`, {
    method: 'POST',
    headers: JSON.parse(JSON.stringify(given)) as Record<string, string>,
    agent: new Agent({ keepAlive: true }),
  });
  request.on('error', () => {});
  const answer = new Promise<Awaited<Sent['answer']>>((resolve, reject) => {
    request.once(
      'response',
      (response) =>
        void json(response).then(
          (body) => resolve({ status: response.statusCode, body: body as { code?: string } }),
          reject,
        ),
    );
    request.once('error', reject);
  });
  return { request, answer };
}
