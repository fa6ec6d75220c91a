import { createHash } from 'node:crypto';
import type { ContainerSpec, ImageInfo } from '../../src/engine/index.ts';
import type { Program, ProgramIo } from './fake-engine-containers.ts';
import type { FakeImages } from './fake-engine-images.ts';

/** The box in which Dockerfiles are built, with the builder of `FakeImages` in buildah's place. */
export class FakeBox {
  readonly #images: FakeImages;
  /** Apps whose builds have begun, in their order. */
  readonly begun: string[] = [];
  /** What each build waits for; `killed` aborts when its container is. */
  waits: (app: string, killed: AbortSignal) => Promise<void> = async () => undefined;

  constructor(images: FakeImages) {
    this.#images = images;
  }

  readonly runs = ({ image }: ContainerSpec): boolean => image.startsWith('mothership/dockerfile-box:');

  readonly program: Program = async (io) => {
    if (io.spec.entrypoint) return runInside(io, [...io.spec.entrypoint, ...(io.spec.command ?? [])]);
    const [app, build] = ['mothership.app', 'mothership.build'].map((name) => io.spec.labels[name]!);
    this.begun.push(app!);
    await this.waits(app!, io.killed);
    if (io.killed.aborted) return 137;
    const tag = `mothership-app/${app}:${build}`;
    const context = new Map(
      [...io.files].flatMap(([path, file]) => under(path, '/build/context/').map((name) => [name, file])),
    );
    const text = io.files.get('/build/in/Dockerfile')!.toString();
    const { lines, error, image = {} } = this.#images.builder(context, { tag, ...optionsOf(io) }, text);
    lines.forEach((line) => io.out(line));
    if (error !== undefined) {
      io.out(`Error: ${error}`);
      return 1;
    }
    this.#images.handedOver.set(tag, image);
    handOver(io, build!, image);
    io.out('\u001edone');
    await new Promise((resolve) => io.killed.addEventListener('abort', resolve));
    return 137;
  };
}

function runInside(io: ProgramIo, command: readonly string[]): number {
  if (command[0] === '/mothership/export-layers') exportLayers(io);
  if (command.includes('du')) io.out('4\t/build/cache');
  return 0;
}

function under(path: string, folder: string): string[] {
  return path.startsWith(folder) ? [path.slice(folder.length)] : [];
}

function optionsOf({ files }: ProgramIo): { target?: string; buildArgs: Record<string, string> } {
  const words = files.get('/build/in/arguments')!.toString().split('\0');
  const valuesOf = (flag: string): string[] => words.flatMap((word, at) => (words[at - 1] === flag ? [word] : []));
  const [target] = valuesOf('--target');
  const buildArgs = valuesOf('--build-arg').map((word) => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  });
  return {
    ...(target === undefined ? {} : { target }),
    buildArgs: Object.fromEntries(buildArgs) as Record<string, string>,
  };
}

/** One layer, which no other build has. */
function handOver(
  { files }: ProgramIo,
  build: string,
  { exposedPorts = [], command = ['serve'] }: Partial<ImageInfo>,
): void {
  const layer = `layer of ${build}`;
  const image = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: command, ExposedPorts: Object.fromEntries(exposedPorts.map((port) => [`${port}/tcp`, {}])) },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
  };
  files.set('/build/layer', Buffer.from(layer));
  files.set('/build/out/image.json', Buffer.from(JSON.stringify(image)));
}

function exportLayers({ files }: ProgramIo): void {
  files.set('/build/out/layers/000', files.get('/build/layer')!);
}
