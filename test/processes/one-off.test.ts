import { expect } from 'chai';
import { containerJson } from '../../src/engine/containers/container-spec.ts';
import { planOneOff } from '../../src/processes/one-off.ts';
import { release } from '../rollout/plan.test.ts';

describe('a one-off process', () => {
  const input = {
    ...{ app: { id: 'shop', name: 'shop' }, release, name: 'run.1234', command: ['true'], env: {} },
    ...{ tty: false, stdin: false, size: { memoryBytes: 512 * 2 ** 20, cpus: 1 }, port: 5000, network: 'net' },
  };

  it('keeps at most 30 MB of output on disk, swaps nothing and gains no privileges', () => {
    const { HostConfig } = containerJson(planOneOff(input)) as { HostConfig: Record<string, unknown> };
    expect(HostConfig).to.deep.include({
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      Memory: 512 * 2 ** 20,
      MemorySwap: 512 * 2 ** 20,
      SecurityOpt: ['no-new-privileges'],
    });
  });
});
