import { FakeEngine } from '../fakes/fake-engine.ts';
import { configContract } from './configs.contract.ts';
import { containerContract } from './containers.contract.ts';
import { imageContract } from './images.contract.ts';
import { nodeContract, type Pair } from './nodes.contract.ts';
import { serviceContract } from './services.contract.ts';
import type { Subject } from './subject.ts';

function fakeSubject(engine = new FakeEngine()): Subject {
  engine.imageStore.add('fake');
  return {
    engine,
    image: 'fake',
    teachProgram: (script, program) => engine.program((spec) => spec.command?.[0] === script, program),
    teachService: (name, behaviour) => engine.script(name, behaviour),
  };
}

describe('FakeEngine', () => {
  let subject: Subject;

  beforeEach(() => {
    subject = fakeSubject();
  });

  configContract(() => subject);
  serviceContract(() => subject);
  containerContract(() => subject);
  imageContract(() => subject);
});

describe('a FakeEngine beside another', () => {
  let pair: Pair;
  before(() => {
    const manager = fakeSubject();
    const other = new FakeEngine({ nodes: [], neighbours: [manager.engine as FakeEngine] });
    pair = { manager, other, address: { manager: '10.77.0.1', other: '10.77.0.2' } };
  });

  nodeContract(() => pair);
});
