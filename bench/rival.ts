import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, type Cluster } from '../test/fixtures/cluster.ts';

/** Its base holds the runtime and the installed dependencies already: every step before the source is cached. */
const DOCKERFILE = `ARG BASE
FROM \${BASE}
COPY --chown=app:app . /app
CMD ["node server.js"]
`;

/** The same app by `docker build` of an equally cached Dockerfile and `docker service update`, on the cluster's own engine. */
export class Rival {
  readonly #cluster: Cluster;
  readonly #folder: string;

  /** `folder`: the app's source. */
  constructor(cluster: Cluster, folder: string) {
    this.#cluster = cluster;
    this.#folder = folder;
  }

  /** Its base is our own image of `app`: the same Node, the same dependencies. Until it answers `first`. */
  async start(app: string): Promise<void> {
    const [service] = await this.#cluster.services(app);
    await this.#cluster.node.docker(['tag', service!.image, 'rival-base:1']);
    await writeFile(this.#dockerfile, DOCKERFILE);
    await this.#build('rival:first');
    await this.#cluster.node.docker([
      'service',
      'create',
      '--quiet',
      '--name',
      'rival',
      '--env',
      'PORT=8080',
      '--update-order',
      'start-first',
      '--no-resolve-image',
      'rival:first',
    ]);
    await eventually('the rival answers', 60, () => this.#answers('first'));
  }

  /** Until the new code, which is to answer `text`, runs; fails when it does not. */
  async deploy(text: string): Promise<void> {
    const tag = `rival:${text.replace(' ', '-')}`;
    await this.#build(tag);
    await this.#cluster.node.docker(['service', 'update', '--quiet', '--no-resolve-image', '--image', tag, 'rival']);
    if (!(await this.#answers(text))) throw new Error('the old rival answers');
  }

  get #dockerfile(): string {
    return join(this.#folder, '..', 'Dockerfile.rival');
  }

  async #build(tag: string): Promise<void> {
    const argv = ['build', '-q', '-f', this.#dockerfile, '--build-arg', 'BASE=rival-base:1', '-t', tag, this.#folder];
    await this.#cluster.node.docker(argv, { env: { DOCKER_BUILDKIT: '0' } });
  }

  /** Asked in its own container: it has no router in front. */
  async #answers(text: string): Promise<boolean> {
    const ids = await this.#cluster.node.docker(['ps', '-q', '--filter', 'name=rival']);
    const ask = `fetch('http://127.0.0.1:8080').then(r=>r.text()).then(t=>process.exit(t==='${text}'?0:1),()=>process.exit(1))`;
    for (const id of ids.split('\n').filter(Boolean)) {
      if ((await this.#cluster.node.exec(['docker', 'exec', id, '/mothership/launch', `node -e "${ask}"`])).code === 0)
        return true;
    }
    return false;
  }
}

/** Milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
