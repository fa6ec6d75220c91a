import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { commandTable } from '../../src/commands/index.ts';
import { Desk, type Result } from './cli.ts';
import { HOSTILE, HostileCluster } from './hostile-cluster.ts';

/** These print nothing of a controller or a terminal's bytes, or wait for what never comes. */
const ELSEWHERE = /^(setup|doctor|cluster:(destroy|chaos)|nodes:add|version|commands|autocomplete|contexts:.*|logout)$/;
const SESSIONS = /^(run|ps:(exec|copy|forward|wait))$/;

/** Words after a command's name, where one required argument each would not do. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'apps:destroy': ['--confirm', 'shop'],
  'apps:open': ['--url'],
  'buildpacks:clear': ['--confirm', 'shop'],
  'builds:settings:set': ['--memory', '2G'],
  'builds:settings:unset': ['--memory'],
  'cluster:backup': ['--no-images', '--no-encryption'],
  complete: ['--', 'ps:stop', '-a', 'shop', ''],
  'config:get': ['KEY'],
  'config:set': ['KEY=value'],
  'domains:clear': ['--confirm', 'shop'],
  'nodes:label': ['n1', 'zone=a'],
  'nodes:remove': ['n1', '--confirm', 'n1'],
  'ps:scale': ['web=1'],
  'ps:type': ['web=512M:1'],
  'run:detached': ['true'],
};

describe('text that users could set', () => {
  let desk: Desk;
  let answers: HostileCluster;
  let refusals: HostileCluster;
  const ids = Object.keys(commandTable).filter((id) => !ELSEWHERE.test(id) && !SESSIONS.test(id));

  before(async () => {
    desk = await Desk.open();
    answers = await HostileCluster.start({ refuses: false });
    refusals = await HostileCluster.start({ refuses: true });
    await mkdir(join(desk.folder, 'src'));
    await writeFile(join(desk.folder, 'Procfile'), 'web: x\n');
  });
  after(async () => {
    await Promise.all([desk.close(), answers.close(), refusals.close()]);
  });

  const run = async (id: string, more: readonly string[], at: { terminal?: boolean; refused?: boolean } = {}) => {
    const { args = {} } = (await commandTable[id]!()).default;
    const required = Object.values(args as Record<string, { required?: boolean }>).filter((arg) => arg.required);
    const words = WORDS[id] ?? required.map(() => 'shop');
    const env = {
      MOTHERSHIP_URL: (at.refused ? refusals : answers).url,
      MOTHERSHIP_TOKEN: 'ms_x',
      MOTHERSHIP_APP: 'shop',
      EDITOR: 'true',
      BROWSER: 'true',
    };
    const { stdout, stderr } = await desk.run([id, ...more, ...words], {
      env,
      ...(at.terminal ? { keys: new PassThrough() } : {}),
    });
    return { stdout, stderr };
  };

  /** Everything but the colors that the program paints with, and the erased line of its progress. */
  const unsafe = ({ stdout, stderr }: Pick<Result, 'stdout' | 'stderr'>): string =>
    (stdout + stderr)
      .replace(/\x1b\[(0|1|2|22|3[1-69]|9[0-7])m|\r\x1b\[K/g, '')
      .replace(/[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, '');

  for (const id of ids) {
    for (const terminal of [true, false])
      it(`${id} cleans it ${terminal ? 'on a terminal' : 'in a pipe'}`, async () => {
        for (const refused of [false, true]) {
          const shown = await run(id, [], { terminal, refused });
          // A script gets a value as it is.
          if (id === 'config:get' && !terminal && !refused) expect(shown.stdout).to.equal(`${HOSTILE}\n`);
          else expect(unsafe(shown), JSON.stringify(shown)).to.equal('');
          expect(shown.stderr, shown.stderr).not.to.include('Internal error');
          if (id !== 'config:get') expect(`${shown.stdout}${shown.stderr}`).not.to.match(/^posing/m);
        }
      });

    it(`${id} --json escapes it`, async () => {
      for (const refused of [false, true]) {
        const shown = await run(id, ['--json'], { refused });
        expect(unsafe(shown), JSON.stringify(shown)).to.equal('');
      }
    });
  }

  it('is shown in full by what lists it', async () => {
    for (const id of [
      'builds',
      'builds:info',
      'releases',
      'buildpacks',
      'config',
      'tokens',
      'apps',
      'nodes',
      'logs',
      'ps',
    ])
      expect((await run(id, [])).stdout, id).to.include('evil');
    expect(JSON.parse((await run('config', ['--json'])).stdout)).to.include({ KEY: HOSTILE });
  });
});
