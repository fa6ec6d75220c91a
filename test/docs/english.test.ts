import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';

/** Phrases that have puzzled readers. CONTRIBUTING.md shows how to write instead. */
const AVOID = [
  /There is no way to/,
  /\banew\b/,
  /\bgo(es)? on\b/,
  /Letting old/,
  /without hands/,
  /\b(is|are) told\b/,
  /\b(any|every|no|some)body's\b/,
  /\bWho(ever)? (has|is|takes)\b/,
  /\btells how\b/,
  /\bnot to be had\b/,
  /\bsays? what is wrong\b/i,
];
/** Folders of documents, and of code whose strings users read. */
const FOLDERS = [
  'docs',
  'buildpacks',
  'src/errors/catalogue',
  'src/commands',
  'src/cli',
  'src/cluster',
  'src/provision',
];
const COMMENT = /^\s*(\/\/|\/?\*)/;
const GENERATED = /<!-- behaviours[\s\S]*<!-- \/behaviours -->/;

async function files(): Promise<string[]> {
  const inFolders = await Promise.all(
    FOLDERS.map(async (folder) => (await readdir(folder, { recursive: true })).map((file) => join(folder, file))),
  );
  const top = [...(await readdir('.')), 'src/README.md'];
  return [...top, ...inFolders.flat()].filter((file) => /\.(md|ts)$/.test(file));
}

async function visibleLines(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replace(GENERATED, '');
  return text.split('\n').filter((line) => file.endsWith('.md') || !COMMENT.test(line));
}

describe('the English that users read', () => {
  it('avoids phrases that have puzzled readers', async () => {
    const lines = await Promise.all(
      (await files()).map(async (file) => (await visibleLines(file)).map((line) => `${file}: ${line.trim()}`)),
    );
    expect(lines.length).to.be.above(100);
    expect(lines.flat().filter((line) => AVOID.some((phrase) => phrase.test(line)))).to.deep.equal([]);
  });
});
