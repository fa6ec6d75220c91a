import type { PackageFiles } from '../../src/cluster/index.ts';
import type { ContextFile } from '../../src/cluster/images/image-recipe.ts';

/** Answers the routes that setup itself asks, and nothing else. */
const SERVER = `
const { createServer } = require('node:https');
const { readFileSync } = require('node:fs');
const [cert, key] = ['CERT', 'KEY'].map((part) => readFileSync(process.env['MOTHERSHIP_API_' + part + '_FILE']));
createServer({ cert, key }, (request, response) => {
  const answer = (status, body) => { response.writeHead(status, { 'content-type': 'application/json' }); response.end(JSON.stringify(body)); };
  if (request.url.startsWith('/health')) return answer(200, { status: 'ok', version: 'stand-in' });
  if (request.url.startsWith('/cluster')) return answer(200, { isolation: [], routers: [{ id: 'stand-in', applied: 1, current: true }] });
  answer(404, { code: 'ROUTE_NOT_FOUND', message: 'stand-in' });
}).listen(Number(process.env.MOTHERSHIP_PORT || 8000));
process.on('SIGTERM', () => process.exit(0));
`;

const file = (path: string, content: string): ContextFile => ({ path, mode: 0o644, content: Buffer.from(content) });

/** The installation's files with a controller that only says that it lives. */
export class WithStandIn implements PackageFiles {
  readonly #files: PackageFiles;

  constructor(files: PackageFiles) {
    this.#files = files;
  }

  async folder(path: string): Promise<ContextFile[]> {
    return path === 'dist/controller' ? [file('server.js', SERVER)] : this.#files.folder(path);
  }

  async file(path: string, as: string): Promise<ContextFile> {
    return this.#files.file(path, as);
  }
}
