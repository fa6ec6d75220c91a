import { Secret } from '#events';
import type { BuildSettingsRecord, ClusterRecord } from '#store';

/** Registries that builds and `deploy --image` may use besides public ones. */
export interface Registries {
  /** Allowed although their addresses are private: `10.0.0.5:5000`. */
  readonly allowed: readonly string[];
  readonly logins: readonly { readonly host: string; readonly user: string; readonly password: Secret }[];
  /** Prefix of the cluster's own images in its registry. */
  readonly own?: string;
}

/** The registries of the settings; `registry` is the cluster's own. */
export function registriesFor(
  { registries = {}, registryLogins = {} }: BuildSettingsRecord,
  registry?: ClusterRecord['registry'],
): Registries {
  return {
    allowed: Object.keys(registries),
    logins: Object.entries(registryLogins).map(([host, { user, password }]) => ({
      host,
      user,
      password: new Secret(password),
    })),
    ...(registry ? { own: registry.prefix } : {}),
  };
}
