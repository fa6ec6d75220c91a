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
  const attempt = (host: string, port: number): string => `
    const socket = require('node:net').connect({ host: ${JSON.stringify(host)}, port: ${port} });
    const end = (text) => { console.log(text); process.exit(); };
    socket.on('connect', () => end('connected')).on('error', (error) => end(error.code));
    setTimeout(() => end('silence'), 3000);`;

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
    for (const address of places) expect(await fromRun(attempt(address, 8000)), address).to.not.equal('connected\n');
  });

  it('not the control network, even for a web process', async () => {
    const control = (await mothership.engine.network('mothership-control'))!;
    const [controller] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    expect(await fromWeb(attempt(controller!.addresses[control.id]!, 8000))).to.not.equal('connected');
  });

  it('not another app\'s own network, even for a web process', async () => {
    const own = (await mothership.engine.network('app-neighbour'))!;
    const [neighbour] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    expect(await fromWeb(attempt(neighbour!.addresses[own.id]!, 8000))).to.not.equal('connected');
  });

  it('not the engine', async () => {
    const script = `console.log(require('node:fs').existsSync('/var/run/docker.sock'))`;
    expect(await fromWeb(script)).to.equal('false');
    expect(await fromRun(script)).to.equal('false\n');
  });
});
