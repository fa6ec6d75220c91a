import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { eventually } from '../../eventually.ts';
import { BASE_IMAGE, contentKey, seedImages, type LabNode } from '../../lab/index.ts';

const RECIPE = join(import.meta.dirname, 'Dockerfile');
const PORT = 5000;

/** Images that Dockerfiles name, and the stage of the recipe that stands in for each. */
const STAGES: Readonly<Record<string, string>> = {
  'debian:trixie-slim': 'debian',
  'node:22-slim': 'node',
  'python:3.13-slim': 'python',
  'ruby:3.4-slim': 'ruby',
  'php:8.4-cli': 'php',
  'nginx:alpine': 'nginx',
  'nginx:1.27': 'nginx',
  'golang:1.24': 'golang',
  'eclipse-temurin:21-jdk': 'java',
  'eclipse-temurin:21-jre': 'java',
  'eclipse-temurin:17-jdk': 'java',
  'distroless/static-debian12:nonroot': 'distroless',
};

/** In `FROM` and `--from=`, without a registry or with a public one. */
const NAMED = new RegExp(
  `^(\uFEFF?FROM (?:--platform=\\S+ )?)(?:docker\\.io/library/|gcr\\.io/)?(?=(?:${repositories().join('|')}):)`,
  'gm',
);

/** A registry without TLS on a lab node, which has small images of Debian's packages by the names of well-known ones. */
export class BaseImages {
  private constructor(private readonly node: LabNode) {}

  /** Has the images of these stages only. */
  static async start(node: LabNode, wanted: readonly string[] = Object.values(STAGES)): Promise<BaseImages> {
    const stages = ['registry', ...new Set(wanted)];
    const key = contentKey('base-images', await readFile(RECIPE), stages.join());
    await seedImages(node, stages.map(tagOf), key, () => makeAll(node, stages));
    await node.docker(['run', '-d', '--name', 'base-images', '--network', 'host', tagOf('registry')]);
    await eventually(
      'the registry',
      async () => (await node.exec(['curl', '-sf', `http://127.0.0.1:${PORT}/v2/`])).code === 0,
    );
    for (const [name, stage] of Object.entries(STAGES).filter(([, each]) => stages.includes(each))) {
      const pushed = `127.0.0.1:${PORT}/${name}`;
      await node.docker(['tag', tagOf(stage), pushed]);
      await node.docker(['push', '-q', pushed]);
    }
    return new BaseImages(node);
  }

  /** `host:port`, for the setting of allowed registries. */
  get host(): string {
    return `${this.node.ip}:${PORT}`;
  }

  /** A Dockerfile's text with these images from here. */
  rename(text: string): string {
    return text.replace(NAMED, `$1${this.host}/`);
  }
}

function repositories(): string[] {
  return [...new Set(Object.keys(STAGES).map((name) => name.split(':')[0]!))];
}

function tagOf(stage: string): string {
  return `mothership-test/base-${stage}`;
}

async function makeAll(node: LabNode, stages: readonly string[]): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'mothership-base-images-'));
  try {
    const npm = join((await execa('npm', ['root', '-g'])).stdout.trim(), 'npm');
    await Promise.all([cp(npm, join(context, 'npm'), { recursive: true }), cp(RECIPE, join(context, 'Dockerfile'))]);
    for (const stage of stages)
      await node.docker(
        ['build', '-q', '--build-arg', `BASE=${BASE_IMAGE}`, '--target', stage, '-t', tagOf(stage), context],
        { env: { DOCKER_BUILDKIT: '0' } },
      );
  } finally {
    await rm(context, { recursive: true });
  }
}
