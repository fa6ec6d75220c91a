import { expect } from 'chai';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { eventually } from '../eventually.ts';
import { Desk } from './cli.ts';

async function tarOf(...entries: { name: string; content?: string; linkname?: string }[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content, linkname } of entries) {
    if (linkname) tar.entry({ name, type: 'symlink', linkname });
    else tar.entry({ name, mode: 0o640 }, content ?? '');
  }
  tar.finalize();
  return buffer(tar);
}

describe('inside a running process', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await desk.run('apps:create shop');
    await desk.run('deploy --image nginx:1');
  });
  afterEach(() => desk.close());

  const container = async (): Promise<string> => {
    const tasks = await desk.world.engine.tasks({ labels: { 'mothership.app': 'shop' }, desired: 'running' });
    return tasks[0]!.containerId!;
  };
  /** Gives web.1 a file. */
  const put = async (folder: string, name: string, content: string): Promise<void> =>
    desk.world.engine.putArchive(await container(), folder, Readable.from([await tarOf({ name, content })]));
  /** Content of a file that web.1 has. */
  const got = async (path: string): Promise<string> => {
    const unpack = (await desk.world.engine.getArchive(await container(), path)).pipe(extract());
    let found = '';
    for await (const entry of unpack) found += await text(entry);
    return found;
  };

  describe('ps:exec', () => {
    it('runs a command with pipes and passes its exit code on', async () => {
      expect(await desk.run('ps:exec cat', { stdin: 'hello\n' })).to.deep.include({
        stdout: 'hello\n',
        stderr: 'end of input\n',
        code: 0,
      });
      expect((await desk.run('ps:exec --ps web.1 -- exit 37')).code).to.equal(37);
      expect(desk.apps.programs.map(({ words }) => words)).to.deep.equal([['cat'], ['exit', '37']]);
    });

    it("takes the app at the end, and flags of the command for the command's", async () => {
      await desk.run('ps:exec exit 0 --ps x -a shop');
      expect(desk.apps.programs.at(-1)?.words).to.deep.equal(['exit', '0', '--ps', 'x']);
    });

    it('opens a shell on the terminal, with its size', async () => {
      const keys = new PassThrough();
      const ended = desk.run('ps:exec', { keys });
      await eventually('a raw terminal', () => desk.rawModes.length > 0);
      keys.write('ls\r');
      desk.signal('SIGWINCH');
      await eventually('the size', () => desk.apps.programs[0]?.size()?.rows === 30);
      keys.end();
      expect(await ended).to.include({ stdout: 'ls\r', code: 0 });
      expect(desk.rawModes).to.deep.equal([true, false]);
      expect(desk.apps.programs[0]?.words).to.deep.equal(['shell']);
    });

    it('says which processes there are when there is none of that name', async () => {
      const { code, stderr } = await desk.run('ps:exec --ps web.9 ls');
      expect(code).to.equal(2);
      expect(stderr).to.include('Cannot find a running process web.9 of shop').and.to.include('web.1');
    });
  });

  describe('ps:copy', () => {
    it('brings a file under its name, another, or into a folder', async () => {
      await put('/app/log', 'today', 'lines');
      expect((await desk.run('ps:copy log/today')).code).to.equal(0);
      await desk.run('ps:copy /app/log/today --output other');
      await mkdir(join(desk.folder, 'in'));
      await desk.run('ps:copy /app/log/today -o in --ps web');
      await desk.run('ps:copy /app/log/today -o new/');
      for (const file of ['today', 'other', 'in/today', 'new/today'])
        expect(await readFile(join(desk.folder, file), 'utf8')).to.equal('lines');
    });

    it('brings a large file whole', async () => {
      const large = 'x'.repeat(5_000_000);
      await put('/app', 'large', large);
      expect((await desk.run('ps:copy large')).code).to.equal(0);
      expect(await readFile(join(desk.folder, 'large'), 'utf8')).to.equal(large);
    });

    it('lets no archive write beside its place', async () => {
      await writeFile(join(desk.folder, 'victim'), 'whole');
      const evil = await tarOf(
        { name: 'in/../../victim', content: 'broken' },
        { name: 'x/link', linkname: '../..' },
        { name: 'x/link/victim', content: 'broken' },
        { name: '../victim', content: 'broken' },
      );
      desk.world.engine.getArchive = () => Promise.resolve(Readable.from([evil]));
      await mkdir(join(desk.folder, 'safe'));
      await desk.run('ps:copy in -o safe/in');
      expect(await readFile(join(desk.folder, 'victim'), 'utf8')).to.equal('whole');
    });

    it('takes a file or folder into the process', async () => {
      await mkdir(join(desk.folder, 'data'));
      await writeFile(join(desk.folder, 'data', 'seed.csv'), 'a,b\n');
      expect((await desk.run('ps:copy data --to /tmp/')).code).to.equal(0);
      expect((await desk.run('ps:copy data/seed.csv --to /tmp/first.csv')).code).to.equal(0);
      expect(await got('/tmp/data/seed.csv')).to.equal('a,b\n');
      expect(await got('/tmp/first.csv')).to.equal('a,b\n');
    });

    it('says what is missing, here or there', async () => {
      const there = await desk.run('ps:copy /nowhere');
      expect([there.code, there.stderr]).to.satisfy(
        ([code, said]: [number, string]) =>
          code === 1 && said.includes('Failed to copy /nowhere (process web.1): Could not find the file /nowhere'),
      );
      const here = await desk.run('ps:copy nothing --to /tmp/');
      expect(here.code).to.equal(2);
      expect(here.stderr).to.match(/There is no file \S*\/nothing/);
    });
  });

  describe('ps:forward', () => {
    const freePort = async (): Promise<number> => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      return new Promise((resolve) => server.close(() => resolve(port)));
    };
    const dial = async (port: number): Promise<ReturnType<typeof connect>> => {
      let socket: ReturnType<typeof connect> | undefined;
      await eventually(`port ${port}`, async () => {
        socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
        return once(socket, 'connect').then(
          () => true,
          () => false,
        );
      });
      return socket!;
    };

    it('carries connections beside each other, both ways, until it is interrupted', async () => {
      const port = await freePort();
      const ended = desk.run(`ps:forward ${port}:5432`);
      const sockets = await Promise.all([dial(port), dial(port)]);
      const large = Buffer.alloc(3_000_000, 'x');
      const answers = sockets.map((socket) => buffer(socket));
      sockets[0]!.end('hello');
      sockets[1]!.end(large);
      const [first, second] = await Promise.all(answers);
      expect(first!.toString()).to.equal('hello');
      expect(second!.equals(large)).to.equal(true);
      desk.signal('SIGINT');
      expect(await ended).to.include({
        code: 0,
        stdout: `Forwarding 127.0.0.1:${port} to port 5432 of web.1. Press Ctrl-C to stop.\n`,
      });
    });

    it('ends the session when the program here goes away, and says why one failed', async () => {
      const port = await freePort();
      const other = await freePort();
      const ended = desk.run(`ps:forward ${port}:80,${other}:1`);
      const socket = await dial(port);
      socket.write('x');
      await once(socket, 'data');
      socket.destroy();
      await eventually(
        'the end of the helper',
        async () => (await desk.world.engine.containers({ 'mothership.kind': 'forward' })).length === 0,
      );
      const refused = await dial(other);
      expect(await text(refused)).to.equal('');
      desk.signal('SIGINT');
      expect((await ended).stderr).to.include('Nothing is listening on port 1 of web.1: ECONNREFUSED');
    });

    it('refuses what is no port, and one that is taken', async () => {
      for (const wrong of ['0', '70000', 'x', '1:2:3'])
        expect((await desk.run(['ps:forward', wrong])).code, wrong).to.equal(2);
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { code, stderr } = await desk.run(`ps:forward ${(server.address() as AddressInfo).port}`);
      server.close();
      expect(code).to.equal(2);
      expect(stderr).to.include('address already in use');
    });
  });

  it('ps tells what processes use', async () => {
    expect((await desk.run('ps')).stdout).to.include('uses 48M/0.25');
    expect(JSON.parse((await desk.run('ps --json')).stdout)[0]).to.have.nested.property('usage.cpus', 0.25);
  });
});
