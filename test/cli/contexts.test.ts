import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { contextsFile, readContexts, removeContext, saveContext, useContext } from '../../src/cli/session/contexts.ts';

const one = { url: 'https://one.example.com', token: 'secret-1', domain: 'example.com' };
const two = { url: 'https://two.example.com', token: 'secret-2', domain: 'example.org' };

describe('contexts', () => {
  let home: string;
  let file: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'mothership-contexts-'));
    file = contextsFile({ env: {}, home });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('live where XDG says', () => {
    expect(contextsFile({ env: { XDG_CONFIG_HOME: '/x' }, home })).to.equal('/x/mothership/contexts.json');
    expect(file).to.equal(join(home, '.config/mothership/contexts.json'));
    expect(contextsFile({ env: { XDG_CONFIG_HOME: 'relative' }, home })).to.equal(file);
  });

  for (const text of ['{"current":5,"contexts":{}}', '{"contexts":{"a":{"url":"u","token":"t","address":5}}}'])
    it(`are not read from ${text}`, async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      const error: unknown = await readContexts(file).catch((reason: unknown) => reason);
      expect(error).to.include({ code: 'CONTEXTS_BROKEN' });
    });

  it('are none at first', async () => expect(await readContexts(file)).to.deep.equal({ current: null, contexts: {} }));

  it('are kept readable by their owner only, with nothing else left behind', async () => {
    await saveContext(file, 'one', one);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect((await stat(dirname(file))).mode & 0o777).to.equal(0o700);
    expect(await readdir(dirname(file))).to.deep.equal(['contexts.json']);
  });

  it('are made private again when somebody opened them up', async () => {
    await saveContext(file, 'one', one);
    await writeFile(file, await readFile(file), { mode: 0o644 });
    await saveContext(file, 'two', two);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
  });

  it('are current once saved, and can be chosen and forgotten', async () => {
    await saveContext(file, 'one', one);
    await saveContext(file, 'two', two);
    expect((await readContexts(file)).current).to.equal('two');
    await useContext(file, 'one');
    expect((await readContexts(file)).current).to.equal('one');
    await removeContext(file, 'one');
    expect(await readContexts(file)).to.deep.equal({ current: 'two', contexts: { two } });
    await removeContext(file, 'two');
    expect(await readContexts(file)).to.deep.equal({ current: null, contexts: {} });
  });

  it('that are unknown name those that are known', async () => {
    await saveContext(file, 'one', one);
    for (const name of ['three', 'constructor', '__proto__']) {
      const error = await useContext(file, name).catch((caught: Error) => caught);
      expect(error).to.have.property('message', `Cannot find the context "${name}". Available contexts: one.`);
    }
  });

  it('that do not exist at all lead to setup and login', async () => {
    const error: unknown = await useContext(file, 'gone').catch((caught: unknown) => caught);
    expect(error).to.have.property('suggestion').that.includes('mothership setup').and.includes('mothership login');
  });

  it('that are broken are said to be, and left as they are', async () => {
    await saveContext(file, 'one', one);
    for (const text of ['{', '[]x', '{"contexts": {"a": {}}}', 'null']) {
      await writeFile(file, text);
      expect(await saveContext(file, 'two', two).catch((error: { code: string }) => error.code), text).to.equal(
        'CONTEXTS_BROKEN',
      );
      expect(await readFile(file, 'utf8')).to.equal(text);
    }
  });
});
