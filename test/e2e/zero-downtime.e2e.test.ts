import { expect } from 'chai';
import type { WebSocket } from 'ws';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';
import { Load } from '../fixtures/load.ts';

describe('changing an app under load', function () {
  this.timeout(300_000);
  const app = 'busy';
  let mothership: Cluster;
  let images: string[];
  let load: Load;
  let neighbour: WebSocket;
  let closed: string | undefined;

  before(async () => {
    mothership = await cluster();
    await mothership.tinyApp(app);
    await mothership.tinyApp('quiet');
    images = [await mothership.tiny('busy-one'), await mothership.tiny('busy-two')];
    await mothership.ok(['ps:scale', 'web=2', '-a', app]);
    neighbour = await mothership.ws('quiet');
    neighbour.on('close', (code) => {
      closed = `closed with ${code}`;
    });
    neighbour.on('error', (error) => {
      closed = error.message;
    });
    load = new Load({ ip: mothership.node.ip, host: `${app}.localhost` }).start(50);
  });

  it('deploys 20 times: 10 images, 10 config changes', async () => {
    const first = await mothership.current(app);
    for (let n = 0; n < 10; n++) {
      await mothership.ok(['deploy', '-a', app, '--image', images[n % 2]!]);
      await mothership.ok(['config:set', `ROUND=${n}`, '-a', app]);
    }
    expect(await mothership.current(app)).to.equal(first + 20);
  });

  it('rolls back 10 times', async () => {
    const first = await mothership.current(app);
    for (let n = 0; n < 10; n++) await mothership.ok(['rollback', '-a', app]);
    expect(await mothership.current(app)).to.equal(first + 10);
  });

  it('scales 10 times, between 1 and 3', async () => {
    for (let n = 0; n < 10; n++) await mothership.ok(['ps:scale', `web=${[3, 1, 2][n % 3]}`, '-a', app]);
    expect((await mothership.info(app)).formation[0]).to.include({ quantity: 3 });
  });

  it('failed no request meanwhile', async () => {
    const { sent, failures, releases, latenciesMs } = await load.stop();
    expect(failures).to.deep.equal([]);
    expect(sent).to.be.greaterThan(1000);
    expect(releases.size).to.be.greaterThan(20);
    expect(latenciesMs.at(-1)).to.be.lessThan(10_000);
  });

  it("never closed the other app's WebSocket", async () => {
    expect(closed).to.equal(undefined);
    neighbour.send('still there');
    const said = await new Promise<Buffer>((resolve) => neighbour.once('message', resolve));
    expect(said.toString()).to.equal('still there');
    neighbour.terminate();
  });
});
