import * as Flags from '@oclif/core/flags';
import type { Body } from '#api';
import { parseCpus, parseMemory } from '#values/size.ts';
import { BuildSettingsCommand } from '#cli/parse/build-settings.ts';
import { parseAssignment } from '#cli/parse/env-file.ts';
import { readAll } from '#cli/parse/input.ts';
import { ask } from '#cli/output/prompts.ts';
import { fail } from '#errors';
import { Secret } from '#events';

export default class BuildsSettingsSet extends BuildSettingsCommand {
  static override summary = 'Change the settings for builds of all apps';
  static override description =
    "Sets variables for every build, as if they were config vars of the app; an app's own " +
    'config var of the same name wins. Running processes never get them. Flags set build ' +
    'limits, and which registries builds may use at private addresses, with which credentials. The password of a ' +
    'registry is prompted for or read from stdin; it is never an argument and never shown. Requires an admin token.';
  static override examples = [
    'mothership builds:settings:set PIP_INDEX_URL=https://pypi.example.com/simple GOPROXY=https://go.example.com',
    'mothership builds:settings:set --slots 4 --memory 4G --cpus 2 --timeout 1800',
    'mothership builds:settings:set --cache 100G',
    'mothership builds:settings:set --allow-registry registry.internal:5000',
    'echo "robot:$PASSWORD" | mothership builds:settings:set --registry-login ghcr.io --credentials-stdin',
  ];
  static override strict = false;
  static override usage =
    'builds:settings:set [NAME=VALUE...] [--slots N] [--cache SIZE] [--memory SIZE] [--cpus ' +
    'N] [--disk SIZE] [--timeout SECONDS] [--allow-registry HOST[:PORT]] [--disallow-registry HOST[:PORT]] ' +
    '[--registry-login HOST] [--registry-logout HOST]';
  static override flags = {
    slots: Flags.integer({ description: 'Concurrent builds per builder', helpValue: 'N' }),
    cache: Flags.string({ description: "Total size of all apps' caches on a node", helpValue: 'SIZE' }),
    memory: Flags.string({ description: 'Memory per build', helpValue: 'SIZE' }),
    cpus: Flags.string({ description: 'CPUs per build', helpValue: 'N' }),
    disk: Flags.string({ description: 'Disk space per build', helpValue: 'SIZE' }),
    timeout: Flags.integer({ description: 'Build timeout in seconds', helpValue: 'SECONDS' }),
    'allow-registry': Flags.string({
      description: 'Let builds use this registry or server although its address is private. Can be repeated',
      helpValue: 'HOST[:PORT]',
      multiple: true,
    }),
    'disallow-registry': Flags.string({
      description: 'Undo --allow-registry. Can be repeated',
      helpValue: 'HOST[:PORT]',
      multiple: true,
    }),
    'registry-login': Flags.string({
      description: 'Give builds credentials for this registry; prompts for user and password',
      helpValue: 'HOST[:PORT]',
    }),
    'registry-logout': Flags.string({
      description: 'Remove the credentials for this registry. Can be repeated',
      helpValue: 'HOST[:PORT]',
      multiple: true,
    }),
    'credentials-stdin': Flags.boolean({
      description: 'Read USER:PASSWORD for --registry-login from stdin',
      dependsOn: ['registry-login'],
    }),
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
      registries: named(flags['allow-registry'], flags['disallow-registry'], true as const),
      registryLogins: {
        ...named([], flags['registry-logout'], null),
        ...(await this.#login(flags['registry-login'], flags['credentials-stdin'])),
      },
    });
  }

  async #login(host: string | undefined, fromStdin: boolean): Promise<NonNullable<Login>> {
    if (host === undefined) return {};
    const flag = '--credentials-stdin';
    const given = fromStdin
      ? new Secret((await readAll(this.io.stdin)).replace(/\r?\n$/, ''))
      : new Secret(
          [
            await ask(this.io, { kind: 'text', message: `User at ${host}:`, flag }),
            await ask(this.io, { kind: 'secret', message: `Password at ${host}:`, flag }),
          ].join(':'),
        );
    const colon = given.reveal().indexOf(':');
    const [user, password] = [given.reveal().slice(0, Math.max(colon, 0)), given.reveal().slice(colon + 1)];
    if (user === '' || password === '')
      throw fail('USAGE_INVALID', { why: 'Credentials must be USER:PASSWORD', command: 'builds:settings:set' });
    return { [host.toLowerCase()]: { user, password } };
  }
}

type Login = Body<'buildSettingsUpdate'>['registryLogins'];

/** Names of registries compare in lower case. */
function named<T>(set: readonly string[] = [], unset: readonly string[] = [], value: T): Record<string, T | null> {
  return Object.fromEntries([
    ...set.map((host) => [host.toLowerCase(), value] as const),
    ...unset.map((host) => [host.toLowerCase(), null] as const),
  ]);
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
