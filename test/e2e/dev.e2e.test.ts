import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { bringUp } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

describe('npm run dev', function () {
  this.timeout(300_000);
  let machine: Cluster;
  let dev: ChildProcess;

  before(async () => {
    machine = await bringUp('dev');
  });
  after(async () => {
    if (dev && dev.exitCode === null && dev.kill()) await once(dev, 'exit');
  });

  it('swaps a changed controller into a running cluster, again and again', async () => {
    await machine.tinyApp('steady');
    const { installation, env } = machine;
    const setup = ['--provider', 'local', '--domain', 'localhost', '--address', machine.node.ip];
    let output = '';
    dev = spawn(process.execPath, ['--import=tsx', 'scripts/dev.ts', ...setup], {
      cwd: installation,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [dev.stdout!, dev.stderr!]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const swaps = (): number => output.split('Swapped in after').length - 1;
    await eventually('the first build', 120, () => Promise.resolve(swaps() === 1));

    const file = join(installation, 'src/api/routes/cluster.ts');
    for (const [round, word] of ['first', 'second'].entries()) {
      const before = await readFile(file, 'utf8');
      const began = Date.now();
      const after = before.replace(/(')(\w+: )?(Health check and)/, `$1${word}: $3`);
      expect(after).to.not.equal(before);
      await writeFile(file, after);
      await eventually(`the ${word} change`, 120, async () => {
        const { status, body } = await machine.http('mothership', '/openapi.json');
        return status === 200 && body.includes(`${word}: Health check and`);
      });
      process.stderr.write(`      swapped in ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
      await eventually('the end of setup', 60, () => Promise.resolve(swaps() === round + 2));
    }
    expect((await machine.http('steady')).status).to.equal(200);
    expect(output).to.not.contain('Failed after');
  });
});
