import { fail } from '../../errors/index.ts';
import type { BuildPlan } from './build-plan.ts';
import type { BuildpackReference } from './buildpack-reference.ts';
import type { SmallFile } from '../source/tar-files.ts';

const CONFIG_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface ControlFiles {
  readonly plan: BuildPlan;
  /** "NAME KEY" of layers that need not be made again. */
  readonly knownLayers: readonly string[];
  readonly caBundle?: Buffer | undefined;
  readonly test?: boolean | undefined;
}

/**
 * What the stack's driver is told, as files below /build. Secrets go in as files of a container that is never committed:
 * no environment, no command line, no layer has them.
 */
export function controlFiles({ plan, knownLayers, caBundle, test }: ControlFiles): SmallFile[] {
  const vars = Object.entries(plan.config).map(([key, content]) => {
    if (!CONFIG_KEY.test(key)) throw fail('CONFIG_KEY_INVALID', { key });
    return { name: `env/${key}`, content };
  });
  return [
    ...vars,
    { name: 'in/buildpacks', content: plan.buildpacks.map((buildpack) => `${lineFor(buildpack)}\n`).join('') },
    { name: 'in/known-layers', content: knownLayers.map((line) => `${line}\n`).join('') },
    ...(caBundle ? [{ name: 'in/ca.pem', content: caBundle }] : []),
    ...(test ? [{ name: 'in/test', content: plan.testCommand ?? '' }] : []),
  ];
}

/** As the driver's lib/fetch.sh reads it: none of these has a space in it. */
function lineFor(buildpack: BuildpackReference): string {
  const { kind, name } = buildpack;
  const bundled = kind === 'stack' ? buildpack.bundled : '-';
  const ref = kind === 'git' ? buildpack.ref : undefined;
  return [kind, name, bundled, buildpack.url ?? '-', ref ?? '-'].join(' ');
}
