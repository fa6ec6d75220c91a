import { failure, lastLines, usage } from '../entry.ts';

export const dockerfiles = {
  BUILD_ARG_INVALID: usage<{ why: string }>(
    (p) => `Invalid build args: ${p.why}.`,
    'Use --build-arg NAME=VALUE; a name consists of letters, digits and underscores.',
  ),
  DOCKERFILE_INVALID: failure<{ line: number; why: string }>(
    422,
    'app',
    (p) => `Line ${p.line} of the Dockerfile is invalid: ${p.why}.`,
  ),
  DOCKERFILE_UNSUPPORTED: failure<{ line: number; what: string }>(
    422,
    'app',
    (p) => `Line ${p.line} of the Dockerfile uses something that builds do not support: ${p.what}.`,
    'Write the step without it; `docs/builds.md` lists what Dockerfiles can use.',
  ),
  DOCKERFILE_LABEL_RESERVED: failure<{ line: number; label: string }>(
    422,
    'app',
    (p) => `Line ${p.line} of the Dockerfile sets the label ${p.label}, which is reserved.`,
    'Use a label that does not start with `mothership.` or `com.docker.`.',
  ),
  DOCKERFILE_STAGE_MISSING: usage<{ stage: string; known: readonly string[] }>(
    (p) => `The Dockerfile has no stage ${p.stage}. Its stages: ${p.known.join(', ') || 'none with a name'}.`,
  ),
  IMAGE_REFUSED: usage<{ image: string; where: string; why: string }>(
    (p) => `Cannot use the image ${p.image} (${p.where}): ${p.why}.`,
    'Use an image of a registry by its name, such as node:22 or ghcr.io/example/app:1. Dockerfiles can also use the ' +
      'build args MOTHERSHIP_RUN_IMAGE and MOTHERSHIP_BUILD_IMAGE.',
  ),
  ADDRESS_PRIVATE: usage<{ host: string; where: string; address?: string }>(
    (p) =>
      `Cannot fetch from ${p.host} (${p.where}): ` +
      `${p.address === undefined ? 'it' : `its address ${p.address}`} is not on the public internet.`,
    (p) => `If it is yours, an admin can allow it: mothership builds:settings:set --allow-registry ${p.host}`,
  ),
  DOCKERFILE_SECRET_MISSING: failure<{ id: string }>(
    422,
    'app',
    (p) => `The Dockerfile requires the secret "${p.id}", but no config var provides it.`,
    (p) => `Set it: mothership config:set ${p.id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}=…`,
  ),
  DOCKERFILE_NO_COMMAND: failure(
    422,
    'app',
    'The image of this Dockerfile has no command to run.',
    'End the Dockerfile with CMD or ENTRYPOINT, or add a Procfile: web: COMMAND',
  ),
  DOCKERFILE_BOX_FAILED: failure<{ why: string; lines: readonly string[] }>(
    502,
    'platform',
    (p) => `Failed to prepare the node to build Dockerfiles: ${p.why}.${lastLines(p.lines)}`,
    'Check that the node can reach its Debian mirror, then deploy again.',
  ),
  DOCKERFILE_NAMESPACES_FORBIDDEN: failure<{ setting: string }>(
    502,
    'platform',
    'The node that builds forbids user namespaces, which Dockerfile builds need.',
    (p) => `An administrator can allow them on the node: sysctl -w ${p.setting}, and the same line in /etc/sysctl.d/`,
  ),
};
