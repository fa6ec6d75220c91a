/**
 * One line of a Node app with 300 dependencies and some megabytes of its own changes: what travels to the cluster, which
 * layers of the image change, and how long the deploy takes compared with `docker build` of an equally cached Dockerfile and
 * `docker service update`, on the same engine, in turns; until the new code answers.
 * Usage: npx tsx bench/node-deploy.ts [--rounds 5]
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { Cluster } from '../test/fixtures/cluster.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds, type Row } from './report.ts';
import { Rival, timed } from './rival.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const APP = 'node-deploy';
const DEPENDENCIES = { express: '4.21.2', webpack: '5.99.9', winston: '3.17.0', eslint: '9.27.0', mocha: '11.5.0' };
const UPLOAD_BUDGET_KB = 100;

const server = (text: string): string => `const lines = require('./lib/lines');
require('express')().use(require('express').static('public')).get('/', (_, res) => res.send('${text}' + lines.length.toString().slice(0, 0))).listen(process.env.PORT || 3000, '0.0.0.0');
`;

/** A hundred modules and three megabytes that no compression makes smaller; answers how many packages the lock file has. */
async function writeApp(folder: string): Promise<number> {
  await mkdir(join(folder, 'lib'), { recursive: true });
  await mkdir(join(folder, 'public'));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: APP, private: true, engines: { node: '22' }, dependencies: DEPENDENCIES }),
  );
  await writeFile(join(folder, 'Procfile'), 'web: node server.js\n');
  await writeFile(join(folder, '.gitignore'), 'node_modules\n');
  await writeFile(join(folder, 'server.js'), server('first'));
  await writeFile(
    join(folder, 'lib/lines.js'),
    `module.exports = [${Array.from({ length: 100 }, (_, n) => `require('./part-${n}')`).join(', ')}];\n`,
  );
  for (let n = 0; n < 100; n += 1)
    await writeFile(
      join(folder, `lib/part-${n}.js`),
      `module.exports = ${JSON.stringify(randomBytes(1500).toString('base64'))};\n`,
    );
  for (let n = 0; n < 6; n += 1) await writeFile(join(folder, `public/picture-${n}.bin`), randomBytes(500_000));
  await execa('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: folder });
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as { packages: object };
  return Object.keys(lock.packages).length - 1;
}

async function layers(cluster: Cluster): Promise<readonly string[]> {
  const [service] = await cluster.services(APP);
  return (await cluster.engine.image(service!.image))?.layers ?? [];
}

interface Sent {
  readonly bytes: number;
  readonly layers: number;
}

async function deployOurs(cluster: Cluster, folder: string, text: string, phases: unknown[]): Promise<number> {
  const took = await timed(async () =>
    phases.push((await cluster.json<{ phases: unknown }>(['deploy', '-a', APP, '--path', folder])).phases),
  );
  if ((await cluster.http(APP)).body !== text) throw new Error('an old release answers');
  return took;
}

/** Bytes that go to the router during `work`, which finds it at another address: requests with their heads, as they travel. */
async function metered(ip: string, work: (url: string) => Promise<unknown>): Promise<number> {
  let bytes = 0;
  const proxy = createServer((client) => {
    const router = connect(80, ip);
    client
      .on('data', (chunk) => {
        bytes += chunk.length;
      })
      .on('error', () => router.destroy())
      .pipe(router);
    router.on('error', () => client.destroy()).pipe(client);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  try {
    await work(`http://mothership.localhost:${(proxy.address() as AddressInfo).port}`);
    return bytes;
  } finally {
    proxy.close();
  }
}

/** One deploy more, outside of the timing, with a meter on the way to the router. */
async function measureSent(cluster: Cluster, folder: string): Promise<Sent> {
  const before = await layers(cluster);
  const { current, contexts } = JSON.parse(await readFile(join(cluster.home, 'mothership/contexts.json'), 'utf8')) as {
    current: string;
    contexts: Record<string, { token: string }>;
  };
  const token = contexts[current]!.token;
  const bytes = await metered(cluster.node.ip, (url) =>
    cluster.ok(['deploy', '-a', APP, '--path', folder], { env: { MOTHERSHIP_URL: url, MOTHERSHIP_TOKEN: token } }),
  );
  const after = await layers(cluster);
  return { bytes, layers: after.filter((layer) => !before.includes(layer)).length };
}

await onCluster('bench-node-deploy', async (cluster) => {
  const folder = join(cluster.home, `${APP}-${Date.now()}`);
  const dependencies = await writeApp(folder);
  await cluster.ok(['apps:create', APP, '--no-link']);
  await cluster.ok(['deploy', '-a', APP, '--path', folder]);
  const rivals = new Rival(cluster, folder);
  await rivals.start(APP);
  const ours: number[] = [];
  const rival: number[] = [];
  const phases: unknown[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    await writeFile(join(folder, 'server.js'), server(`ours ${round}`));
    ours.push(await deployOurs(cluster, folder, `ours ${round}`, phases));
    await writeFile(join(folder, 'server.js'), server(`rival ${round}`));
    rival.push(await timed(() => rivals.deploy(`rival ${round}`)));
  }
  await writeFile(join(folder, 'server.js'), server('one line more'));
  const sent = await measureSent(cluster, folder);
  const rows: Row[] = [
    { what: 'docker build + service update, median', value: seconds(median(rival)), unit: 's' },
    { what: 'mothership deploy, median', value: seconds(median(ours)), unit: 's' },
    { what: 'mothership compared to docker', value: median(ours) / median(rival), unit: 'x', budget: 1 },
    { what: 'sent', value: sent.bytes / 1000, unit: 'kB', budget: UPLOAD_BUDGET_KB },
    { what: 'layers that changed', value: sent.layers, unit: '', budget: 1 },
  ];
  await report('node-deploy', rows, { dependencies, ours, rival, phases });
});
