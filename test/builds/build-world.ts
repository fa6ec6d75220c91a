import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildResult } from '../../src/builds/index.ts';
import { Builder } from '../../src/builds/builder.ts';
import type { BuildInput } from '../../src/builds/build.ts';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { dockerEngine, type Engine } from '../../src/engine/index.ts';
import { isMothershipError } from '../../src/errors/index.ts';
import { systemClock, type Event } from '../../src/events/index.ts';
import { processPrivileges } from '../../src/releases/command.ts';
import { hostCaBundle } from '../lab/image-recipes.ts';
import { cleanup, newRunId, startNode, type LabNode } from '../lab/index.ts';
import { archiveOf, archiveOfFolder } from './archive-of.ts';
import { withSource } from './with-source.ts';
import { stackIn, type TestStack } from './stack.ts';

export const APPS = join(import.meta.dirname, '..', 'sample-apps');

const BOX = join(import.meta.dirname, '..', '..', 'templates/images/dockerfile-box');

export type Source = string | Parameters<typeof archiveOf>[0];
export type Options = Partial<Omit<BuildInput, 'app' | 'source'>> & { app?: string };

export interface Attempt {
  readonly lines: readonly string[];
  readonly events: readonly Event[];
  /** `CODE: message` of the error; '' when it worked. */
  readonly error: string;
  readonly result: BuildResult;
}

/** A lab node with the stack, and a Builder on it. */
export class BuildWorld {
  readonly engine: Engine;
  readonly builder: Builder;

  private constructor(
    readonly node: LabNode,
    readonly stack: TestStack,
    readonly registry: string,
    readonly caBundle: Buffer | undefined,
    private readonly runId: string,
  ) {
    this.engine = dockerEngine({ socketPath: node.socket });
    this.builder = new Builder({ engine: this.engine, clock: systemClock, box: BOX });
  }

  static async start(): Promise<BuildWorld> {
    const runId = newRunId();
    const node = await startNode({ name: 'builds', runId });
    const bundle = hostCaBundle();
    const registry = await execa('npm', ['config', 'get', 'registry']);
    return new BuildWorld(
      node,
      await stackIn(node),
      registry.stdout.trim(),
      bundle ? await readFile(bundle) : undefined,
      runId,
    );
  }

  async stop(): Promise<void> {
    await cleanup(this.runId);
  }

  /** Builds a sample app by its folder's name, or files. Never throws: the error is part of the attempt. */
  async attempt(
    source: Source,
    { app, signal, onEvent, ...options }: Options & { signal?: AbortSignal; onEvent?: (event: Event) => void } = {},
  ): Promise<Attempt> {
    const events: Event[] = [];
    const id = app ?? (typeof source === 'string' ? source.replace('/', '-') : 'inline');
    const input = {
      id: randomBytes(4).toString('hex'),
      app: { id, name: id },
      kind: 'auto' as const,
      stack: this.stack,
      buildpacks: [],
      config: {},
      limits: defaultBuildLimits,
      npmRegistry: this.registry,
      ...(this.caBundle ? { caBundle: this.caBundle } : {}),
      ...options,
    };
    const hear = (event: Event): void => {
      events.push(event);
      onEvent?.(event);
    };
    const archive = typeof source === 'string' ? archiveOfFolder(join(APPS, source)) : archiveOf(source);
    const ended = await withSource(archive, options.dockerfile, (received) =>
      this.builder.build({ ...input, source: received }, hear, signal ?? new AbortController().signal),
    ).then(
      (result) => ({ result, error: '' }),
      (error: unknown) => ({
        result: undefined as unknown as BuildResult,
        error: isMothershipError(error) ? `${error.code}: ${error.message}` : String(error),
      }),
    );
    const lines = events.flatMap((event) => (event.type === 'output' ? [event.line] : []));
    return { ...ended, events, lines };
  }

  /** Like `attempt`, of a source that must build. */
  async build(source: Source, options: Options = {}): Promise<Attempt> {
    const attempt = await this.attempt(source, options);
    if (attempt.error) throw new Error(`${attempt.error}\n${attempt.lines.join('\n')}`);
    return attempt;
  }

  /** Runs a shell script next to the app's web process, with `$URL` pointing to it; returns its output. */
  async visit(
    { image, processTypes, kind }: BuildResult,
    script: string,
    env: Record<string, string> = {},
  ): Promise<string> {
    const web = processTypes['web'];
    const id = await this.engine.createContainer({
      image,
      labels: { visited: 'yes' },
      env: { PORT: '5000', ...env },
      networks: [{ id: 'bridge' }],
      ...processPrivileges({ kind, imageUser: (await this.engine.image(image))!.user }, { confined: true }),
      noNewPrivileges: true,
      ...(web ? (kind === 'buildpacks' ? { command: [web] } : { entrypoint: ['/bin/sh', '-c', web] }) : {}),
    });
    try {
      await this.engine.startContainer(id);
      const address = Object.values((await this.engine.container(id))?.addresses ?? {})[0];
      const url = `http://${address}:${env['PORT'] ?? 5000}`;
      const wait = 'i=0; until curl -s -o /dev/null "$URL"; do i=$((i+1)); [ $i -gt 100 ] && break; sleep 0.1; done;';
      const { stdout, stderr } = await this.node.exec([
        'env',
        `URL=${url}`,
        `CONTAINER=${id}`,
        'sh',
        '-c',
        `${wait} ${script}`,
      ]);
      return stdout + stderr;
    } finally {
      await this.engine.removeContainer(id);
    }
  }

  /** Runs a command line in the image as a one-off; answers its output. */
  async run(image: string, command: string): Promise<string> {
    const id = await this.engine.createContainer({
      image,
      labels: { visited: 'yes' },
      env: {},
      networks: [{ id: 'none' }],
      command: [command],
    });
    try {
      await this.engine.startContainer(id);
      await this.engine.waitContainer(id);
      const lines: string[] = [];
      for await (const { line } of this.engine.containerLogs(id, {})) lines.push(line);
      return lines.join('\n');
    } finally {
      await this.engine.removeContainer(id);
    }
  }
}
