import { execa } from 'execa';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const BUILDPACKS = join(import.meta.dirname, '..', '..', 'buildpacks');
/** Where the build image has them. */
const HOME_OF_BUILDPACKS = '/mothership/buildpacks';

export interface Compiled {
  readonly exitCode: number;
  readonly lines: readonly string[];
  /** Command lines of the fake programs. */
  readonly calls: readonly string[];
  /** Lines of $MOTHERSHIP_LAYERS. */
  readonly layers: readonly string[];
  /** What the app's folder holds, by path, apart from folders and the runtime. */
  readonly app: Readonly<Record<string, string>>;
}

interface CompileOptions {
  readonly config?: Readonly<Record<string, string>>;
  /** Shell script that the fake programs source. */
  readonly fake?: string;
}

/** Runs a bundled buildpack's bin/compile without a container: its folders are temporary and its programs come from a registry. */
export class BuildpackShell {
  private constructor(
    private readonly root: string,
    private readonly registry: string,
  ) {}

  static async create(registry: string): Promise<BuildpackShell> {
    const root = await mkdtemp(join(tmpdir(), 'mothership-buildpack-'));
    const copied = join(root, 'buildpacks');
    await cp(BUILDPACKS, copied, { recursive: true });
    for (const name of await readdir(copied, { recursive: true })) {
      const file = join(copied, name);
      const text = await readFile(file, 'utf8').catch(() => '');
      if (text.includes(HOME_OF_BUILDPACKS)) await writeFile(file, text.replaceAll(HOME_OF_BUILDPACKS, copied));
    }
    // Debian's Node.js finds Debian's packages by itself.
    await symlink(join(BUILDPACKS, '..', 'node_modules'), join(root, 'node_modules'));
    await mkdir(join(root, 'bin'));
    await symlink(process.execPath, join(root, 'bin/nodejs'));
    await writeFile(join(root, 'bin/pigz'), '#!/bin/sh\nexec gzip "$@"\n');
    await chmod(join(root, 'bin/pigz'), 0o755);
    return new BuildpackShell(root, registry);
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  /** Forgets what earlier builds kept. */
  clearCache(): Promise<void> {
    return rm(join(this.root, 'cache'), { recursive: true, force: true });
  }

  /** What a function of a buildpack's lib/explain.sh says of an installer's output. */
  async explain(
    buildpack: string,
    output: string,
    variables: Readonly<Record<string, string>> = {},
    name = 'explain_install',
  ): Promise<string> {
    const log = join(this.root, 'log');
    await writeFile(log, `${output}\n`);
    const script = 'set -euo pipefail; source "$1/lib/buildpack.sh"; source "$1/$2/lib/explain.sh"; "$4" "$3"';
    const argv = ['-c', script, '-', join(this.root, 'buildpacks'), buildpack, log, name];
    return (await execa('bash', argv, { env: variables, reject: false })).stderr;
  }

  async compile(
    buildpack: string,
    files: Readonly<Record<string, string>>,
    { config = {}, fake }: CompileOptions = {},
  ): Promise<Compiled> {
    const at = (name: string): string => join(this.root, name);
    for (const name of ['app', 'env', 'home', 'calls', 'layers', 'fake'])
      await rm(at(name), { recursive: true, force: true });
    for (const name of ['app', 'cache', 'env', 'home']) await mkdir(at(name), { recursive: true });
    await writeAll(at('app'), files);
    await writeAll(at('env'), config);
    if (fake !== undefined) await writeFile(at('fake'), fake);
    const { exitCode, all } = await execa(
      at(`buildpacks/${buildpack}/bin/compile`),
      [at('app'), at('cache'), at('env')],
      {
        env: {
          PATH: `${at('bin')}:${process.env['PATH']}`,
          HOME: at('home'),
          STACK: 'debian-13',
          CALLS: at('calls'),
          FAKE: at('fake'),
          MOTHERSHIP_NPM_REGISTRY: this.registry,
          MOTHERSHIP_LAYERS: at('layers'),
        },
        extendEnv: false,
        all: true,
        reject: false,
        stdin: 'ignore',
      },
    );
    return {
      exitCode: exitCode ?? -1,
      lines: all.split('\n'),
      calls: await linesOf(at('calls')),
      layers: await linesOf(at('layers')),
      app: await readAll(at('app')),
    };
  }
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function readAll(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('.heroku/'));
  const texts = paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
}
