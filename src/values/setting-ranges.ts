import { BUILD_SSH_KEY } from './build-ssh-key.ts';
import { nearestName } from './edit-distance.ts';
import { own } from './own.ts';

interface Range {
  readonly least: number;
  readonly most: number;
  readonly unit: 'seconds' | 'MB' | 'port';
}

/** Config vars that Mothership reads as numbers. */
export const settingRanges = {
  PORT: { least: 1, most: 65_535, unit: 'port' },
  MOTHERSHIP_BOOT_TIMEOUT: { least: 0.1, most: 600, unit: 'seconds' },
  MOTHERSHIP_DRAIN_TIMEOUT: { least: 0.1, most: 3600, unit: 'seconds' },
  MOTHERSHIP_STOP_TIMEOUT: { least: 0.1, most: 600, unit: 'seconds' },
  MOTHERSHIP_BUILD_MEMORY_MB: { least: 64, most: 16_384, unit: 'MB' },
  MOTHERSHIP_BUILD_DISK_MB: { least: 16, most: 65_536, unit: 'MB' },
  MOTHERSHIP_BUILD_TIMEOUT: { least: 5, most: 7200, unit: 'seconds' },
} as const satisfies Readonly<Record<string, Range>>;

/** Config vars of the platform that are no numbers. */
const TEXTS = ['MOTHERSHIP_BUILDPACKS_URL', BUILD_SSH_KEY];
/** What the command line reads: an app may run it. */
const OF_CLI = ['CONTEXT', 'URL', 'TOKEN', 'BACKUP_PASSPHRASE', 'DEBUG'].map((name) => `MOTHERSHIP_${name}`);

/** Whether a name is one that Mothership keeps for its own settings, but is none of them. */
export function isUnknownSetting(key: string): boolean {
  return key.startsWith('MOTHERSHIP_') && ![...Object.keys(settingRanges), ...TEXTS, ...OF_CLI].includes(key);
}

/** The setting whose name resembles `key` most, if one does. */
export function similarSetting(key: string): string | undefined {
  const settings = [...Object.keys(settingRanges), ...TEXTS].filter((name) => name.startsWith('MOTHERSHIP_'));
  return nearestName(key, settings, 7);
}

/** The number, or undefined outside the setting's range. */
export function readSetting(key: keyof typeof settingRanges, text: string | undefined): number | undefined {
  const { least, most, unit }: Range = settingRanges[key];
  const number = text?.trim() ? Number(text) : NaN;
  const fits = number >= least && number <= most && (unit !== 'port' || Number.isInteger(number));
  return fits ? number : undefined;
}

/** Describes what a config var must be if Mothership reads it as a number and `value` is none of its range. */
export function misfit(key: string, value: string): string | undefined {
  const range = own<Range>(settingRanges, key);
  if (!range || readSetting(key as keyof typeof settingRanges, value) !== undefined) return undefined;
  const { least, most, unit } = range;
  return unit === 'port' ? `a port from ${least} to ${most}` : `a number of ${unit} from ${least} to ${most}`;
}
