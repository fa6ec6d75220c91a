import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';
import { SteadyVisitor } from '../fixtures/steady-visitor.ts';

/** 32 s to notice it, 15 s to stop it, the rest to start the next one. */
const REPLACED_WITHIN_S = 75;

describe('the controller of a cluster', function () {
  this.timeout(180_000);
  let mothership: Cluster;

  before(async () => {
    mothership = await cluster();
    await mothership.tinyApp('steady');
  });

  const container = async (kind: 'controller' | 'router'): Promise<string> => {
    const found = await mothership.engine.containers({ 'mothership.kind': kind });
    return found.find(({ running }) => running)!.id;
  };
  /** Runs a command where the routers are. */
  const inRouter = async (...argv: string[]): Promise<string> =>
    mothership.node.docker(['exec', await container('router'), ...argv]);

  it('presents its own certificate to routers, which pass tokens on to it', async () => {
    const certificate = ['-CAfile', '/run/mothership/api-cert.pem', '-verify_return_error'];
    const name = ['-verify_hostname', 'controller.mothership.internal'];
    const dialogue = ['openssl', 's_client', '-connect', 'controller:8000', ...certificate, ...name];
    expect(await inRouter('sh', '-c', '"$@" < /dev/null', '-', ...dialogue)).to.match(/TLSv1\.3[\s\S]*return code: 0/);
    expect(await mothership.api('GET', '/apps')).to.have.property('status', 200);
  });

  it('does not speak plain HTTP', async () => {
    const script = String.raw`exec 3<>/dev/tcp/controller/8000
      printf 'GET /health HTTP/1.0\r\n\r\n' >&3
      timeout 10 cat <&3 && echo closed without a word`;
    expect(await inRouter('bash', '-c', script)).to.equal('closed without a word');
  });

  it(`is replaced within ${REPLACED_WITHIN_S} s when it hangs, and apps are served meanwhile`, async () => {
    const hung = await container('controller');
    const visitor = new SteadyVisitor(mothership, ['steady']);
    const began = Date.now();
    await mothership.node.docker(['exec', hung, 'sh', '-c', 'kill -STOP $(pidof node)']);
    await eventually('the next controller', REPLACED_WITHIN_S, async () => {
      const { status } = await mothership.http('mothership', '/health').catch(() => ({ status: 0 }));
      return status === 200;
    });
    process.stderr.write(`      replaced after ${Math.round((Date.now() - began) / 1000)} s\n`);
    expect(await container('controller')).to.not.equal(hung);
    expect((await visitor.stop()).failures).to.deep.equal([]);
  });
});
