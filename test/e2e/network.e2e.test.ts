import { expect } from 'chai';
import type { ContainerInfo } from '../../src/engine/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

describe('what an app can reach', function () {
  this.timeout(90_000);
  let mothership: Cluster;

  const webOf = async (app: string): Promise<ContainerInfo> => {
    const { id } = await mothership.info(app);
    const webs = await mothership.engine.containers({ 'mothership.app': id, 'mothership.type': 'web' });
    return webs.find(({ running }) => running)!;
  };
  /** From within a web process: the most privileged place that an app has, because it is on the proxy network too. */
  const fromWeb = async (script: string): Promise<string> => {
    return mothership.node.docker(['exec', (await webOf('inside')).id, 'node', '-e', script]);
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
    const neighbour = await webOf('neighbour');
    const said = await fromRun(
      ask(
        ...Object.values(controller!.addresses).map((address) => `https://${address}:8000/health`),
        ...Object.values(neighbour.addresses).map((address) => `http://${address}:8000/`),
      ),
    );
    expect(said).to.not.match(/"ok"|neighbour/);
  });

  describe('over the network that routers share with web processes', () => {
    const platform = async (kind: 'agent' | 'controller'): Promise<ContainerInfo> =>
      (await mothership.engine.containers({ 'mothership.kind': kind })).find(({ running }) => running)!;
    const onProxy = async ({ addresses }: ContainerInfo): Promise<string> =>
      addresses[(await mothership.engine.network('mothership-proxy'))!.id]!;
    const inAgent = async (script: string): Promise<string> => {
      const agent = await platform('agent');
      const { id } = (await mothership.engine.network('mothership-proxy'))!;
      const enter = `nsenter --net=$(ls -d /run/docker/netns/*-${id.slice(0, 10)}) ${script}`;
      return mothership.node.docker(['exec', agent.id, 'sh', '-c', enter]);
    };

    it("no other app's web process, by address or by name, and not the controller", async () => {
      const neighbour = await webOf('neighbour');
      const script = ask(
        `http://${await onProxy(neighbour)}:8000/`,
        `http://tasks.${neighbour.labels['com.docker.swarm.service.name']}:8000/`,
        `https://${await onProxy(await platform('controller'))}:8000/health`,
      );
      expect(await fromWeb(script)).to.equal('nothing; nothing; nothing');
      expect(await fromRun(script)).to.not.match(/"ok"|neighbour/);
      expect((await mothership.http('neighbour')).body).to.contain('neighbour');
    });

    it('also after its rules were removed, a second later', async () => {
      const script = ask(`http://${await onProxy(await webOf('neighbour'))}:8000/`);
      await inAgent('nft flush ruleset');
      const flushed = Date.now();
      await eventually('the rules are back', 1, async () =>
        (await inAgent('nft list ruleset')).includes('policy drop') ? true : undefined,
      );
      process.stderr.write(`      ${Date.now() - flushed} ms after they were removed\n`);
      expect(await fromWeb(script)).to.equal('nothing');
      expect((await mothership.http('neighbour')).body).to.contain('neighbour');
    });

    it('after its agent was killed, while no agent is running', async () => {
      const script = ask(`http://${await onProxy(await webOf('neighbour'))}:8000/`);
      await mothership.node.docker(['kill', (await platform('agent')).id]);
      expect(await fromWeb(script)).to.equal('nothing');
      expect((await mothership.http('neighbour')).body).to.contain('neighbour');
      await eventually('another agent', 30, () => platform('agent'));
    });
  });

  it('not the control network, even for a web process', async () => {
    const control = (await mothership.engine.network('mothership-control'))!;
    const [controller] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    expect(await fromWeb(ask(`https://${controller!.addresses[control.id]!}:8000/health`))).to.not.contain('"ok"');
  });

  it("not another app's own network, even for a web process", async () => {
    const proxy = (await mothership.engine.network('mothership-proxy'))!;
    const { addresses } = await webOf('neighbour');
    const own = Object.keys(addresses).filter((network) => network !== proxy.id);
    expect(own).to.have.length(1);
    expect(await fromWeb(ask(`http://${addresses[own[0]!]}:8000/`))).to.not.contain('neighbour');
  });

  it('not the engine', async () => {
    const script = `console.log(require('node:fs').existsSync('/var/run/docker.sock'))`;
    expect(await fromWeb(script)).to.equal('false');
    expect(await fromRun(script)).to.equal('false\n');
  });
});
