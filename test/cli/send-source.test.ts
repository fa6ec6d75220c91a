import { expect } from 'chai';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ApiClient } from '../../src/cli/api/client.ts';
import { fileEntry } from '../../src/archive/index.ts';
import { SourceArchive } from '../../src/cli/source/pack.ts';
import { sendSource } from '../../src/cli/source/send-source.ts';
import { fail } from '../../src/errors/index.ts';
import { untar } from './untar.ts';

const archive = new SourceArchive(async function* () {
  for (const [name, text] of [
    ['a', 'one'],
    ['b', 'two'],
    ['c', 'one'],
  ] as const) {
    yield fileEntry({ name }, text);
  }
});
const ONE = '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed';

interface Sent {
  readonly route: string;
  readonly source: string | undefined;
  readonly names: string[];
}

/** A controller that answers as told, in turn; what it is given goes to `sent`. */
function controller(sent: Sent[], ...answers: (object | Error)[]): ApiClient {
  const upload = async (route: string, input: { query?: { source?: string } }, body: Readable): Promise<unknown> => {
    sent.push({ route, source: input.query?.source, names: (await untar(await buffer(body))).map(({ name }) => name) });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { upload } as unknown as ApiClient;
}

describe('sending source', () => {
  const operation = { id: 'op' };
  const build = { params: { app: 'shop' }, query: { ref: 'abc' } };

  it('sends the manifest, then each missing content once', async () => {
    const sent: Sent[] = [];
    const answer = await sendSource(controller(sent, { source: 's', missing: [ONE] }, operation), archive, build);
    expect(answer).to.equal(operation);
    expect(sent).to.deep.equal([
      { route: 'sourcesCreate', source: undefined, names: ['a', 'b', 'c'] },
      { route: 'buildsCreate', source: 's', names: [ONE] },
    ]);
  });

  it('sends all of it to a controller that knows no sources', async () => {
    const sent: Sent[] = [];
    await sendSource(
      controller(sent, fail('ROUTE_NOT_FOUND', { path: 'POST /apps/shop/sources' }), operation),
      archive,
      build,
    );
    expect(sent.at(-1)).to.deep.equal({ route: 'buildsCreate', source: undefined, names: ['a', 'b', 'c'] });
  });

  it('sends all of it when the controller has lost something meanwhile', async () => {
    const sent: Sent[] = [];
    await sendSource(
      controller(sent, { source: 's', missing: [] }, fail('SOURCE_INCOMPLETE', {}), operation),
      archive,
      build,
    );
    expect(sent.map(({ names }) => names)).to.deep.equal([['a', 'b', 'c'], [], ['a', 'b', 'c']]);
  });

  it('tells any other refusal', async () => {
    const refused = await sendSource(controller([], fail('APP_NOT_FOUND', { app: 'shop' })), archive, build).catch(
      (error: { code?: string }) => error.code,
    );
    expect(refused).to.equal('APP_NOT_FOUND');
  });
});
