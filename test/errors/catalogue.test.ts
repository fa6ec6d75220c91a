import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { errorsDocument } from '../../scripts/errors-doc.ts';
import { catalogue, ExitCode, fail, fromBody } from '../../src/errors/index.ts';

describe('the catalogue of errors', () => {
  const entries = Object.entries(catalogue);

  it('gives every error an exit code that scripts know and a status of HTTP', () => {
    for (const [code, entry] of entries) {
      expect(Object.values(ExitCode), code).to.include(entry.exit);
      expect(entry.exit, code).not.to.equal(ExitCode.ok);
      expect(entry.status, code).to.be.within(200, 599);
      expect(code).to.match(/^[A-Z][A-Z0-9_]+$/);
    }
  });

  it('is what docs/errors.md lists', async () => {
    expect(await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')).to.equal(errorsDocument());
  });

  it('keeps sentence, suggestion and exit code over the wire', () => {
    const error = fail('APP_NOT_FOUND', { app: 'shop' });
    const received = fromBody(JSON.parse(JSON.stringify(error)) as ReturnType<typeof error.toJSON>, error.status);
    expect(received).to.include({
      code: 'APP_NOT_FOUND',
      message: error.message,
      suggestion: error.suggestion,
      exit: 1,
      status: 404,
    });
  });

  it('names the process type to someone who named one of its processes, as on Heroku', () => {
    const known = ['web', 'worker'];
    expect(fail('PROCESS_TYPE_UNKNOWN', { type: 'web.1', known }).suggestion).to.contain(
      'use "web" instead of "web.1"',
    );
    expect(fail('PROCESS_TYPE_UNKNOWN', { type: 'clock.1', known }).suggestion).to.contain('add a line');
  });

  it('exits 1 for a code that a newer controller may send', () => {
    expect(fromBody({ code: 'FROM_THE_FUTURE', message: 'x' }, 418)).to.include({ exit: 1, message: 'x' });
  });
});
