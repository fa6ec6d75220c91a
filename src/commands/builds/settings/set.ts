import * as Flags from '@oclif/core/flags';
import type { Body } from '#api';
import { parseCpus, parseMemory } from '#values/size.ts';
import { BuildSettingsCommand } from '#cli/parse/build-settings.ts';
import { parseAssignment } from '#cli/parse/env-file.ts';
import { fail } from '#errors';

export default class BuildsSettingsSet extends BuildSettingsCommand {
  static override summary = 'Change the settings for builds of all apps';
  static override description =
    "Sets variables for every build, as if they were config vars of the app; an app's own " +
    'config var of the same name wins. Running processes never get them. Flags set build ' +
    'limits. Requires an admin token.';
  static override examples = [
    'mothership builds:settings:set PIP_INDEX_URL=https://pypi.example.com/simple GOPROXY=https://go.example.com',
    'mothership builds:settings:set --slots 4 --memory 4G --cpus 2 --timeout 1800',
    'mothership builds:settings:set --cache 100G',
  ];
  static override strict = false;
  static override usage =
    'builds:settings:set [NAME=VALUE...] [--slots N] [--cache SIZE] [--memory SIZE] [--cpus ' +
    'N] [--disk SIZE] [--timeout SECONDS]';
  static override flags = {
    slots: Flags.integer({ description: 'Concurrent builds per builder', helpValue: 'N' }),
    cache: Flags.string({ description: "Total size of all apps' caches on a node", helpValue: 'SIZE' }),
    memory: Flags.string({ description: 'Memory per build', helpValue: 'SIZE' }),
    cpus: Flags.string({ description: 'CPUs per build', helpValue: 'N' }),
    disk: Flags.string({ description: 'Disk space per build', helpValue: 'SIZE' }),
    timeout: Flags.integer({ description: 'Build timeout in seconds', helpValue: 'SECONDS' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(BuildsSettingsSet);
    const sizes = {
      cacheBytes: read('cache', flags.cache, parseMemory),
      memoryBytes: read('memory', flags.memory, parseMemory),
      diskBytes: read('disk', flags.disk, parseMemory),
    };
    const given = { slots: flags.slots, ...sizes, cpus: read('cpus', flags.cpus, parseCpus), seconds: flags.timeout };
    const limits: Body<'buildSettingsUpdate'> = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    );
    await this.change('Setting', {
      ...limits,
      env: Object.fromEntries((argv as string[]).map(parseAssignment)),
    });
  }
}

function read(flag: string, text: string | undefined, parse: (text: string) => number | undefined): number | undefined {
  const value = text === undefined ? undefined : parse(text);
  if (text !== undefined && value === undefined)
    throw fail('USAGE_INVALID', {
      why: `--${flag} must be a number such as ${flag === 'cpus' ? '2 or 0.5' : '512M or 4G'}, not "${text}"`,
      command: 'builds:settings:set',
    });
  return value;
}
