import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { LEAVER } from '../../src/nodes/drain/node-removal.ts';

describe('a node that leaves', () => {
  it("waits for Swarm's tasks, not for containers whose image has the label of one", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'leaver-'));
    const socket = join(folder, 'engine.sock');
    const forged = { Names: ['/brave_noether'] };
    const task = { Names: [`/shop_web_v1.1.${'t'.repeat(25)}`] };
    const lists = [[task, forged], [forged]];
    const asked: string[] = [];
    const engine = createServer(({ method, url }, response) => {
      asked.push(`${method} ${url!.split('?')[0]}`);
      const list = url!.startsWith('/containers') ? (lists.shift() ?? [forged]) : { Swarm: { NodeID: 'node' } };
      response.end(JSON.stringify(list));
    }).listen(socket);
    await once(engine, 'listening');
    try {
      const script = LEAVER.replace('/var/run/docker.sock', socket);
      await promisify(execFile)(process.execPath, ['-e', script, 'node'], { timeout: 20_000 });
      const looks = ['GET /info', 'GET /containers/json'];
      expect(asked).to.deep.equal([...looks, ...looks, 'POST /swarm/leave']);
    } finally {
      engine.close();
      await rm(folder, { recursive: true });
    }
  });
});
