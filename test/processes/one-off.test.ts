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
    const { HostConfig, ...config } = containerJson(planOneOff(input)) as { HostConfig: Record<string, unknown> };
    expect(config).to.deep.include({ Healthcheck: { Test: ['NONE'] } });
    expect(HostConfig).to.deep.include({
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      Memory: 512 * 2 ** 20,
      MemorySwap: 512 * 2 ** 20,
      SecurityOpt: ['no-new-privileges'],
    });
  });

  it('gives its terminal a size before the program starts', () => {
    const terminal = { columns: 177, rows: 33 };
    const stty = 'stty rows 33 cols 177 2>/dev/null; ';
    expect(planOneOff({ ...input, terminal, command: ['top -b'] }).command).to.deep.equal([`${stty}top -b`]);
    expect(planOneOff({ ...input, terminal, command: ['echo', 'a b'] }).command).to.deep.equal([
      `${stty}exec echo 'a b'`,
    ]);
    const other = { ...release, kind: 'dockerfile' as const };
    expect(planOneOff({ ...input, terminal, release: other }).entrypoint).to.deep.equal([
      '/bin/sh',
      '-c',
      `${stty}true`,
    ]);
  });
});
