import { FakeRegistry } from '../fakes/fake-registry.ts';
import { registryContract } from './registry.contract.ts';

describe('FakeRegistry', () => {
  const registry = new FakeRegistry('10.0.0.1:5000');
  registryContract(() => registry);
});
