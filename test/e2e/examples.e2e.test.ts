import { on } from 'node:events';
import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';

describe('the examples', function () {
  this.timeout(180_000);
  let mothership: Cluster;

  before(async () => {
    mothership = await cluster();
  });

  it('express-websocket, with web=2 worker=1', async () => {
    await mothership.ok(['deploy'], { cwd: await mothership.copy('examples/express-websocket', 'example-express') });
    await mothership.ok(['ps:scale', 'web=2', 'worker=1', '-a', 'example-express']);
    expect((await mothership.ps('example-express')).map(({ name, state }) => `${name} ${state}`)).to.deep.equal([
      'web.1 up',
      'web.2 up',
      'worker.1 up',
    ]);
    const socket = await mothership.ws('example-express', '/echo');
    // The app greets first, and both messages may arrive at once: none is waited for by turns.
    const messages = on(socket, 'message', { signal: AbortSignal.timeout(20_000) });
    socket.send('anybody there?');
    for await (const [data] of messages) if (String(data) === 'anybody there?') break;
    socket.close();
    const body = 'x'.repeat(1_000_000);
    expect(
      (
        await mothership.http('example-express', '/api/echo', {
          method: 'POST',
          body,
          headers: { 'content-type': 'text/plain' },
        })
      ).body,
    ).to.have.length(body.length);
  });

  it('dockerfile', async () => {
    await mothership.ok(['deploy'], { cwd: await mothership.copy('examples/dockerfile', 'example-docker') });
    expect((await mothership.http('example-docker')).body).to.equal('Built from a Dockerfile, running as v1.\n');
  });

  it('static-site', async () => {
    await mothership.ok(['deploy'], { cwd: await mothership.copy('examples/static-site', 'example-static') });
    expect((await mothership.http('example-static', '/about')).body).to.contain('<h1>About</h1>');
    expect((await mothership.http('example-static', '/nothing')).status).to.equal(404);
  });
});
