import type { Config } from '@oclif/core/config';
import type { CliConfig, CommandSet } from './command-table.ts';
import type { Io } from './io.ts';

/**
 * The parts of oclif's Config that its Command, parser and help need, without finding plugins and reading package
 * files, which would dominate start-up time.
 */
export function createCliConfig(io: Io, commands: CommandSet, version: string): CliConfig {
  const userAgent = `mothership/${version} ${process.platform}-${process.arch} node-${process.version}`;
  const oclif = {
    bin: 'mothership',
    name: 'mothership',
    version,
    userAgent,
    topicSeparator: ':',
    platform: process.platform,
    shell: '',
    plugins: new Map(),
    pjson: { name: 'mothership', version, oclif: {} },
    runHook: () => Promise.resolve({ successes: [], failures: [] }),
    scopedEnvVar: () => undefined,
    scopedEnvVarKey: (key: string) => `MOTHERSHIP_${key}`,
    scopedEnvVarKeys: (key: string) => [`MOTHERSHIP_${key}`],
    scopedEnvVarTrue: () => false,
  };
  return { io, commands, version, userAgent, oclif: oclif as unknown as Config };
}
