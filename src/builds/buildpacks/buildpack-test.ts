import { fail } from '#errors';
import type { BuildpackRun } from './buildpack-run.ts';
import type { BuildOutput } from '../sandbox/output.ts';

/** Builds with `bin/test-compile` and runs `bin/test` in the same sandbox. Returns the exit code of the tests. */
export async function testByBuildpacks(run: BuildpackRun, output: BuildOutput, signal: AbortSignal): Promise<number> {
  await run.prepare();
  const sandbox = await run.sandbox();
  try {
    const exitCode = Number((await run.drive(sandbox, [], output, signal)).get('test') ?? NaN);
    if (!Number.isInteger(exitCode))
      throw fail('BUILD_FAILED', { what: 'its tests did not report a result', lines: output.tail });
    return exitCode;
  } finally {
    await sandbox.remove().catch(() => undefined);
  }
}
