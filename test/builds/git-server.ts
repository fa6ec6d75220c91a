import { execa } from 'execa';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Author and date of all commits: the same files are the same commit. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** Files of a buildpack that takes every app: shell lines for its programs. */
export function buildpackFiles({
  detect = 'echo Test',
  compile = 'true',
  ...more
}: Readonly<Record<string, string>>): Record<string, string> {
  const scripts = Object.entries({ detect, compile, ...more }).map(([name, lines]) => [
    `bin/${name}`,
    `#!/bin/bash\n${lines}\n`,
  ]);
  return Object.fromEntries(scripts) as Record<string, string>;
}

/** Repositories over HTTP, as Git's own server side gives them, and archives as plain files. */
export class GitServer {
  readonly #folder: string;
  readonly #server: Server;
  /** Paths asked for, in order. */
  readonly asked: string[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<GitServer> {
    const server = new GitServer(await mkdtemp(join(tmpdir(), 'mothership-git-')));
    await new Promise<void>((resolve) => server.#server.listen(0, '0.0.0.0', resolve));
    return server;
  }

  /** Where a machine of the lab finds it: at the address of ours that is in its network. */
  urlFor({ ip }: { readonly ip: string }): string {
    const network = (address: string, mask: string): string =>
      address
        .split('.')
        .map((byte, i) => Number(byte) & Number(mask.split('.')[i]))
        .join('.');
    const ours = Object.values(networkInterfaces())
      .flat()
      .find((own) => own?.family === 'IPv4' && network(own.address, own.netmask) === network(ip, own.netmask));
    return `http://${ours?.address ?? '127.0.0.1'}:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Adds a commit with these files alone to the repository's branch `main`; answers its id. */
  async commit(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const work = join(this.#folder, 'work', name);
    await rm(join(work, '.git', 'index'), { force: true });
    await mkdir(work, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      await writeFile(join(work, path), content);
      if (path.startsWith('bin/')) await chmod(join(work, path), 0o755);
    }
    await this.#git(work, 'init', '--quiet', '-b', 'main');
    await this.#git(work, 'add', '-f', ...Object.keys(files));
    await this.#git(work, 'commit', '--quiet', '--allow-empty', '-m', 'Next');
    await this.#publish(name);
    return this.#git(work, 'rev-parse', 'HEAD');
  }

  /** Runs git in the repository and publishes what came of it. */
  async git(name: string, ...args: readonly string[]): Promise<string> {
    const said = await this.#git(join(this.#folder, 'work', name), ...args);
    await this.#publish(name);
    return said;
  }

  /** `/name.tgz` has what is committed, in a folder of its own as code hosts do. */
  async archive(name: string): Promise<void> {
    const file = join(this.#folder, 'served', `${name}.tgz`);
    await this.#git(
      join(this.#folder, 'work', name),
      'archive',
      '--format=tgz',
      `--prefix=${name}-main/`,
      '-o',
      file,
      'HEAD',
    );
  }

  async #publish(name: string): Promise<void> {
    const bare = join(this.#folder, 'served', name);
    await mkdir(bare, { recursive: true });
    await this.#git(bare, 'init', '--quiet', '--bare', '-b', 'main');
    await this.#git(join(this.#folder, 'work', name), 'push', '--quiet', '--mirror', '--force', bare);
  }

  async #git(cwd: string, ...args: readonly string[]): Promise<string> {
    return (await execa('git', [...args], { cwd, env: IDENTITY })).stdout;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    this.asked.push(url.pathname);
    if (url.pathname.endsWith('.tgz')) {
      const content = await readFile(join(this.#folder, 'served', url.pathname)).catch(() => undefined);
      response.writeHead(content ? 200 : 404).end(content);
      return;
    }
    this.#backend(request, url, response);
  }

  /** CGI (RFC 3875): headers, an empty line, the body. */
  #backend(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: join(this.#folder, 'served'),
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method,
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('close', () => {
      const said = Buffer.concat(chunks);
      const end = said.indexOf('\r\n\r\n');
      const headers = said
        .subarray(0, end)
        .toString('latin1')
        .split('\r\n')
        .map((line): [string, string] => [line.split(':')[0]!, line.slice(line.indexOf(':') + 1).trim()]);
      const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200';
      response.writeHead(
        Number(status.slice(0, 3)),
        Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'status')),
      );
      response.end(said.subarray(end + 4));
    });
  }
}
