import type { FormationRecord } from '#store';
import { MiB } from '#values/size.ts';
import type { Registries } from '../registry/allowed/registries.ts';
import type { Source } from './source/source.ts';

/** The most that a build may use. A build that reaches a limit is killed, and the error names the limit. */
export interface BuildLimits {
  readonly memoryBytes: number;
  /** Cores; 0.5 is half a core. */
  readonly cpus: number;
  /** Parent control group, in the form that the engine's driver expects; the engine's default when missing. */
  readonly cgroup?: string;
  readonly pids: number;
  /** Disk space for the build's container and cache together. */
  readonly diskBytes: number;
  readonly seconds: number;
  /** Printed by the build. */
  readonly outputBytes: number;
}

export interface BuildInput {
  readonly id: string;
  readonly app: { readonly id: string; readonly name: string };
  readonly source: Source;
  /** `auto`: uses the Dockerfile at the root unless buildpacks are set, otherwise buildpacks. */
  readonly kind: 'auto' | 'buildpacks' | 'dockerfile';
  /** Path within the source; implies kind `dockerfile`. */
  readonly dockerfile?: string | undefined;
  /** Dockerfile stage to build; defaults to the last. */
  readonly target?: string | undefined;
  /** Dockerfile build args; they stay in the image's history. */
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  /** Commit or other name for the source: SOURCE_VERSION in the build. */
  readonly ref?: string | undefined;
  readonly stack: { readonly name: string; readonly buildImage: string; readonly runImage: string };
  /**
   * Buildpacks set on the app, in order. If empty, those of the source, or else the first of the stack that detects it.
   */
  readonly buildpacks: readonly string[];
  /** Config vars: files in ENV_DIR during the build, never in the image. */
  readonly config: Readonly<Record<string, string>>;
  /** Variables for all builds of the cluster; config vars override them. Never in the image either. */
  readonly platformEnv?: Readonly<Record<string, string>>;
  /** The app has no release yet, so app.json's settings for new apps apply. */
  readonly isNew?: boolean;
  readonly clearCache?: boolean | undefined;
  /** Additional PEM certificates that builds trust. */
  readonly caBundle?: Buffer | undefined;
  readonly limits: BuildLimits;
  /** Registries that the build may use besides public ones. */
  readonly registries?: Registries;
  /** npm registry for builds; npm's default if omitted. */
  readonly npmRegistry?: string;
}

export interface BuildResult {
  /** Immutable id, `sha256:…`. */
  readonly image: string;
  readonly tag: string;
  readonly sizeBytes: number;
  readonly kind: 'buildpacks' | 'dockerfile';
  /** Names with the version, commit or digest they were pinned to, for example `nodejs 1.0`. */
  readonly buildpacks: readonly string[];
  /** Command by process type; `null` is the image's own. */
  readonly processTypes: Readonly<Record<string, string | null>>;
  /** Only for a new app. */
  readonly setup?: AppSetup;
}

/** Settings of app.json for a new app. */
export interface AppSetup {
  /** Config vars to add. */
  readonly config: Readonly<Record<string, string>>;
  readonly formation: Readonly<Record<string, FormationRecord>>;
  /** Runs once, after the first release. */
  readonly postdeploy?: string;
}

export const defaultBuildLimits: BuildLimits = {
  memoryBytes: 2048 * MiB,
  cpus: 2,
  pids: 1024,
  diskBytes: 4096 * MiB,
  seconds: 15 * 60,
  outputBytes: 16 * MiB,
};
