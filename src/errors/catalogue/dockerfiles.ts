import { failure, usage } from '../entry.ts';

export const dockerfiles = {
  BUILD_ARG_INVALID: usage<{ why: string }>(
    (p) => `The build args cannot be used: ${p.why}.`,
    () => 'Write --build-arg NAME=VALUE; a name has letters, digits and underscores.',
  ),
  DOCKERFILE_SECRET_MISSING: failure<{ id: string }>(
    422,
    'app',
    (p) => `The Dockerfile requires the secret "${p.id}", and no config var has it.`,
    (p) => `Set it: mothership config:set ${p.id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}=…`,
  ),
  DOCKERFILE_NEEDS_BUILDKIT: failure<{ instruction: string }>(
    422,
    'app',
    (p) => `The Dockerfile has an instruction that only BuildKit understands: ${p.instruction}`,
    () =>
      "Builds run in the engine's classic builder, which keeps them within limits. Write it without; `--mount=type=cache` and `--link` are taken and do nothing.",
  ),
};
