import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { must } from '../lab/command.ts';
import { Rig, release, to } from '../fixtures/router/rig.ts';
import { closedPort } from '../fixtures/router/test-app.ts';

describe('router: HTTPS', function () {
  this.timeout(180_000);
  let folder: string;
  let rig: Rig;
  let port: number;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await must([
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=*.example.test',
      '-keyout',
      key,
      '-out',
      cert,
    ]);
    await must(['chmod', '644', key]);
    port = await closedPort();
    rig = await Rig.start(
      {
        MOTHERSHIP_HTTPS_PORT: String(port),
        MOTHERSHIP_TLS_CERT_FILE: '/run/secrets/cert',
        MOTHERSHIP_TLS_KEY_FILE: '/run/secrets/key',
        MOTHERSHIP_PUBLIC_HTTPS_PORT: '4443',
      },
      ['-v', `${cert}:/run/secrets/cert:ro`, '-v', `${key}:/run/secrets/key:ro`],
    );
    await rig.controller.route([to('shop.example.test', [release('shop-1', [await rig.app('shop')])])]);
  });
  after(async () => {
    await rig.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function get(host: string): Promise<Record<string, unknown>> {
    const request = httpsRequest({
      host: '127.0.0.1',
      port,
      servername: host,
      headers: { host },
      rejectUnauthorized: false,
      agent: false,
    });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of response) text += String(part);
    return JSON.parse(text) as Record<string, unknown>;
  }

  it('serves apps and the controller, and tells apps the protocol', async () => {
    expect(await get('shop.example.test'))
      .to.have.property('headers')
      .that.includes({ 'x-forwarded-proto': 'https', 'x-forwarded-port': '4443' });
    expect(await get('mothership.example.test')).to.include({ controller: true });
  });

  it('speaks HTTP/2', async () => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      rejectUnauthorized: false,
      servername: 'shop.example.test',
    });
    const stream = session.request({ ':authority': 'shop.example.test', ':path': '/h2' });
    let text = '';
    for await (const part of stream) text += String(part);
    session.close();
    expect(JSON.parse(text))
      .to.include({ app: 'shop', url: '/h2' })
      .and.have.nested.property('headers.host', 'shop.example.test');
  });

  it('answers over HTTP/2 what it cannot pass on with its own pages, and other streams of the connection go on', async () => {
    const app = await rig.app('hints', (request, response) => {
      if (request.url === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.end('final');
    });
    await rig.controller.route([to('hints.example.test', [release('hints-1', [app])])]);
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const ask = async (path: string, more: Record<string, string> = {}): Promise<[number, string]> => {
      const stream = session.request({ ':authority': 'hints.example.test', ':path': path, ...more });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      let text = '';
      for await (const part of stream) text += String(part);
      return [Number(headers[':status']), /[A-Z]\d\d/.exec(text)?.[0] ?? text];
    };
    expect(await Promise.all([ask('/hints'), ask('/plain'), ask('/hints')])).to.deep.equal([
      [502, 'H30'],
      [200, 'final'],
      [502, 'H30'],
    ]);
    expect(await ask('/plain', { api_key: '1' })).to.deep.equal([200, 'final']);
    expect(await ask('/sale-100%')).to.deep.equal([400, 'H26']);
    session.close();
  });

  it('refuses what TLS 1.1 and plain text send there', async () => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: shop.example.test\r\n\r\n'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).to.match(/^HTTP\/1\.1 400 /);
    socket.destroy();
    const old = httpsRequest({
      host: '127.0.0.1',
      port,
      headers: { host: 'shop.example.test' },
      rejectUnauthorized: false,
      agent: false,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    old.end();
    const [error] = (await once(old, 'error')) as [Error];
    expect(error).to.be.an('error');
  });
});
