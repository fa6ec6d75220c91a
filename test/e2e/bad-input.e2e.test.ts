import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pack, type Header } from 'tar-stream';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

interface Refused {
  readonly what: string;
  readonly argv: readonly string[];
  readonly code: string;
  readonly exit: number;
  /** What the message repeats, so that it is clear which thing is wrong. */
  readonly says: string | RegExp;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

const app = 'bad-input';
const on = (...argv: string[]): string[] => [...argv, '-a', app];

const REFUSED: readonly Refused[] = [
  { what: 'an unknown app', argv: ['ps', '-a', 'nowhere'], code: 'APP_NOT_FOUND', exit: 1, says: '"nowhere"' },
  {
    what: 'an app that is a path',
    argv: ['ps', '-a', '../../etc/passwd'],
    code: 'APP_NOT_FOUND',
    exit: 1,
    says: 'passwd',
  },
  { what: 'no app', argv: ['ps'], code: 'APP_NEEDED', exit: 2, says: '-a' },
  { what: 'an unknown command', argv: ['deplyo'], code: 'COMMAND_UNKNOWN', exit: 2, says: 'deploy' },
  { what: 'an unknown flag', argv: on('ps', '--everything'), code: 'USAGE_INVALID', exit: 2, says: '--everything' },
  ...[
    'A',
    'Shop',
    'a_b',
    '-shop',
    'shop-',
    '1shop',
    'a--b',
    'x'.repeat(31),
    'shöp',
    'a b',
    '$(id)',
    'mothership',
    'www',
  ].map((name): Refused => ({
    what: `the name ${name}`,
    argv: ['apps:create', '--no-link', '--', name],
    code: 'APP_NAME_INVALID',
    exit: 2,
    says: name,
  })),
  { what: 'a name that is taken', argv: ['apps:create', '--no-link', app], code: 'APP_EXISTS', exit: 1, says: app },
  {
    what: 'a new name that is taken',
    argv: on('apps:rename', 'bad-other'),
    code: 'APP_EXISTS',
    exit: 1,
    says: 'bad-other',
  },
  {
    what: '10,000 config vars',
    argv: on('config:set', '--from-env', '-'),
    stdin: Array.from({ length: 10_000 }, (_, n) => `KEY_${n}=x`).join('\n'),
    code: 'CONFIG_TOO_MANY',
    exit: 2,
    says: '10000',
  },
  {
    what: 'a config value of 2 MB',
    argv: on('config:set', 'BIG', '--from-file', '-'),
    stdin: 'x'.repeat(2 * 2 ** 20),
    code: 'CONFIG_TOO_LARGE',
    exit: 2,
    says: /BIG is 204\d KB/,
  },
  {
    what: 'a config value of 8 MB',
    argv: on('config:set', 'BIG', '--from-file', '-'),
    stdin: 'x'.repeat(8 * 2 ** 20),
    code: 'BODY_TOO_LARGE',
    exit: 2,
    says: '4 MiB',
  },
  {
    what: 'a config value with a zero byte',
    argv: on('config:set', 'NUL', '--from-file', '-'),
    stdin: 'a\0b',
    code: 'CONFIG_VALUE_INVALID',
    exit: 2,
    says: 'NUL',
  },
  ...['1A=x', 'A-B=x', 'ä=x', 'A B=x'].map((pair): Refused => ({
    what: `the config var ${pair}`,
    argv: on('config:set', pair),
    code: 'CONFIG_KEY_INVALID',
    exit: 2,
    says: pair.split('=')[0]!,
  })),
  {
    what: 'a config var without a value',
    argv: on('config:set', 'KEY'),
    code: 'ENV_LINE_INVALID',
    exit: 2,
    says: 'KEY',
  },
  {
    what: 'a type that the app does not have',
    argv: on('ps:scale', 'wrker=1'),
    code: 'PROCESS_TYPE_UNKNOWN',
    exit: 2,
    says: 'web',
  },
  { what: 'a negative quantity', argv: on('ps:scale', 'web=-1'), code: 'QUANTITY_INVALID', exit: 2, says: 'web=-1' },
  {
    what: 'a thousand processes',
    argv: on('ps:scale', 'web=1000'),
    code: 'QUANTITY_INVALID',
    exit: 2,
    says: 'web=1000',
  },
  { what: 'half a process', argv: on('ps:scale', 'web=0.5'), code: 'QUANTITY_INVALID', exit: 2, says: 'web=0.5' },
  { what: 'a size of one byte', argv: on('ps:type', 'web=1B'), code: 'SIZE_INVALID', exit: 2, says: 'web' },
  { what: 'a size that is none', argv: on('ps:type', 'web=large'), code: 'SIZE_INVALID', exit: 2, says: 'large' },
  ...[
    'http://example.com',
    'example.com:80',
    'example.com/path',
    'a..b',
    '127.0.0.1',
    '*',
    '*.*.example.com',
    'exa mple.com',
    'localhost',
  ].map((domain): Refused => ({
    what: `the domain ${domain}`,
    argv: on('domains:add', domain),
    code: 'DOMAIN_INVALID',
    exit: 2,
    says: domain,
  })),
  {
    what: 'the domain of the platform',
    argv: on('domains:add', 'mothership.localhost'),
    code: 'DOMAIN_OF_PLATFORM',
    exit: 1,
    says: 'platform',
  },
  {
    what: 'the default domain of another app',
    argv: on('domains:add', 'bad-other.localhost'),
    code: 'DOMAIN_IS_DEFAULT',
    exit: 1,
    says: 'bad-other',
  },
  {
    what: 'a release that is not',
    argv: on('releases:info', 'v999'),
    code: 'RELEASE_NOT_FOUND',
    exit: 1,
    says: 'v999',
  },
  {
    what: 'a release that is no number',
    argv: on('rollback', 'latest'),
    code: 'USAGE_INVALID',
    exit: 2,
    says: 'latest',
  },
  {
    what: 'a build that is not',
    argv: on('builds:info', '0123456789abcdef'),
    code: 'BUILD_NOT_FOUND',
    exit: 1,
    says: '0123456789abcdef',
  },
  {
    what: 'an image that is not',
    argv: on('deploy', '--image', 'nowhere.invalid/a:1'),
    code: 'IMAGE_UNAVAILABLE',
    exit: 1,
    says: 'nowhere.invalid/a:1',
  },
  {
    what: 'a folder that is not',
    argv: on('deploy', '--path', '/nowhere/at/all'),
    code: 'FILE_NOT_FOUND',
    exit: 2,
    says: '/nowhere/at/all',
  },
  { what: 'an empty folder', argv: on('deploy', '--path', 'EMPTY'), code: 'FOLDER_EMPTY', exit: 2, says: 'empty' },
  {
    what: 'a wrong token',
    argv: ['apps'],
    env: { MOTHERSHIP_TOKEN: `ms_0123456789ab_${'y'.repeat(43)}` },
    code: 'UNAUTHENTICATED',
    exit: 1,
    says: 'token',
  },
  { what: 'an unknown context', argv: ['apps', '--context', 'moon'], code: 'CONTEXT_UNKNOWN', exit: 2, says: 'moon' },
  {
    what: 'a cluster that does not answer',
    argv: ['apps'],
    env: { MOTHERSHIP_URL: 'http://127.0.0.1:9', MOTHERSHIP_TOKEN: 'x' },
    code: 'CONTROLLER_UNREACHABLE',
    exit: 1,
    says: 'http://127.0.0.1:9',
  },
  {
    what: 'something else than a cluster',
    argv: ['apps'],
    env: { MOTHERSHIP_URL: 'http://bad-input.localhost', MOTHERSHIP_ADDRESS: 'NODE', MOTHERSHIP_TOKEN: 'x' },
    code: 'CONTROLLER_STRANGE',
    exit: 1,
    says: '404',
  },
  {
    what: 'a destroy that is confirmed with another name',
    argv: on('apps:destroy', '--confirm', 'bad-inputs'),
    code: 'CONFIRM_MISMATCH',
    exit: 2,
    says: app,
  },
];

describe('bad input', function () {
  this.timeout(30_000);
  let mothership: Cluster;
  let empty: string;

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp(app);
    await mothership.ok(['apps:create', 'bad-other', '--no-link']);
    empty = await mothership.copy('test/sample-apps/fails/nothing', 'empty');
    await writeFile(join(empty, '.gitignore'), '*\n');
  });

  for (const { what, argv, code, exit, says, env = {}, stdin = '' } of REFUSED) {
    it(`is refused: ${what}`, async () => {
      const filled = Object.fromEntries(
        Object.entries(env).map(([key, value]) => [key, value === 'NODE' ? mothership.node.ip : value]),
      );
      const words = argv.map((word) => (word === 'EMPTY' ? empty : word));
      const dashes = words.indexOf('--');
      const ended = await mothership.mothership(words.toSpliced(dashes < 0 ? words.length : dashes, 0, '--json'), {
        env: filled,
        stdin,
      });
      const error = JSON.parse(ended.stderr.trim().split('\n').at(-1)!) as {
        code: string;
        message: string;
        suggestion?: string;
      };
      expect(error).to.include({ code });
      expect(ended.code).to.equal(exit);
      const said = `${error.message} ${error.suggestion ?? ''}`;
      if (typeof says === 'string') expect(said).to.contain(says);
      else expect(said).to.match(says);
    });
  }

  it('changed nothing', async () => {
    expect(await mothership.current(app)).to.equal(1);
    expect((await mothership.http(app)).body).to.equal(`${app}\n`);
  });

  describe('in a Procfile', () => {
    for (const { what, text, line } of [
      { what: 'a command on two lines', text: 'web: bin/server \\\n\t--port 80\n', line: 2 },
      { what: 'a line without a colon', text: '# comment\n\nweb bin/server\n', line: 3 },
      { what: 'a control character', text: 'web: bin/server\u001b[2J\n', line: 1 },
      { what: 'a type twice', text: 'web: a\nweb: b\n', line: 2 },
    ]) {
      it(`is refused and shown: ${what}`, async () => {
        const folder = await mothership.copy('test/sample-apps/procfile', 'procfile');
        await writeFile(join(folder, 'Procfile'), text);
        const { code, stderr } = await mothership.mothership(['deploy', '-a', app, '--json'], { cwd: folder });
        expect(JSON.parse(stderr.trim().split('\n').at(-1)!))
          .to.include({ code: 'PROCFILE_INVALID' })
          .and.property('message')
          .to.contain(`line ${line}`);
        expect(code).to.equal(2);
      });
    }

    it('may be CRLF lines', async () => {
      const folder = await mothership.copy('test/sample-apps/procfile', 'crlf');
      await writeFile(join(folder, 'Procfile'), '\uFEFFweb: bin/server\r\n\r\n# end\r\n');
      await mothership.ok(['deploy'], { cwd: folder });
      expect((await mothership.http('crlf')).body).to.equal('from a binary\n');
    });
  });

  describe('in an archive that is sent by hand', () => {
    type Entry = Partial<Header> & { name: string; text?: string };
    const archive = (entries: readonly Entry[]): Promise<Buffer> => {
      const tar = pack();
      for (const { text = '', ...header } of entries) tar.entry(header, text);
      tar.finalize();
      return buffer(tar).then((bytes) => gzipSync(bytes));
    };
    const PROCFILE: Entry = { name: 'Procfile', text: 'web: bin/server\n' };
    const BAD: Readonly<Record<string, readonly Entry[]>> = {
      'a path that climbs out': [PROCFILE, { name: '../../etc/cron.d/evil', text: '* * * * * root id\n' }],
      'an absolute path': [PROCFILE, { name: '/etc/passwd', text: 'root::0:0::/:/bin/sh\n' }],
      'a link that leads out': [
        PROCFILE,
        { name: 'out', type: 'symlink', linkname: '/etc' },
        { name: 'out/passwd', text: 'x' },
      ],
      'a hard link that leads out': [PROCFILE, { name: 'out', type: 'link', linkname: '../../etc/shadow' }],
      'a device': [PROCFILE, { name: 'disk', type: 'block-device', devmajor: 8, devminor: 0 }],
    };

    async function send(body: Buffer, type = 'application/gzip'): Promise<string> {
      const begun = await mothership.api('POST', `/apps/${app}/builds`, { body, headers: { 'content-type': type } });
      if (begun.status !== 202) return String(begun.body['code']);
      const ended = await eventually('its end', 20, async () => {
        const { body: operation } = await mothership.api('GET', `/operations/${String(begun.body['id'])}`);
        return operation['state'] === 'running' ? undefined : operation;
      });
      return String((ended['error'] as { code?: string } | null)?.code);
    }

    for (const [what, entries] of Object.entries(BAD)) {
      it(`is refused: ${what}`, async () => expect(await send(await archive(entries))).to.equal('ARCHIVE_INVALID'));
    }

    it('is refused: not an archive', async () =>
      expect(await send(Buffer.from('PK not a tar'))).to.equal('ARCHIVE_INVALID'));
    it('is refused: half an archive', async () =>
      expect(await send((await archive([PROCFILE, { name: 'a', text: 'x'.repeat(5000) }])).subarray(0, 60))).to.equal(
        'ARCHIVE_INVALID',
      ));
    it('is refused: nothing at all', async () => expect(await send(Buffer.alloc(0))).to.equal('ARCHIVE_INVALID'));
    it('is refused: another media type', async () =>
      expect(await send(Buffer.from('x'), 'text/plain')).to.equal('MEDIA_TYPE_UNSUPPORTED'));

    it('changed nothing', async () => {
      expect(await mothership.current(app)).to.equal(1);
      expect((await mothership.http(app)).body).to.equal(`${app}\n`);
    });
  });
});
