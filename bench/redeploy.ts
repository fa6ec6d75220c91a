/**
 * A code-only redeploy with a warm cache beside `docker build` of an equally cached Dockerfile and `docker service
 * update`, of the same app, on the same engine, in turns; until the new code answers.
 * Usage: npx tsx bench/redeploy.ts [--rounds 5] [--dependencies 40]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventually, type Cluster } from '../test/e2e/cluster.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds } from './report.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });

const SERVER = (text: string): string =>
  `require('express')().get('/', (_, res) => res.send('${text}')).listen(process.env.PORT || 3000, '0.0.0.0');\n`;

/** Its base holds the runtime and the installed dependencies already: every step before the source is cached. */
const DOCKERFILE = `ARG BASE
FROM \${BASE}
COPY --chown=app:app . /app
CMD ["node server.js"]
`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Asked in its own container: the rival has no router in front. */
async function rivalAnswers(cluster: Cluster, text: string): Promise<boolean> {
  const ids = await cluster.node.docker(['ps', '-q', '--filter', 'name=rival']);
  const ask = `fetch('http://127.0.0.1:8080').then(r=>r.text()).then(t=>process.exit(t==='${text}'?0:1),()=>process.exit(1))`;
  for (const id of ids.split('\n').filter(Boolean)) {
    if ((await cluster.node.exec(['docker', 'exec', id, '/mothership/launch', `node -e "${ask}"`])).code === 0) return true;
  }
  return false;
}

await onCluster('bench-redeploy', async (cluster) => {
  const folder = await cluster.copy('test/e2e/express-app', 'redeploy');
  await prepare(cluster, folder);
  const ours: number[] = [];
  const rival: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    await writeFile(join(folder, 'server.js'), SERVER(`ours ${round}`));
    ours.push(await timed(() => deployOurs(cluster, folder, `ours ${round}`)));
    await writeFile(join(folder, 'server.js'), SERVER(`rival ${round}`));
    rival.push(await timed(() => deployRival(cluster, folder, `rival ${round}`)));
  }
  const ratio = Number((median(ours) / median(rival)).toFixed(2));
  await report('redeploy', [
    { way: 'mothership deploy', 'median s': seconds(median(ours)), ratio, budget: 1.0, met: ratio <= 1.0 },
    { way: 'docker build + service update', 'median s': seconds(median(rival)), ratio: 1, budget: '', met: '' },
  ], { samples: { ours, rival } });
});

async function prepare(cluster: Cluster, folder: string): Promise<void> {
  await writeFile(join(folder, 'Procfile'), 'web: node server.js\n');
  const pkg = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string>; type?: string };
  delete pkg.type;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...pkg, dependencies: { express: '^5.0.0' } }));
  await writeFile(join(folder, 'server.js'), SERVER('first'));
  await cluster.ok(['apps:create', 'redeploy', '--no-link']);
  await cluster.ok(['deploy', '-a', 'redeploy', '--path', folder]);
  await startRival(cluster, folder);
}

/** The rival's base is our own image of the app: the same Node, the same dependencies. */
async function startRival(cluster: Cluster, folder: string): Promise<void> {
  const [service] = await cluster.services('redeploy');
  await cluster.node.docker(['tag', service!.image, 'rival-base:1']);
  await writeFile(join(folder, '..', 'Dockerfile.rival'), DOCKERFILE);
  await buildRival(cluster, folder, 'rival:first');
  await cluster.node.docker(['service', 'create', '--quiet', '--name', 'rival', '--env', 'PORT=8080', '--update-order', 'start-first', '--no-resolve-image', 'rival:first']);
  await eventually('the rival answers', 60, () => rivalAnswers(cluster, 'first'));
}

async function buildRival(cluster: Cluster, folder: string, tag: string): Promise<void> {
  const argv = ['build', '-q', '-f', join(folder, '..', 'Dockerfile.rival'), '--build-arg', 'BASE=rival-base:1', '-t', tag, folder];
  await cluster.node.docker(argv, { env: { DOCKER_BUILDKIT: '0' } });
}

async function deployOurs(cluster: Cluster, folder: string, text: string): Promise<void> {
  await cluster.ok(['deploy', '-a', 'redeploy', '--path', folder]);
  if ((await cluster.http('redeploy')).body !== text) throw new Error('an old release answers');
}

async function deployRival(cluster: Cluster, folder: string, text: string): Promise<void> {
  const tag = `rival:${text.replace(' ', '-')}`;
  await buildRival(cluster, folder, tag);
  await cluster.node.docker(['service', 'update', '--quiet', '--no-resolve-image', '--image', tag, 'rival']);
  if (!(await rivalAnswers(cluster, text))) throw new Error('the old rival answers');
}
