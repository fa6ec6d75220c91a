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

  it('itself, by the name of a process type', async () => {
    const script = `fetch('http://web:' + process.env.PORT).then((r) => r.text()).then((text) => process.stdout.write(text))`;
    expect(await mothership.ok(['run', '-a', 'inside', '--', 'node', '-e', script])).to.equal('inside\n');
    expect(await fromWeb(script)).to.equal('inside');
  });

  for (const name of ['neighbour', 'neighbour-web-v1', 'tasks.neighbour-web-v1', 'controller', 'mothership-controller', 'tasks.mothership-controller', 'router']) {
    it(`not "${name}" by name`, async () => {
      expect(await fromWeb(`require('node:dns').lookup(${JSON.stringify(name)}, (error) => console.log(error ? error.code : 'found'))`)).to.match(/ENOTFOUND|EAI_AGAIN/);
    });
  }

  it('not the controller at its address', async () => {
    const [task] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    for (const address of Object.values(task!.addresses)) expect(await fromWeb(attempt(address, 8000)), address).to.not.equal('connected');
  });

  it('not the engine', async () => {
    expect(await fromWeb(`console.log(require('node:fs').existsSync('/var/run/docker.sock'))`)).to.equal('false');
    for (const port of [2375, 2377]) expect(await fromWeb(attempt(mothership.node.ip, port)), String(port)).to.not.equal('connected');
  });

  it('not another app\'s one-off or worker: only web processes are on the shared network', async () => {
    const networks = await mothership.engine.networks({});
    const proxy = networks.find(({ name }) => name === 'mothership-proxy')!;
    const [run] = await mothership.engine.containers({ 'mothership.app': 'neighbour', 'mothership.type': 'web' });
    expect(Object.keys(run!.addresses)).to.include(proxy.id);
    const script = `console.log(Object.keys(require('node:os').networkInterfaces()).length)`;
    const inRun = Number(await mothership.ok(['run', '-a', 'inside', '--', 'node', '-e', script]));
    expect(inRun).to.be.lessThan(Number(await fromWeb(script)));
  });
});
