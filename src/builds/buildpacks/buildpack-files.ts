import { fail } from '#errors';
import { BUILD_SSH_KEY, privateKeyFile } from '#values/build-ssh-key.ts';
import type { BuildPlan } from './build-plan.ts';
import type { BuildpackReference } from './buildpack-reference.ts';
import type { SmallFile } from '../source/tar-files.ts';

const CONFIG_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface ControlFiles {
  readonly plan: BuildPlan;
  /** "NAME KEY" of existing layers. */
  readonly knownLayers: readonly string[];
  readonly caBundle?: Buffer | undefined;
  readonly test?: boolean | undefined;
}

/**
 * Input of the stack's driver, as files under /build. Secrets are files in a container that is never committed: they
 * are in no environment, command line or layer.
 */
export function controlFiles({ plan, knownLayers, caBundle, test }: ControlFiles): SmallFile[] {
  const { [BUILD_SSH_KEY]: sshKey, ...config } = plan.config;
  const vars = Object.entries(config).map(([key, content]) => {
    if (!CONFIG_KEY.test(key)) throw fail('CONFIG_KEY_INVALID', { key });
    return { name: `env/${key}`, content };
  });
  return [
    ...vars,
    { name: 'in/buildpacks', content: plan.buildpacks.map((buildpack) => `${lineFor(buildpack)}\n`).join('') },
    { name: 'in/known-layers', content: knownLayers.map((line) => `${line}\n`).join('') },
    ...(caBundle ? [{ name: 'in/ca.pem', content: caBundle }] : []),
    ...(sshKey ? [{ name: 'in/ssh-key', content: privateKeyFile(sshKey) }] : []),
    ...(test ? [{ name: 'in/test', content: plan.testCommand ?? '' }] : []),
  ];
}

/** Format read by the driver's lib/fetch.sh; no field contains a space. */
function lineFor(buildpack: BuildpackReference): string {
  const { kind, name } = buildpack;
  const bundled = kind === 'stack' ? buildpack.bundled : '-';
  const ref = kind === 'git' ? buildpack.ref : undefined;
  return [kind, name, bundled, buildpack.url ?? '-', ref ?? '-'].join(' ');
}
