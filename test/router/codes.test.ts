import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { errorInfo } from '../../src/processes/error-codes.ts';

describe('codes of the router', () => {
  it('are the same on its pages, in docs/http.md and in apps:errors', async () => {
    const [pages, document] = await Promise.all(
      ['templates/images/router/lua/failure.lua', 'docs/http.md'].map((file) => readFile(file, 'utf8')),
    );
    const codes = [...pages!.matchAll(/^ {2}(H\d\d) = \{/gm)].map(([, code = '']) => code);
    expect(codes).to.include.members(['H00', 'H10', 'H25', 'H30', 'H99']);
    // The access log gives H27 where the client disconnected.
    const documented = [...document!.matchAll(/^\| (H\d\d) \|/gm)].map(([, code = '']) => code);
    expect(documented).to.have.members([...codes, 'H27']);
    // Nobody's app is at H00.
    const ofApps = documented.filter((code) => code !== 'H00');
    expect(ofApps.filter((code) => errorInfo(code).title === errorInfo('none').title)).to.deep.equal([]);
  });
});
