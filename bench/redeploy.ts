/**
 * A code-only redeploy with a warm cache beside `docker build` of an equally cached Dockerfile and `docker service
 * update`, of the same app, on the same engine, in turns; until the new code answers.
 * Usage: npx tsx bench/redeploy.ts [--rounds 5] [--dependencies 40]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cluster } from '../test/e2e/cluster.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds } from './report.ts';
import { Rival, timed } from './rival.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });

const SERVER = (text: string): string =>
  `require('express')().get('/', (_, res) => res.send('${text}')).listen(process.env.PORT || 3000, '0.0.0.0');\n`;

await onCluster('bench-redeploy', async (cluster) => {
  const folder = await cluster.copy('test/e2e/express-app', 'redeploy');
  await prepare(cluster, folder);
  const rivals = new Rival(cluster, folder);
  await rivals.start('redeploy');
  const ours: number[] = [];
  const rival: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    await writeFile(join(folder, 'server.js'), SERVER(`ours ${round}`));
    ours.push(await timed(() => deployOurs(cluster, folder, `ours ${round}`)));
    await writeFile(join(folder, 'server.js'), SERVER(`rival ${round}`));
    rival.push(await timed(() => rivals.deploy(`rival ${round}`)));
  }
  const ratio = Number((median(ours) / median(rival)).toFixed(2));
  await report(
    'redeploy',
    [
      { way: 'mothership deploy', 'median s': seconds(median(ours)), ratio, budget: 1.0, met: ratio <= 1.0 },
      { way: 'docker build + service update', 'median s': seconds(median(rival)), ratio: 1, budget: '', met: '' },
    ],
    { samples: { ours, rival } },
  );
});

async function prepare(cluster: Cluster, folder: string): Promise<void> {
  await writeFile(join(folder, 'Procfile'), 'web: node server.js\n');
  const pkg = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    type?: string;
  };
  delete pkg.type;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...pkg, dependencies: { express: '^5.0.0' } }));
  await writeFile(join(folder, 'server.js'), SERVER('first'));
  await cluster.ok(['apps:create', 'redeploy', '--no-link']);
  await cluster.ok(['deploy', '-a', 'redeploy', '--path', folder]);
}

async function deployOurs(cluster: Cluster, folder: string, text: string): Promise<void> {
  await cluster.ok(['deploy', '-a', 'redeploy', '--path', folder]);
  if ((await cluster.http('redeploy')).body !== text) throw new Error('an old release answers');
}
