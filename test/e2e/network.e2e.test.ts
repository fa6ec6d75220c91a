import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';

describe('what an app can reach', function () {
  this.timeout(90_000);
  let mothership: Cluster;

  /** From within a web process: the most privileged place that an app has, because it is on the proxy network too. */
  const fromWeb = async (script: string): Promise<string> => {
    const [web] = (await mothership.engine.containers({ 'mothership.app': 'inside', 'mothership.type': 'web' })).filter(
      ({ running }) => running,
    );
    return mothership.node.docker(['exec', web!.id, 'node', '-e', script]);
  };
  /** What answers there; the network outside may well take connections to any address, and say something of its own. */
  const ask = (...urls: readonly string[]): string => `
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const text = (url) => fetch(url, { signal: AbortSignal.timeout(3000) }).then((answer) => answer.text(), () => 'nothing');
    Promise.all(${JSON.stringify(urls)}.map(text)).then((texts) => { console.log(texts.join('; ')); process.exit(); });`;

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp('inside');
    await mothership.tinyApp('neighbour');
  });

  /** From within a one-off or a worker: these are in the app's own network only. */
  const fromRun = (script: string): Promise<string> =>
    mothership.ok(['run', '-a', 'inside', '--', 'node', '-e', script]);
  /** Those of the names that lead somewhere. */
  const known = (names: readonly string[]): string => `
    const { lookup } = require('node:dns').promises;
    Promise.all(${JSON.stringify(names)}.map((name) => lookup(name).then(() => name, () => undefined))).then((found) => console.log(found.filter(Boolean).join()));`;

  it('itself, by the name of a process type', async () => {
    const script = `fetch('http://web:' + process.env.PORT).then((r) => r.text()).then((text) => console.log(text.trim()))`;
    expect(await fromRun(script)).to.equal('inside\n');
    expect(await fromWeb(script)).to.equal('inside');
  });

  it('not the platform or another app by name', async () => {
    const names = [
      'neighbour',
      'neighbour_web_v1',
      'tasks.neighbour_web_v1',
      'controller',
      'mothership-controller',
      'tasks.mothership-controller',
      'router',
    ];
    expect(await fromRun(known([...names, 'web']))).to.equal('web\n');
    expect(await fromWeb(known(['neighbour', 'controller', 'router']))).to.equal('');
  });

  it("not the controller, nor another app's processes, at their addresses", async () => {
    const [controller] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    const [neighbour] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    const said = await fromRun(
      ask(
        ...Object.values(controller!.addresses).map((address) => `https://${address}:8000/health`),
        ...Object.values(neighbour!.addresses).map((address) => `http://${address}:8000/`),
      ),
    );
    expect(said).to.not.match(/"ok"|neighbour/);
  });

  it('the proxy network from a web process only, which is how requests come in', async () => {
    const proxy = (await mothership.engine.network('mothership-proxy'))!;
    const [neighbour] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    const script = ask(`http://${neighbour!.addresses[proxy.id]!}:8000/`);
    expect(await fromWeb(script)).to.contain('neighbour');
    expect(await fromRun(script)).to.not.contain('neighbour');
  });

  it('not the control network, even for a web process', async () => {
    const control = (await mothership.engine.network('mothership-control'))!;
    const [controller] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    expect(await fromWeb(ask(`https://${controller!.addresses[control.id]!}:8000/health`))).to.not.contain('"ok"');
  });

  it("not another app's own network, even for a web process", async () => {
    const own = (await mothership.engine.network('app-neighbour'))!;
    const [neighbour] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    expect(await fromWeb(ask(`http://${neighbour!.addresses[own.id]!}:8000/`))).to.not.contain('neighbour');
  });

  it('not the engine', async () => {
    const script = `console.log(require('node:fs').existsSync('/var/run/docker.sock'))`;
    expect(await fromWeb(script)).to.equal('false');
    expect(await fromRun(script)).to.equal('false\n');
  });
});
