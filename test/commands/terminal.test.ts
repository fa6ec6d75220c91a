import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { eventually } from '../eventually.ts';
import { Desk } from './cli.ts';

describe('at a terminal', () => {
  let desk: Desk;
  let keys: PassThrough;
  beforeEach(async () => {
    desk = await Desk.open();
    keys = new PassThrough();
    await desk.run('apps:create shop');
    await desk.run('deploy --image nginx:1');
  });
  afterEach(() => desk.close());

  /** Once the question is shown and keys are read. */
  const asked = (typed: PassThrough, question: string): Promise<boolean> =>
    eventually('a question', () => typed.listenerCount('keypress') > 0 && desk.shown.includes(question));

  it('a one-off gets the terminal: its size, changes of it, and every key; it is put back afterwards', async () => {
    const ended = desk.run('run cat', { keys });
    await eventually('a raw terminal', () => desk.rawModes.length > 0);
    keys.write('ab\x03');
    desk.signal('SIGWINCH');
    await eventually('the size', () => desk.apps.programs[0]?.size());
    expect(desk.apps.programs[0]!.size()).to.deep.equal({ columns: 100, rows: 30 });
    keys.end();
    expect(await ended).to.include({ stdout: 'ab\x03', code: 0 });
    expect(desk.rawModes).to.deep.equal([true, false]);
  });

  it('what destroys asks for the name', async () => {
    const wrong = desk.run('apps:destroy', { keys });
    await asked(keys, 'type shop:');
    keys.write('shop2\n');
    expect((await wrong).code).to.equal(2);
    expect(await desk.platform.apps.list()).to.have.length(1);
    const again = new PassThrough();
    const right = desk.run('apps:destroy', { keys: again });
    await asked(again, 'type shop:');
    again.write('shop\n');
    const { code, stderr } = await right;
    expect(code).to.equal(0);
    expect(stripVTControlCharacters(stderr)).to.include('Warning: This destroys shop and everything it owns.');
    expect(await desk.platform.apps.list()).to.have.length(0);
  });

  it('Ctrl-C at a question cancels, with exit code 130', async () => {
    const ended = desk.run('apps:destroy', { keys });
    await asked(keys, 'type shop:');
    keys.write('\x03');
    expect((await ended).code).to.equal(130);
    expect(await desk.platform.apps.list()).to.have.length(1);
  });

  describe('Ctrl-C in a deploy asks, and', () => {
    const interrupt = async (answer: string): Promise<{ code: number; state: string }> => {
      const builds = await desk.holdBuilds();
      await writeFile(join(desk.folder, 'Procfile'), 'web: x\n');
      const ended = desk.run('deploy', { keys });
      const id = await desk.underWay('shop');
      await eventually('lines', () => desk.shown.includes('-----> Building'));
      desk.signal('SIGINT');
      await asked(keys, 'watch');
      keys.write(answer);
      if (answer.startsWith('\x1b[B\x1b[B')) builds.go();
      const { code } = await ended;
      return { code, state: (await desk.platform.operations.info(id)).state };
    };

    it('Enter leaves it running, with exit code 4', async () =>
      expect(await interrupt('\r')).to.deep.equal({ code: 4, state: 'running' }));
    it('"cancel" cancels it, with exit code 130', async () =>
      expect(await interrupt('\x1b[B\r')).to.deep.equal({ code: 130, state: 'cancelled' }));
    it('"watch" goes on to its end', async () =>
      expect(await interrupt('\x1b[B\x1b[B\r')).to.deep.equal({ code: 0, state: 'succeeded' }));
  });

  it('progress moves in place and leaves one line for each step', async () => {
    const { stderr } = await desk.run('config:set A=1', { keys });
    const shown = stderr
      .split('\n')
      .map((line) => stripVTControlCharacters(line.slice(line.lastIndexOf('\r\x1b[K') + 1)));
    expect(shown).to.deep.equal(['Setting A on shop... done, v2', '']);
    expect(stderr).to.include('⠋');
  });

  it('NO_COLOR and CI are respected', async () => {
    expect((await desk.run('ps', { keys })).stdout).to.include('\x1b[');
    for (const env of [{ NO_COLOR: '1' }, { CI: 'true' }, { TERM: 'dumb' }])
      expect((await desk.run('ps', { keys, env })).stdout).to.not.include('\x1b[');
  });
});
