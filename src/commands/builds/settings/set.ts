import * as Flags from '@oclif/core/flags';
import type { Body } from '../../../api/index.ts';
import { parseCpus, parseMemory } from '../../../api/size.ts';
import { BuildSettingsCommand } from '../../../cli/parse/build-settings.ts';
import { parseAssignment } from '../../../cli/parse/env-file.ts';
import { fail } from '../../../errors/index.ts';

export default class BuildsSettingsSet extends BuildSettingsCommand {
  static override summary = 'Set something for the builds of all apps';
  static override description =
    "Sets variables that every build gets from now on, as if they were config vars of its app: an app's own config var of the same name goes before, and what runs never has them. Flags set limits of builds. For admins.";
  static override examples = [
    'mothership builds:settings:set PIP_INDEX_URL=https://pypi.example.com/simple GOPROXY=https://go.example.com',
    'mothership builds:settings:set --slots 4 --memory 4G --cpus 2 --timeout 1800',
    'mothership builds:settings:set --cache 100G',
  ];
  static override strict = false;
  static override usage =
    'builds:settings:set [NAME=VALUE...] [--slots N] [--cache SIZE] [--memory SIZE] [--cpus N] [--disk SIZE] [--timeout SECONDS]';
  static override flags = {
    slots: Flags.integer({ description: 'Builds at a time on each builder', helpValue: 'N' }),
    cache: Flags.string({ description: 'What the caches of all apps may take on a node', helpValue: 'SIZE' }),
    memory: Flags.string({ description: 'Memory of a build', helpValue: 'SIZE' }),
    cpus: Flags.string({ description: 'Cores of a build', helpValue: 'N' }),
    disk: Flags.string({ description: 'What a build may write', helpValue: 'SIZE' }),
    timeout: Flags.integer({ description: 'Seconds after which a build is stopped', helpValue: 'SECONDS' }),
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
    await this.change(flags, 'Setting', {
      ...limits,
      env: Object.fromEntries((argv as string[]).map(parseAssignment)),
    });
  }
}

function read(flag: string, text: string | undefined, parse: (text: string) => number | undefined): number | undefined {
  const value = text === undefined ? undefined : parse(text);
  if (text !== undefined && value === undefined)
    throw fail('USAGE_INVALID', {
      why: `--${flag} takes a number such as ${flag === 'cpus' ? '2 or 0.5' : '512M or 4G'}, not "${text}"`,
      command: 'builds:settings:set',
    });
  return value;
}
