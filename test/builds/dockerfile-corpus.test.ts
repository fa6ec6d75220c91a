import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { checkDockerfile } from '../../src/builds/dockerfile/dockerfile-rules.ts';
import { parseDockerfile, withoutLink } from '../../src/builds/dockerfile/dockerfile.ts';
import { isMothershipError } from '../../src/errors/index.ts';
import { caseFolder, caseText, dockerfileCases } from './dockerfile-cases.ts';

describe('Dockerfiles that people have', () => {
  it('are all in the list', async () => {
    const names = dockerfileCases.map(({ name }) => name);
    expect(await readdir(caseFolder('.'))).to.have.members(names);
    expect(names.length).to.be.at.least(30);
  });

  for (const { name, hosts = [], target, buildArgs = {}, refused } of dockerfileCases)
    it(`${refused ? 'are refused' : 'pass'}: ${name}`, async () => {
      const text = await caseText(name);
      const check = (given: string): readonly string[] =>
        checkDockerfile(given, {
          buildArgs: { MOTHERSHIP_RUN_IMAGE: 'sha256:1', ...buildArgs },
          stackImages: ['sha256:1'],
          allowedRegistries: [],
          target,
        }).map(({ host }) => host);
      if (refused) {
        const error = faultOf(() => check(text));
        expect(error).to.include({ code: refused[0] });
        expect(error?.message).to.match(new RegExp(`^Line ${refused[1]} of the Dockerfile`));
        return;
      }
      expect(check(text)).to.deep.equal(hosts);
      const unlinked = withoutLink(text) ?? text;
      expect(check(unlinked)).to.deep.equal(hosts);
      expect(
        parseDockerfile(unlinked)
          .instructions.flatMap(({ flags }) => flags)
          .join(),
      ).not.to.include('--link');
      expect(unlinked.split('\n').length).to.equal(text.split('\n').length);
    });
});

function faultOf(work: () => unknown): { code: string; message: string } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!isMothershipError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
