import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Operation } from '../../src/api/index.ts';
import { fail } from '../../src/errors/index.ts';
import { Operations } from '../../src/operations/operations.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ID = '0123456789abcdef';

describe('the record of an operation that version 0.1.0 left on disk', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'mothership-operations-'));
    await mkdir(join(dataDir, 'operations'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  async function operationsWith(kind: string, app: string): Promise<Operations> {
    const record = { id: ID, kind, app, by: 'ada', state: 'running', startedAt: '2026-11-23T08:00:00.000Z' };
    const unfinished = { ...record, finishedAt: null, error: null, result: null };
    await writeFile(join(dataDir, 'operations', `${ID}.json`), JSON.stringify(unfinished));
    return new Operations({ dataDir, clock: new FakeClock(Date.parse('2026-11-24T08:00:00Z')), logger: silent });
  }

  const subjects: readonly [string, string, Operation['subject']['kind']][] = [
    ['deploy', 'shop', 'app'],
    ['stack', 'shop', 'app'],
    ['stack', 'all apps', 'apps'],
    ['drain', 'node-2', 'node'],
    ['remove', 'node-2', 'node'],
    ['rebalance', 'the nodes', 'nodes'],
    ['restore', 'my-cluster', 'cluster'],
  ];
  for (const [kind, app, subject] of subjects) {
    it(`says that a ${kind} of ${app} is about: ${subject}`, async () => {
      const operation = await (await operationsWith(kind, app)).info(ID);
      expect(operation.subject).to.deep.equal({ kind: subject, name: app });
      expect(operation).to.include({ kind, by: 'ada', state: 'running' }).and.not.to.have.property('app');
    });
  }

  it('is concluded like any other, and has its subject from then on', async () => {
    const operations = await operationsWith('drain', 'node-2');
    const [left] = await operations.unfinished();
    expect(left?.id).to.equal(ID);
    await operations.conclude(ID, fail('INTERRUPTED', { what: 'the drain of node-2' }));
    const restarted = new Operations({ dataDir, clock: new FakeClock(0), logger: silent });
    expect(await restarted.info(ID)).to.deep.include({ state: 'failed', subject: { kind: 'node', name: 'node-2' } });
  });
});
