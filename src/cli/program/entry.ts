import { commandTable, topics } from '#commands';
import { summarize } from './command-table.ts';
import { main } from './main.ts';
import { processIo } from './process-io.ts';
import type { CommandSummary } from './command-table.ts';

/** Replaced by the build. An unbuilt checkout loads all commands instead. */
declare const BUILT_SUMMARIES: readonly CommandSummary[] | undefined;
declare const BUILT_VERSION: string | undefined;

const built = typeof BUILT_SUMMARIES === 'undefined' ? undefined : BUILT_SUMMARIES;
const version = typeof BUILT_VERSION === 'undefined' ? '0.0.0' : BUILT_VERSION;
const commands = {
  table: commandTable,
  topics,
  summaries: () => (built ? Promise.resolve(built) : summarize(commandTable)),
};

// The AWS SDK would warn about Node versions it still supports, in the middle of progress output.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe, such as head, has closed it.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
void main(process.argv.slice(2), processIo(), commands, version).then((code) => {
  process.exitCode = code;
  // A background program such as git must not keep this process alive.
  setTimeout(() => process.exit(), 1_000).unref();
});
