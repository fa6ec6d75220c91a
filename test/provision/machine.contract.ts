import { expect } from 'chai';
import { createHash, randomBytes } from 'node:crypto';
import type { Machine } from '../../src/provision/index.ts';
import { collected } from '../../src/remote/command.ts';

/** What setup asks of every machine. `port`: something there accepts TCP connections on it. */
export function machineContract(subject: () => { machine: Machine; port: number }): void {
  const root = (argv: readonly string[]) => subject().machine.run(subject().machine.asRoot(argv));
  let folder: string;

  beforeEach(async () => {
    folder = `/tmp/machine-${randomBytes(4).toString('hex')}`;
    await root(['mkdir', folder]);
  });

  afterEach(() => root(['rm', '-rf', folder]));

  it('runs commands with their arguments as they are', async () => {
    const words = ['a b', "it's", '$HOME', '`id`', '', '*', '\\', '"', '-n', '; exit 9'];
    const { code, stdout, stderr } = await subject().machine.run(['printf', '<%s>', ...words]);
    expect({ code, stdout, stderr }).to.deep.equal({
      code: 0,
      stdout: words.map((word) => `<${word}>`).join(''),
      stderr: '',
    });
  });

  it('runs them as root without a question', async () => {
    expect(await root(['id', '-u'])).to.include({ code: 0, stdout: '0' });
  });

  it("tells exit codes and both outputs without the last line's end", async () => {
    expect(await subject().machine.run(['sh', '-c', 'echo out; echo; echo err >&2; exit 3'])).to.deep.equal({
      code: 3,
      stdout: 'out\n',
      stderr: 'err',
    });
    expect((await subject().machine.run(['no-such-command-here'])).code).to.equal(127);
  });

  it('gives environment and input, and ends what takes too long', async () => {
    const { machine } = subject();
    expect(
      (await machine.run(['sh', '-c', 'echo "$PLACE"; cat'], { env: { PLACE: 'a b' }, input: Buffer.from('in') }))
        .stdout,
    ).to.equal('a b\nin');
    expect((await machine.run(['cat'])).stdout).to.equal('');
    const began = Date.now();
    expect((await machine.run(['sleep', '60'], { timeoutMs: 200 })).code).to.equal(124);
    expect(Date.now() - began).to.be.below(10_000);
  });

  it('streams output while the command runs', async () => {
    const { output, ended } = subject().machine.stream(['sh', '-c', 'head -c 1000000 /dev/zero; echo oh >&2; exit 4']);
    const [bytes, result] = await Promise.all([
      collected(output.map((chunk: Buffer | string) => Buffer.from(chunk))),
      ended,
    ]);
    expect([bytes.length, result]).to.deep.equal([1_000_000, { code: 4, stdout: '', stderr: 'oh' }]);
  });

  it('breaks a command off', async () => {
    const stop = new AbortController();
    const { output, ended } = subject().machine.stream(['sh', '-c', 'echo begun; exec sleep 60'], {
      signal: stop.signal,
    });
    output.on('data', () => stop.abort());
    expect((await ended).code).not.to.equal(0);
  });

  it('writes files as root, whole or not at all, with their mode', async () => {
    const { machine } = subject();
    const path = `${folder}/new folder/it's $x`;
    const content = randomBytes(300_000);
    await machine.writeFile(path, content, { mode: 0o640 });
    await machine.writeFile(path, content, { mode: 0o600 });
    expect((await root(['stat', '-c', '%a %u %g', path])).stdout).to.equal('600 0 0');
    expect((await root(['sha256sum', path])).stdout).to.contain(createHash('sha256').update(content).digest('hex'));
    expect(await machine.listFolder(`${folder}/new folder`)).to.deep.equal(["it's $x"]);
    await machine.writeFile(path, Buffer.alloc(0), { mode: 0o644 });
    expect(await machine.readFile(path)).to.equal('');
  });

  it('says which file it cannot write', async () => {
    const error: unknown = await subject()
      .machine.writeFile('/proc/no/such', Buffer.from('x'), { mode: 0o644 })
      .catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'MACHINE_FILE_FAILED');
  });

  it('reads files and folders, or finds none', async () => {
    const { machine } = subject();
    await machine.writeFile(`${folder}/b`, Buffer.from('text\n\n'), { mode: 0o644 });
    await machine.writeFile(`${folder}/.a`, Buffer.from('ü'), { mode: 0o644 });
    expect(await machine.readFile(`${folder}/b`)).to.equal('text\n\n');
    expect(await machine.readFile(`${folder}/.a`)).to.equal('ü');
    expect(await machine.readFile(`${folder}/none`)).to.equal(undefined);
    expect(await machine.listFolder(folder)).to.deep.equal(['.a', 'b']);
    expect(await machine.listFolder(`${folder}/none`)).to.deep.equal([]);
  });

  it('knows its name and its addresses', async () => {
    const { machine } = subject();
    expect(machine.name).to.equal((await machine.run(['uname', '-n'])).stdout);
    const addresses = await machine.addresses();
    expect(addresses).not.to.deep.equal([]);
    for (const address of addresses) expect(address).to.match(/^(?!127\.)\d+\.\d+\.\d+\.\d+$/);
  });

  it('tells where something listens and which names there are', async () => {
    const { machine, port } = subject();
    expect(await machine.accepts('127.0.0.1', port)).to.equal(true);
    expect(await machine.accepts('127.0.0.1', 9)).to.equal(false);
    expect(await machine.resolves('localhost')).to.equal(true);
    expect(await machine.resolves('no-such-name.invalid')).to.equal(false);
  });
}
