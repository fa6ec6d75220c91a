import { expect } from 'chai';
import { cluster } from './cluster-fixture.ts';
import type { Cluster } from './cluster.ts';

describe('what an app can reach', function () {
  this.timeout(90_000);
  let mothership: Cluster;

  /** From within a web process: the most privileged place that an app has, because it is on the proxy network too. */
  const fromWeb = async (script: string): Promise<string> => {
    const [web] = (await mothership.engine.containers({ 'mothership.app': 'inside', 'mothership.type': 'web' })).filter(({ running }) => running);
    return mothership.node.docker(['exec', web!.id, 'node', '-e', script]);
  };
  /** What answers there; the network outside may well take connections to any address, and say something of its own. */
  const ask = (host: string, path = '/'): string => `
    const end = (text) => { console.log(text); process.exit(); };
    fetch('http://${host}:8000${path}', { signal: AbortSignal.timeout(3000) }).then((r) => r.text()).then((text) => end('said ' + text), () => end('nothing'));`;

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp('inside');
    await mothership.tinyApp('neighbour');
  });

  /** From within a one-off or a worker: these are in the app's own network only. */
  const fromRun = (script: string): Promise<string> => mothership.ok(['run', '-a', 'inside', '--', 'node', '-e', script]);
  const lookup = (name: string): string => `require('node:dns').lookup(${JSON.stringify(name)}, (error) => console.log(error ? 'unknown' : 'found'))`;

  it('itself, by the name of a process type', async () => {
    const script = `fetch('http://web:' + process.env.PORT).then((r) => r.text()).then((text) => console.log(text.trim()))`;
    expect(await fromRun(script)).to.equal('inside\n');
    expect(await fromWeb(script)).to.equal('inside');
  });

  it('not the platform or another app by name', async () => {
    for (const name of ['neighbour', 'neighbour-web-v1', 'tasks.neighbour-web-v1', 'controller', 'mothership-controller', 'tasks.mothership-controller', 'router']) {
      expect(await fromRun(lookup(name)), name).to.equal('unknown\n');
    }
    for (const name of ['controller', 'router']) expect(await fromWeb(lookup(name)), name).to.equal('unknown');
  });

  it('not the controller, nor another app\'s processes, at their addresses', async () => {
    const [controller] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    const [neighbour] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    const places = [...Object.values(controller!.addresses), ...Object.values(neighbour!.addresses)];
    for (const address of places) for (const path of ['/', '/health']) expect(await fromRun(ask(address, path)), address).to.not.match(/"ok"|said neighbour/);
  });

  it('the proxy network from a web process only, which is how requests come in', async () => {
    const proxy = (await mothership.engine.network('mothership-proxy'))!;
    const [neighbour] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    const script = ask(neighbour!.addresses[proxy.id]!);
    expect(await fromWeb(script)).to.equal('said neighbour');
    expect(await fromRun(script)).to.not.contain('said neighbour');
  });

  it('not the control network, even for a web process', async () => {
    const control = (await mothership.engine.network('mothership-control'))!;
    const [controller] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    expect(await fromWeb(ask(controller!.addresses[control.id]!, '/health'))).to.not.contain('"ok"');
  });

  it('not another app\'s own network, even for a web process', async () => {
    const own = (await mothership.engine.network('app-neighbour'))!;
    const [neighbour] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    expect(await fromWeb(ask(neighbour!.addresses[own.id]!))).to.not.contain('said neighbour');
  });

  it('not the engine', async () => {
    const script = `console.log(require('node:fs').existsSync('/var/run/docker.sock'))`;
    expect(await fromWeb(script)).to.equal('false');
    expect(await fromRun(script)).to.equal('false\n');
  });
});
