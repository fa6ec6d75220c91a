import type { FormationRecord } from '../store/index.ts';
import type { Source } from './source/source.ts';

/** The most that a build may use. A build that reaches a limit is killed, and the error names the limit. */
export interface BuildLimits {
  readonly memoryBytes: number;
  /** Cores; 0.5 is half of one. */
  readonly cpus: number;
  /** Parent control group, in the form that the engine's driver expects; the engine's default when missing. */
  readonly cgroup?: string;
  readonly pids: number;
  /** Written by the build in its container and its cache together. */
  readonly diskBytes: number;
  readonly seconds: number;
  /** Printed by the build. */
  readonly outputBytes: number;
}

export interface BuildInput {
  readonly id: string;
  readonly app: { readonly id: string; readonly name: string };
  readonly source: Source;
  /** `auto`: a Dockerfile at the root builds by the engine unless buildpacks are set, anything else by buildpacks. */
  readonly kind: 'auto' | 'buildpacks' | 'dockerfile';
  /** Path within the source; implies kind `dockerfile`. */
  readonly dockerfile?: string | undefined;
  /** Of a Dockerfile: the stage to build; the last when missing. */
  readonly target?: string | undefined;
  /** Of a Dockerfile; they end up in the image's history. */
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  /** Commit or other name of the source: SOURCE_VERSION in the build. */
  readonly ref?: string | undefined;
  readonly stack: { readonly name: string; readonly buildImage: string; readonly runImage: string };
  /** The app's own setting, in this order; empty: what the source says, else the first of the stack's own that detects the app. */
  readonly buildpacks: readonly string[];
  /** Config vars: files in ENV_DIR during the build, never in the image. */
  readonly config: Readonly<Record<string, string>>;
  /** Variables of all the cluster's builds, where config vars do not say otherwise; likewise. */
  readonly platformEnv?: Readonly<Record<string, string>>;
  /** The app has no release yet: what app.json says of new apps counts. */
  readonly isNew?: boolean;
  readonly clearCache?: boolean | undefined;
  /** PEM certificates that builds trust beside the usual ones. */
  readonly caBundle?: Buffer | undefined;
  readonly limits: BuildLimits;
  /** npm registry that builds use; npm's own default when missing. */
  readonly npmRegistry?: string;
}

export interface BuildResult {
  /** Immutable id, `sha256:…`. */
  readonly image: string;
  readonly tag: string;
  readonly sizeBytes: number;
  readonly kind: 'buildpacks' | 'dockerfile';
  /** Names with what they were pinned to: a version, a commit or a digest, e.g. `nodejs 1.0`. */
  readonly buildpacks: readonly string[];
  /** Command by process type; `null` is the image's own. */
  readonly processTypes: Readonly<Record<string, string | null>>;
  /** Of a new app. */
  readonly setup?: AppSetup;
}

/** What an app's app.json says of it when it is new. */
export interface AppSetup {
  /** Config vars to add. */
  readonly config: Readonly<Record<string, string>>;
  readonly formation: Readonly<Record<string, FormationRecord>>;
  /** Runs once, after the first release. */
  readonly postdeploy?: string;
}

const MiB = 1024 * 1024;

export const defaultBuildLimits: BuildLimits = {
  memoryBytes: 2048 * MiB,
  cpus: 2,
  pids: 1024,
  diskBytes: 4096 * MiB,
  seconds: 15 * 60,
  outputBytes: 16 * MiB,
};
