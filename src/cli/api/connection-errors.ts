import { isMothershipError } from '#errors';

/**
 * Whether retrying soon may help: the connection broke, or the router responds for a controller that is being moved.
 */
export function isPassing(error: unknown): boolean {
  if (isMothershipError(error, 'CONTROLLER_STOPPING') || isMothershipError(error, 'QUORUM_LOST') || isAway(error))
    return true;
  const { code, status } = ((error as Error).cause ?? {}) as { code?: string; status?: number };
  if (isMothershipError(error, 'CONTROLLER_STRANGE')) return status !== undefined && [502, 503, 504].includes(status);
  return isMothershipError(error, 'CONTROLLER_UNREACHABLE') && code === 'ECONNRESET';
}

/** Whether a stream broke, rather than ended with an error from the server. */
export function isLoss(error: unknown): boolean {
  return (
    isAway(error) ||
    (['CONTROLLER_UNREACHABLE', 'CONTROLLER_STRANGE', 'CONTROLLER_STOPPING', 'QUORUM_LOST'] as const).some((code) =>
      isMothershipError(error, code),
    )
  );
}

/** The router's response while Swarm restarts a controller. */
function isAway(error: unknown): boolean {
  return isMothershipError(error) && error.code === 'H99';
}

/** Explains why a connection to a cluster failed, as the end of a sentence. */
export function whyUnreachable(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }): string {
  const first = error.errors?.[0] ?? error;
  if (first instanceof SyntaxError) return 'its response is not valid JSON';
  const known: Record<string, string> = {
    ERR_INVALID_CHAR: 'the access token contains a character that no token has',
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'host not found',
    EAI_AGAIN: 'DNS lookup failed; try again',
    ETIMEDOUT: 'timed out',
    ECONNRESET: 'connection reset',
    EHOSTUNREACH: 'no route to host',
    ENETUNREACH: 'network unreachable',
    SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted (set NODE_EXTRA_CA_CERTS to its CA)',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed (set NODE_EXTRA_CA_CERTS to it)',
  };
  return known[first.code ?? ''] ?? (first.message || first.code || 'unknown reason');
}
