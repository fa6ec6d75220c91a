import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { behaviours, buildpacksDocument } from '../../scripts/buildpacks-doc.ts';

describe('docs/buildpacks.md', () => {
  it('has the table of the tests that there are (npx tsx scripts/buildpacks-doc.ts)', async () => {
    expect(await readFile('docs/buildpacks.md', 'utf8')).to.equal(await buildpacksDocument());
  });

  it('has each of the 29 behaviours once', async () => {
    expect((await behaviours()).map(({ number }) => number)).to.deep.equal(
      Array.from({ length: 29 }, (_, index) => index + 1),
    );
  });
});
