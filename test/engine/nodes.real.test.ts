import { dockerEngine } from '../../src/engine/index.ts';
import { BASE_IMAGE, cleanup, newRunId, startNode } from '../lab/index.ts';
import { nodeContract, type Pair } from './nodes.contract.ts';

const nothing = (): void => {};

describe('an engine next to another', function () {
  this.timeout(120_000);
  const runId = newRunId();
  let pair: Pair;

  before(async function () {
    this.timeout(600_000);
    const [first, second] = [await startNode({ name: 'manager', runId }), await startNode({ name: 'other', runId })];
    for (const node of [first, second]) await node.loadImage(BASE_IMAGE);
    const [engine, other] = [first, second].map((node) => dockerEngine({ socketPath: node.socket }));
    pair = {
      manager: { engine: engine!, image: BASE_IMAGE, teachProgram: nothing, teachService: nothing },
      other: other!,
      address: { manager: first.ip, other: second.ip },
    };
    await engine!.initSwarm({ advertiseAddress: first.ip });
  });

  after(() => cleanup(runId));

  nodeContract(() => pair);
});
