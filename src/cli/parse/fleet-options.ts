import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '#events';
import type { CliConfig } from '../program/command-table.ts';
import { contextsFile } from '../session/contexts.ts';
import type { Io } from '../program/io.ts';

/** Facts about this computer for commands that work on a cluster's machines. */
export function fleetOptions(io: Io, cli: CliConfig, cluster: string, host: Host) {
  return {
    env: io.env,
    clock: io.clock,
    host,
    cluster,
    version: cli.version,
    installation: fileURLToPath(import.meta.url),
    folder: dirname(contextsFile(io)),
  };
}
