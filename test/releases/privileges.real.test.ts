import { expect } from 'chai';
import { dockerEngine } from '../../src/engine/index.ts';
import { processPrivileges } from '../../src/releases/index.ts';
import { tarOf } from '../engine/containers.contract.ts';
import { BASE_IMAGE } from '../lab/index.js';

const TAG = 'mothership-test/setuid:1';
const NET_BIND_SERVICE = 1 << 10;

/** Containers here run without no-new-privileges, like services of an engine that cannot set it. */
describe('processes without no-new-privileges', function () {
  this.timeout(120_000);
  const engine = dockerEngine({ socketPath: '/var/run/docker.sock' });

  before(async () => {
    const dockerfile = `FROM ${BASE_IMAGE}\nRUN cp /bin/bash /rootbash && chmod 4755 /rootbash\n`;
    await engine.buildImage(tarOf({ Dockerfile: dockerfile }), { tag: TAG }, () => undefined);
  });
  after(() => engine.removeImage(TAG));

  const output = async (imageUser: string, argv: readonly string[]): Promise<string> => {
    const id = await engine.createContainer({
      ...{ image: TAG, labels: {}, env: {}, networks: [{ id: 'none' }], user: imageUser },
      ...{ entrypoint: [argv[0]!], command: argv.slice(1) },
      ...processPrivileges({ kind: 'dockerfile', imageUser }, { confined: false }),
    });
    try {
      await engine.startContainer(id);
      await engine.waitContainer(id);
      const lines: string[] = [];
      for await (const { line } of engine.containerLogs(id, {})) lines.push(line);
      return lines.join('\n');
    } finally {
      await engine.removeContainer(id);
    }
  };
  const status = 'grep -E "CapEff|NoNewPrivs" /proc/self/status; id -u';
  const capabilities = (text: string): number => parseInt(/CapEff:\s*(\w+)/.exec(text)![1]!, 16);

  it('of another user become root by a setuid program, but gain no capability', async () => {
    const text = await output('1000', ['/rootbash', '-p', '-c', status]);
    expect(text).to.match(/NoNewPrivs:\s*0/);
    expect(text).to.match(/^0$/m);
    expect(capabilities(text) & ~NET_BIND_SERVICE).to.equal(0);
  });

  it('of root stay root, so that nothing runs that could become root again', async () => {
    expect(capabilities(await output('0', ['/bin/bash', '-c', status]))).to.equal(0x42b);
    const text = await output('0', ['/bin/sh', '-c', 'setpriv --reuid 1000 --clear-groups id -u || echo refused']);
    expect(text).to.include('refused');
  });
});
