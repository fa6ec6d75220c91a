import { z } from 'zod';
import { isReservedLabel, KIND, label } from '#labels.ts';
import { fail } from '#errors';
import { defined } from '#values/defined.ts';

/** An image that a build made, as an engine can load it. */
export interface BuiltImage {
  /** Digests of its uncompressed layers, lowest first. */
  readonly layers: readonly string[];
  /** JSON, whose digest is the image's id. */
  readonly config: string;
  /** What it runs by itself: its entrypoint and command. */
  readonly command: readonly string[];
}

/** Engines cannot stack more. */
const MAX_LAYERS = 127;

const text = z.string().max(64 * 1024);
const texts = z.array(text).max(1000).nullish();
const names = z
  .record(text, z.unknown())
  .nullish()
  .transform((found) => found && Object.fromEntries(Object.keys(found).map((name) => [name, {}])));

/**
 * Docker's image configuration: https://github.com/moby/moby/blob/master/image/spec/v1.2.md. Other keys are dropped.
 */
const schema = z.object({
  architecture: z.string().max(40),
  variant: z.string().max(40).optional(),
  os: z.literal('linux'),
  config: z.object({
    User: text.nullish(),
    ExposedPorts: names,
    Env: texts,
    Entrypoint: texts,
    Cmd: texts,
    Volumes: names,
    WorkingDir: text.nullish(),
    Labels: z.record(text, text).nullish(),
    StopSignal: z.string().max(40).nullish(),
    Shell: texts,
  }),
  rootfs: z.object({
    type: z.literal('layers'),
    diff_ids: z.array(z.string().regex(/^sha256:[0-9a-f]{64}$/)).max(MAX_LAYERS),
  }),
  history: z
    .array(
      z.object({
        created: z.iso.datetime({ offset: true }).optional(),
        created_by: text.optional(),
        comment: text.optional(),
        empty_layer: z.boolean().optional(),
      }),
    )
    .max(1000)
    .nullish(),
});

/**
 * Rebuilds the configuration that a build's container gives from the keys that an app needs. HEALTHCHECK is left out:
 * the platform asks processes itself. Throws DOCKERFILE_FAILED.
 */
export function builtImage(
  json: string,
  { app, created }: { readonly app: string; readonly created: Date },
): BuiltImage {
  const parsed = schema.safeParse(parseJson(json));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail('DOCKERFILE_FAILED', { why: `its image is not valid: ${issue?.path.join('.')}: ${issue?.message}` });
  }
  const { config, rootfs, history, ...platform } = parsed.data;
  const { Labels, ...rest } = config;
  const own = Object.entries(Labels ?? {}).filter(([name]) => !isReservedLabel(name));
  return {
    layers: rootfs.diff_ids,
    command: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    config: JSON.stringify({
      ...platform,
      created: created.toISOString(),
      config: {
        ...defined(Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, value ?? undefined]))),
        Labels: { ...Object.fromEntries(own), [label.kind]: KIND.image, [label.app]: app },
      },
      rootfs,
      ...(history ? { history } : {}),
    }),
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
