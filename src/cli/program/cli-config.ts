import type { Config } from '@oclif/core/config';
import type { CliConfig, CommandSet } from './command-table.ts';
import type { Io } from './io.ts';

/**
 * What oclif's Command, parser and help need of its Config, without finding plugins and reading package files: that
 * would be most of the time the program takes to start.
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
