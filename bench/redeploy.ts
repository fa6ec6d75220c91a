/**
 * A code-only redeploy with a warm cache, compared to `docker build` of an equally cached Dockerfile and `docker service
 * update`, of the same app, on the same engine, in turns; until the new code answers.
 * Usage: npx tsx bench/redeploy.ts [--rounds 5]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cluster } from '../test/fixtures/cluster.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds, type Row } from './report.ts';
import { Rival, timed } from './rival.ts';

/** Of the rival's time. */
const BUDGET = 0.5;
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
  const ratio = median(ours) / median(rival);
  const rows: Row[] = [
    { what: 'docker build + service update, median', value: seconds(median(rival)), unit: 's' },
    { what: 'mothership deploy, median', value: seconds(median(ours)), unit: 's' },
    { what: 'mothership compared to docker', value: ratio, unit: 'x', budget: BUDGET },
  ];
  await report('redeploy', rows, { ours, rival });
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
