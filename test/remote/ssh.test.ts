import { expect } from 'chai';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock, type Event, type Host, type Question } from '../../src/events/index.ts';
import {
  createKeyPair,
  KnownHosts,
  publicKeyOf,
  SshConnection,
  SshIdentity,
  sshTarget,
} from '../../src/remote/index.ts';
import type { SshOptions } from '../../src/remote/connection.ts';
import { refusal } from '../engine/subject.ts';
import { newEcdsaKey, newKey, SshServer, type KeyText } from './ssh-server.ts';

const HOST_KEY = newKey();
const USER_KEY = newKey();

describe('an SSH connection', () => {
  let folder: string;
  let server: SshServer;
  let events: Event[];
  let questions: string[];
  let answers: string[];
  let open: SshConnection[];

  const host: Host = {
    notify: (event) => void events.push(event),
    ask: ((question: Question) => (
      questions.push(question.message),
      Promise.resolve(answers.shift() ?? '')
    )) as Host['ask'],
  };

  async function keyFile(key: KeyText): Promise<string> {
    const path = join(folder, `key-${Math.random()}`);
    await writeFile(path, key.private, { mode: 0o600 });
    return path;
  }

  async function connection(
    change: Partial<SshOptions> = {},
    keys: readonly KeyText[] = [USER_KEY],
  ): Promise<SshConnection> {
    const keyFiles = await Promise.all(keys.map(keyFile));
    const identity = new SshIdentity({ keyFiles, host });
    const knownHosts = new KnownHosts(join(folder, 'hosts', 'known_hosts'));
    const made = new SshConnection({
      target: sshTarget(`admin@127.0.0.1:${server.port}`),
      identity,
      knownHosts,
      host,
      clock: systemClock,
      ...change,
    });
    open.push(made);
    return made;
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ssh-'));
    server = await new SshServer([HOST_KEY], [USER_KEY]).start();
    [events, questions, answers, open] = [[], [], [], []];
  });

  afterEach(async () => {
    await Promise.all(open.map((each) => each.close()));
    await server.stop();
    await rm(folder, { recursive: true });
  });

  describe('commands', () => {
    it('get their arguments as they are, whatever they hold', async () => {
      const argv = [
        'printf',
        '[%s]',
        'a b',
        "it's",
        '$HOME `id` $(id)',
        '"; rm -rf x #',
        '',
        '*',
        '\\',
        'new\nline',
        '-n',
        'ü',
      ];
      const { code, stdout } = await (await connection()).exec(argv);
      expect(code).to.equal(0);
      expect(stdout.toString()).to.equal(
        argv
          .slice(2)
          .map((word) => `[${word}]`)
          .join(''),
      );
    });

    it('take input and keep both outputs apart, byte for byte', async () => {
      const input = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 256));
      const { stdout, stderr, code } = await (
        await connection()
      ).exec(['sh', '-c', 'cat; echo oh >&2; exit 3'], { input });
      expect(stdout.equals(input)).to.equal(true);
      expect([stderr, code]).to.deep.equal(['oh\n', 3]);
    });

    it('tell the signal that ended them and that they do not exist', async () => {
      const ssh = await connection();
      expect((await ssh.exec(['sh', '-c', 'kill -9 $$'])).code).to.equal(137);
      expect((await ssh.exec(['no-such-command'])).code).to.equal(127);
    });

    it('are killed when their time is over or nobody wants them any more', async () => {
      const ssh = await connection();
      expect((await ssh.exec(['sleep', '60'], { timeoutMs: 100 })).code).to.equal(124);
      const stop = new AbortController();
      const { output, ended } = ssh.stream(['sh', '-c', 'echo begun; exec sleep 60'], { signal: stop.signal });
      output.once('data', () => stop.abort());
      expect((await ended).code).to.equal(143);
    });

    it("run beside each other on as many connections as the server's limit asks for", async () => {
      server.maxSessions = 3;
      const ssh = await connection();
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, index) => ssh.exec(['sh', '-c', `sleep 0.3; echo ${index}`])),
      );
      expect(results.map(({ stdout }) => Number(stdout))).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(server.connections).to.be.within(2, 5);
    });

    it('are told broken when the connection is, and the next ones connect again', async () => {
      const ssh = await connection();
      const { output, ended } = ssh.stream(['sh', '-c', 'echo begun; sleep 60']);
      output.once('data', () => server.drop());
      expect((await refusal(ended, 'SSH_BROKEN')).message).to.contain('"sh"');
      expect((await ssh.exec(['echo', 'back'])).stdout.toString()).to.equal('back\n');
    });

    it('do not run once it is closed', async () => {
      const ssh = await connection();
      await ssh.exec(['true']);
      await ssh.close();
      await refusal(ssh.exec(['true']), 'SSH_UNREACHABLE');
    });
  });

  describe('a command as a stream', () => {
    const refused = (code: number, words: string): Error => new Error(`${code}: ${words}`);

    it('goes there and back, and ends when its input does', async () => {
      const stream = await (await connection()).duplex(['cat'], refused);
      stream.end('to and fro');
      expect(await text(stream)).to.equal('to and fro');
    });

    it("breaks with the command's own words when it says nothing else", async () => {
      const stream = await (await connection()).duplex(['sh', '-c', 'echo "permission denied" >&2; exit 2'], refused);
      const error: Error = await text(stream).then(
        () => expect.fail('it was read'),
        (reason: Error) => reason,
      );
      expect(error.message).to.equal('2: permission denied');
    });
  });

  describe("the host's key", () => {
    it('is pinned on first use, said aloud, and found again by another process', async () => {
      await (await connection()).exec(['true']);
      await (await connection()).exec(['true']);
      const path = join(folder, 'hosts', 'known_hosts');
      expect(await readFile(path, 'utf8')).to.match(
        new RegExp(`^\\[127\\.0\\.0\\.1\\]:${server.port} ssh-ed25519 [A-Za-z0-9+/=]+\\n$`),
      );
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      expect(events).to.have.length(1);
      expect(events[0])
        .to.have.property('message')
        .that.matches(/SHA256:[A-Za-z0-9+/]{43}/);
    });

    it('is refused when it has changed, before anything is sent', async () => {
      await (await connection()).exec(['true']);
      const { port } = server;
      await server.stop();
      server = await new SshServer([newKey()], [USER_KEY]).start(port);
      const error = await refusal((await connection({ patienceMs: 30_000 })).exec(['true']), 'SSH_HOST_KEY_CHANGED');
      expect(error.message).to.match(/SHA256:.* instead of SHA256:/);
      expect(error.suggestion)
        .to.contain(`[127.0.0.1]:${port}`)
        .and.contain(join(folder, 'hosts', 'known_hosts'));
      expect(server.commands).to.deep.equal([]);
    });

    it('is forgotten with its machine, and only that', async () => {
      await (await connection()).exec(['true']);
      const { port } = server;
      const path = join(folder, 'hosts', 'known_hosts');
      await appendFile(path, '192.0.2.7 ssh-ed25519 AAAA\n');
      await new KnownHosts(path).forget(sshTarget(`root@127.0.0.1:${port}`));
      expect(await readFile(path, 'utf8')).to.equal('192.0.2.7 ssh-ed25519 AAAA\n');
      await server.stop();
      server = await new SshServer([newKey()], [USER_KEY]).start(port);
      expect((await (await connection()).exec(['true'])).code).to.equal(0);
    });

    it('stays good when the host gets a key of another type beside it', async () => {
      await server.stop();
      const older = newEcdsaKey();
      server = await new SshServer([older], [USER_KEY]).start();
      await (await connection()).exec(['true']);
      const { port } = server;
      await server.stop();
      server = await new SshServer([HOST_KEY, older], [USER_KEY]).start(port);
      expect((await (await connection()).exec(['true'])).code).to.equal(0);
    });
  });

  describe('keys', () => {
    it('are tried one after the other', async () => {
      expect((await (await connection({}, [newKey(), newKey(), USER_KEY])).exec(['true'])).code).to.equal(0);
    });

    it('that the host does not know are told by name, with the line that authorizes them', async () => {
      const [first, second] = [newKey(), newKey()];
      const error = await refusal((await connection({}, [first, second])).exec(['true']), 'SSH_AUTH_FAILED');
      expect(error.message).to.match(/^admin@127\.0\.0\.1:\d+ refused the SSH login\. Tried: .*key-.*, .*key-/);
      const lines = error.suggestion!.split('\n');
      expect(lines[0]).to.equal('On the host, add this line to ~admin/.ssh/authorized_keys:');
      expect(lines[1]).to.equal(first.public.trim());
      server.allowed.push({ private: '', public: lines[1]! });
      expect((await (await connection({}, [first, second])).exec(['true'])).code).to.equal(0);
    });

    it('are asked for when there are none', async () => {
      const error = await refusal((await connection({}, [])).exec(['true']), 'SSH_AUTH_FAILED');
      expect(`${error.message} ${error.suggestion}`).to.contain('no key to try').and.contain('ssh-keygen -t ed25519');
    });

    it('are made without other programs, in the form that OpenSSH reads', async () => {
      for (let n = 0; n < 5; n += 1) {
        const { privateKey, publicKey } = createKeyPair('mothership-edge');
        const pair = { private: privateKey.reveal(), public: publicKey };
        expect(publicKeyOf(pair.private)).to.equal(pair.public);
        server.allowed.push(pair);
        expect((await (await connection({}, [pair])).exec(['true'])).code).to.equal(0);
      }
    });

    it('with a passphrase ask for it once, and again when it is wrong', async () => {
      const locked = newKey('open sesame');
      server.allowed.push(locked);
      answers = ['wrong', 'open sesame'];
      const ssh = await connection({}, [locked]);
      await Promise.all([ssh.exec(['true']), ssh.exec(['true'])]);
      server.drop();
      await ssh.exec(['true']);
      expect(questions.map((question) => question.split(' ')[0])).to.deep.equal(['Passphrase', 'Wrong']);
    });

    it('that cannot be unlocked or are none say so', async () => {
      expect(
        (await refusal((await connection({}, [newKey('secret')])).exec(['true']), 'SSH_KEY_UNREADABLE')).message,
      ).to.contain('passphrase is wrong');
      await refusal((await connection({}, [{ private: 'no key', public: '' }])).exec(['true']), 'SSH_KEY_UNREADABLE');
      await refusal(
        (await connection({}, [{ private: USER_KEY.public, public: '' }])).exec(['true']),
        'SSH_KEY_UNREADABLE',
      );
    });
  });

  describe('a machine that is not there', () => {
    it('is unreachable at once, or waited for while it boots', async () => {
      const { port } = server;
      await server.stop();
      await refusal((await connection({ target: sshTarget(`a@127.0.0.1:${port}`) })).exec(['true']), 'SSH_UNREACHABLE');
      const waiting = (await connection({ target: sshTarget(`a@127.0.0.1:${port}`), patienceMs: 20_000 })).exec([
        'true',
      ]);
      setTimeout(() => void server.start(port), 300);
      expect((await waiting).code).to.equal(0);
    });

    it('is told from one that speaks no SSH', async () => {
      const other = createServer((socket) =>
        socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      ).listen(0, '127.0.0.1');
      await new Promise((resolve) => other.once('listening', resolve));
      const target = sshTarget(`a@127.0.0.1:${(other.address() as AddressInfo).port}`);
      await refusal((await connection({ target })).exec(['true']), 'SSH_UNREACHABLE');
      other.close();
    });
  });

  it('goes through a bastion, whose key is pinned too', async () => {
    const bastionServer = await new SshServer([newKey()], [USER_KEY]).start();
    const bastion = await connection({ target: sshTarget(`jump@127.0.0.1:${bastionServer.port}`) });
    const ssh = await connection({ bastion });
    expect((await ssh.exec(['echo', 'far'])).stdout.toString()).to.equal('far\n');
    expect(bastionServer.commands).to.deep.equal([]);
    expect(events).to.have.length(2);
    await ssh.close();
    await bastion.close();
    await bastionServer.stop();
  });
});

describe('an SSH target', () => {
  it('is read from user@host:port', () => {
    expect(sshTarget('admin@203.0.113.7')).to.deep.equal({ user: 'admin', host: '203.0.113.7', port: 22 });
    expect(sshTarget('web-1.example.com:2222')).to.deep.equal({ user: 'root', host: 'web-1.example.com', port: 2222 });
    expect(sshTarget('a@[2001:db8::1]:22')).to.deep.equal({ user: 'a', host: '2001:db8::1', port: 22 });
  });

  it('is nothing else', async () => {
    for (const text of [
      '',
      'a@',
      '-oProxyCommand=x',
      'a b@c',
      'a@b@c',
      'a@b:0',
      'a@b:70000',
      'a@b;c',
      'a@-b',
      'a@b:22x',
    ]) {
      await refusal(
        Promise.resolve().then(() => sshTarget(text)),
        'SSH_TARGET_INVALID',
      );
    }
  });
});
