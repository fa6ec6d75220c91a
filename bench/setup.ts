/**
 * `mothership setup` on one machine whose engine has no image, phase by phase, and its removal. Two phases that build
 * images run at a time. Usage: npx tsx bench/setup.ts
 */
import { prepare } from '../test/fixtures/cluster-fixture.ts';
import { cleanup } from '../test/lab/index.ts';
import { report, seconds, type Row } from './report.ts';

const BUDGET_S = 120;

interface Result {
  readonly ms: number;
  readonly phases: readonly { readonly phase: string; readonly ms: number }[];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const machine = await prepare('bench-setup');
try {
  const flags = ['--yes', '--address', machine.node.ip];
  const { ms, phases } = await machine.json<Result>(['setup', ...flags]);
  const again = await timed(() => machine.ok(['setup', ...flags]));
  const gone = await timed(() => machine.ok(['cluster:destroy', '--confirm', 'mothership', '--images']));
  const rows: Row[] = [
    ...phases.map((phase): Row => ({ what: phase.phase, value: seconds(phase.ms), unit: 's' })),
    { what: 'setup without any image', value: seconds(ms), unit: 's', budget: BUDGET_S },
    { what: 'setup again, nothing to do', value: seconds(again), unit: 's' },
    { what: 'cluster:destroy --images', value: seconds(gone), unit: 's' },
  ];
  await report('setup', rows);
} finally {
  await cleanup(machine.node.runId);
}
