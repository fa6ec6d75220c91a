import { expect } from 'chai';
import { execa } from 'execa';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '../../templates/images/stack-debian-13/run/nginx-types');

describe('the media types of static sites', () => {
  const typesOf = async (list: string): Promise<string[]> =>
    (await execa(PROGRAM, { input: list })).stdout.split('\n').map((line) => line.trim());

  it("are those of Debian's list, one for each extension", async () => {
    const list = [
      '# comment',
      '',
      'text/javascript\tes js mjs',
      'audio/x-none',
      'a/first x',
      'a/second x X y',
      'a/odd ;{}',
    ];
    const types = await typesOf(list.join('\n'));
    expect(types).to.include.members(['text/javascript js;', 'text/javascript mjs;', 'a/first x;', 'a/second y;']);
    expect(types.filter((line) => /x;|odd|none/i.test(line))).to.deep.equal(['a/first x;']);
    expect([types[0], types.at(-1)]).to.deep.equal(['types {', '}']);
  });

  it('are those of the web where the list has another first', async () => {
    const types = await typesOf('text/vnd.trolltech.linguist ts\napplication/x-rss+xml rss\n');
    expect(types).to.include.members(['video/mp2t ts;', 'application/rss+xml rss;', 'application/json map;']);
    expect(types.join('\n')).not.to.match(/linguist|x-rss/);
  });
});
