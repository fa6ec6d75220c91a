import type { BuildPorts } from './ports.ts';
import { readSetting, type settingRanges } from '#values/setting-ranges.ts';
import { MiB } from '#values/size.ts';
import type { AppRecord, BuildSettingsRecord, ClusterRecord } from '#store';
import type { BuildInput, BuildLimits } from './build.ts';
import { registriesFor } from '../registry/allowed/registries.ts';
import { limitsFrom } from './settings.ts';

type Config = Readonly<Record<string, string>>;
type ClusterInput =
  'app' | 'stack' | 'buildpacks' | 'limits' | 'platformEnv' | 'caBundle' | 'npmRegistry' | 'registries';

/** The part of a build's input that the app and the cluster decide; `config` are the app's config vars. */
export function clusterInput(
  { cluster, caBundle }: Pick<BuildPorts, 'cluster' | 'caBundle'>,
  app: AppRecord,
  config: Config,
  settings: BuildSettingsRecord,
): Pick<BuildInput, ClusterInput> {
  return {
    app,
    stack: { name: app.stack, ...cluster.stacks[app.stack]! },
    buildpacks: app.buildpacks,
    limits: buildLimits(config, limitsFrom(settings)),
    platformEnv: settings.env,
    registries: registriesFor(settings, cluster.registry),
    caBundle,
    ...npmRegistryOf(cluster, settings),
  };
}

/**
 * NPM_CONFIG_REGISTRY of the build settings, else the cluster's npm registry. npm itself lets the app's config var win.
 */
export function npmRegistryOf(
  { npmRegistry }: ClusterRecord,
  { env }: BuildSettingsRecord,
): Pick<BuildInput, 'npmRegistry'> {
  const registry = env['NPM_CONFIG_REGISTRY'] ?? npmRegistry;
  return registry ? { npmRegistry: registry } : {};
}

/** Applies the app's config vars to the cluster's limits, within what a node can support. */
export function buildLimits(config: Config, limits: BuildLimits): BuildLimits {
  const read = (key: keyof typeof settingRanges): number | undefined => readSetting(key, config[key]);
  const memory = read('MOTHERSHIP_BUILD_MEMORY_MB');
  const disk = read('MOTHERSHIP_BUILD_DISK_MB');
  const seconds = read('MOTHERSHIP_BUILD_TIMEOUT');
  return {
    ...limits,
    ...(memory ? { memoryBytes: memory * MiB } : {}),
    ...(disk ? { diskBytes: disk * MiB } : {}),
    ...(seconds ? { seconds } : {}),
  };
}
