import { FakeEngine } from '../fakes/fake-engine.ts';
import { configContract } from './configs.contract.ts';
import { containerContract } from './containers.contract.ts';
import { imageContract } from './images.contract.ts';
import { serviceContract } from './services.contract.ts';
import type { Subject } from './subject.ts';

function fakeSubject(): Subject {
  const engine = new FakeEngine();
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
