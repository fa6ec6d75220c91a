import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Desk } from './cli.ts';

describe('config', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await desk.run('apps:create shop');
  });
  afterEach(() => desk.close());

  const vars = (): Promise<Record<string, string>> => desk.platform.config.get('shop');

  it('is set, makes a release, and never shows a value', async () => {
    const result = await desk.run(['config:set', 'A=1', 'SECRET=a=b c', 'EMPTY=']);
    expect(result).to.deep.equal({ stdout: '', stderr: 'Setting A, SECRET, EMPTY on shop... done, v1\n', code: 0 });
    expect(await vars()).to.deep.equal({ A: '1', SECRET: 'a=b c', EMPTY: '' });
    expect(JSON.parse((await desk.run('config set B=2 --json')).stdout)).to.deep.equal({
      app: 'shop',
      keys: ['B'],
      release: 2,
    });
  });

  it('is shown for people, for shells and for programs', async () => {
    await desk.run(['config:set', "LONGER=it's", 'A=1']);
    expect((await desk.run('config')).stdout).to.equal("=== shop Config Vars\n\nA:       1\nLONGER:  it's\n");
    expect((await desk.run('config -s')).stdout).to.equal("A=1\nLONGER='it'\\''s'\n");
    expect((await desk.run('config --json')).stdout).to.equal('{\n  "A": "1",\n  "LONGER": "it\'s"\n}\n');
  });

  it('is got by name, alone', async () => {
    await desk.run(['config:set', 'A=two\nlines']);
    expect((await desk.run('config:get A')).stdout).to.equal('two\nlines\n');
    expect((await desk.run('config:get A --json')).stdout).to.equal('{\n  "A": "two\\nlines"\n}\n');
    expect(await desk.run('config:get B')).to.include({ code: 1, stdout: '' });
    expect(await desk.run('config:get constructor')).to.include({ code: 1, stdout: '' });
  });

  it('is read from files and from stdin', async () => {
    await writeFile(join(desk.folder, 'my.env'), "# mine\nA='x y'\nexport B=2\n");
    await writeFile(join(desk.folder, 'key.pem'), '-----BEGIN-----\nabc\n');
    expect((await desk.run('config:set --from-env my.env C=3')).code).to.equal(0);
    expect((await desk.run('config:set KEY --from-file key.pem')).code).to.equal(0);
    expect((await desk.run('config:set TOKEN --from-file -', { stdin: 's3cret\n' })).code).to.equal(0);
    expect((await desk.run('config:set --from-env -', { stdin: 'D=4\n' })).code).to.equal(0);
    expect(await vars()).to.deep.equal({
      A: 'x y',
      B: '2',
      C: '3',
      KEY: '-----BEGIN-----\nabc',
      TOKEN: 's3cret',
      D: '4',
    });
  });

  it('round-trips through --shell and --from-env', async () => {
    await desk.run(['config:set', 'A=it\'s "q" $X\n`y` \\ # é ', 'B=']);
    const before = await vars();
    const { stdout } = await desk.run('config -s');
    await desk.run('config:unset A B');
    expect(await vars()).to.deep.equal({});
    await desk.run('config:set --from-env -', { stdin: stdout });
    expect(await vars()).to.deep.equal(before);
  });

  for (const [line, message] of [
    ['config:set', 'Specify at least one config var.'],
    ['config:set A', 'An argument is not KEY=VALUE: A'],
    ['config:set --from-env nowhere', 'There is no file nowhere.'],
    ['config:set A --from-file nowhere', 'There is no file nowhere.'],
    ['config:set A --from-file .', 'Cannot read .: it is a folder.'],
    ['config:set A B --from-file x', '--from-file requires exactly one KEY.'],
    ['config:unset', 'Missing argument'],
    ['config:get', 'Missing argument'],
  ] as const) {
    it(`refuses "${line}" and changes nothing`, async () => {
      const result = await desk.run(line);
      expect(result).to.include({ code: 2, stdout: '' });
      expect(result.stderr).to.include(message);
      expect(result.stderr).not.to.match(/slugignore|E[A-Z]+:/);
      expect(await vars()).to.deep.equal({});
    });
  }

  it('is unset by name', async () => {
    await desk.run('config:set A=1 B=2 C=3');
    expect((await desk.run('config:unset A C')).stderr).to.equal('Unsetting A, C on shop... done, v2\n');
    expect(await vars()).to.deep.equal({ B: '2' });
    expect((await desk.run('config:unset NOPE')).code).to.equal(1);
  });

  it('is text: other bytes are refused wherever they come from, and nothing changes', async () => {
    const bytes = Buffer.from('BIN=\xff\xfe', 'latin1');
    await writeFile(join(desk.folder, 'my.env'), bytes);
    await writeFile(join(desk.folder, 'editor'), '#!/bin/sh\nprintf "A=\\377" > "$1"\n', { mode: 0o755 });
    const editor = { env: { EDITOR: join(desk.folder, 'editor') } };
    for (const [line, options, where] of [
      ['config:set --from-env my.env', {}, 'my.env'],
      ['config:set BIN --from-file my.env', {}, 'my.env'],
      ['config:set BIN --from-file -', { stdin: Readable.from([bytes]) }, 'The input'],
      ['config:set --from-env -', { stdin: Readable.from([bytes]) }, 'The input'],
      ['config:set BIN=\uFFFD', {}, 'The value of BIN'],
      ['run -e BIN=\uFFFD true', {}, 'The value of BIN'],
      ['config:edit', editor, 'The edited text'],
    ] as const) {
      const result = await desk.run(line, options);
      expect(result, line).to.include({ code: 2, stdout: '' });
      expect(result.stderr, line).to.include(`${where} is not UTF-8 text.`).and.include('base64');
    }
    expect(await vars()).to.deep.equal({});
    await writeFile(join(desk.folder, 'my.env'), 'BIN=\uFFFD');
    expect((await desk.run('config:set --from-env my.env')).code).to.equal(0);
    expect(await vars()).to.deep.equal({ BIN: '\uFFFD' });
  });

  it('is edited: what was changed is set, what was removed is unset', async () => {
    await desk.run(['config:set', 'A=1', 'B=2', 'C=3']);
    const editor = join(desk.folder, 'editor');
    await writeFile(editor, '#!/bin/sh\nsed -i -e "/^A=/d" -e "s/^B=.*/B=\'two words\'/" "$1" && echo D=4 >> "$1"\n', {
      mode: 0o755,
    });
    expect((await desk.run('config:edit', { env: { EDITOR: editor } })).code).to.equal(0);
    expect(await vars()).to.deep.equal({ B: 'two words', C: '3', D: '4' });
    expect((await desk.platform.releases.list('shop'))[0]!.version).to.equal(2);
  });

  it('makes no release when nothing was edited, and nothing when the editor fails', async () => {
    await desk.run('config:set A=1');
    const unchanged = await desk.run('config:edit', { env: { VISUAL: 'true', EDITOR: 'false' } });
    expect(unchanged.stderr).to.include('No changes.');
    expect((await desk.run('config:edit', { env: { EDITOR: 'false' } })).code).to.equal(1);
    expect((await desk.run('config:edit', { env: { EDITOR: '/no/such/editor' } })).code).to.equal(1);
    expect((await desk.platform.releases.list('shop'))[0]!.version).to.equal(1);
  });

  it('says why a change failed, with exit code 1', async () => {
    await desk.run('deploy --image nginx');
    desk.world.engine.script('shop_web_v2', { state: 'failed', exitCode: 1 });
    const result = await desk.run('config:set A=1');
    expect(result.code).to.equal(1);
    expect(result.stderr).to.match(
      /^Setting A on shop\.\.\. !\n ›   Error: The new release failed to start: web\.1 exited with code 1\.\n/,
    );
  });
});
