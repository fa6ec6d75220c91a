import { failure, usage } from '../entry.ts';

export const dockerfiles = {
  BUILD_ARG_INVALID: usage<{ why: string }>(
    (p) => `Invalid build args: ${p.why}.`,
    'Use --build-arg NAME=VALUE; a name consists of letters, digits and underscores.',
  ),
  DOCKERFILE_SECRET_MISSING: failure<{ id: string }>(
    422,
    'app',
    (p) => `The Dockerfile requires the secret "${p.id}", but no config var provides it.`,
    (p) => `Set it: mothership config:set ${p.id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}=…`,
  ),
  DOCKERFILE_NEEDS_BUILDKIT: failure<{ instruction: string }>(
    422,
    'app',
    (p) => `The Dockerfile uses an instruction that requires BuildKit: ${p.instruction}`,
    "Builds use the engine's classic builder, which enforces limits. Rewrite the step without " +
      'it; `--mount=type=cache` and `--link` are accepted but ignored.',
  ),
};
