import { z } from 'zod';
import { jsonFault } from '#values/json-fault.ts';
import { valuesIn } from '#values/json-values.ts';
import { own } from '#values/own.ts';
import { MiB } from '#values/size.ts';
import { DEFAULT_SIZE } from '#apps/formation.ts';
import { isProcessType } from '#apps/procfile.ts';
import { fail } from '#errors';
import type { FormationRecord } from '#store';

const MOST_VALUES = 5000;
const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Heroku's dyno sizes (devcenter.heroku.com/articles/dyno-types) as memory and cores. */
const SIZES: Readonly<Record<string, Pick<FormationRecord, 'memoryBytes' | 'cpus'>>> = {
  'standard-2x': { memoryBytes: 1024 * MiB, cpus: 1 },
  'performance-m': { memoryBytes: 2560 * MiB, cpus: 2 },
  'performance-l': { memoryBytes: 14_336 * MiB, cpus: 8 },
  ...Object.fromEntries(['free', 'eco', 'hobby', 'basic', 'standard-1x'].map((size) => [size, DEFAULT_SIZE])),
};

const variable = z.union([
  z.string().transform((value) => ({ value })),
  z.object({
    value: z.string().optional(),
    required: z.boolean().optional(),
    generator: z.literal('secret').optional(),
  }),
]);
const env = z.record(z.string().regex(KEY, 'is not a valid config var name'), variable);
const addons = z.array(z.union([z.string(), z.object({ plan: z.string() }).transform(({ plan }) => plan)]));
const formation = z.record(
  z.string().refine(isProcessType, 'is not a valid process type'),
  z.object({
    quantity: z.number().int().min(0).max(100).optional(),
    size: z.string().max(40).optional(),
  }),
);

/** The supported parts of Heroku's app.json (devcenter.heroku.com/articles/app-json-schema); others are ignored. */
const schema = z.object({
  env: env.optional(),
  formation: formation.optional(),
  buildpacks: z
    .array(z.object({ url: z.string() }))
    .max(20)
    .optional(),
  scripts: z.object({ postdeploy: z.string().min(1).max(10_000).optional() }).optional(),
  stack: z.string().optional(),
  addons: addons.optional(),
  healthchecks: z.unknown().optional(),
  environments: z
    .object({
      test: z
        .object({
          env: env.optional(),
          scripts: z.object({ test: z.string().min(1).max(10_000).optional() }).optional(),
        })
        .optional(),
    })
    .optional(),
});

export type AppJson = z.output<typeof schema>;
type AppJsonEnv = NonNullable<AppJson['env']>;

/** Returns an empty app.json if there is no file. Throws APP_JSON_INVALID with the offending field. */
export function parseAppJson(text: string | undefined): AppJson {
  if (text === undefined) return {};
  // What stands for other bytes.
  if (text.includes('\uFFFD')) throw fail('APP_JSON_INVALID', { where: 'it', why: 'is not UTF-8 text' });
  if (valuesIn(text) > MOST_VALUES)
    throw fail('APP_JSON_INVALID', { where: 'it', why: `has more than ${MOST_VALUES} values` });
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw fail('APP_JSON_INVALID', { where: 'it', why: `is not JSON: ${jsonFault(text, error).slice(0, 200)}` });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw fail('APP_JSON_INVALID', {
    where: issue.path.map(String).join('.').slice(0, 80) || 'it',
    why: `is invalid: ${issue.message.slice(0, 200)}`,
  });
}

/**
 * Returns the config vars that app.json adds to existing ones. `secret` generates a value. Throws APP_JSON_ENV_MISSING.
 */
export function configFrom(
  wanted: AppJsonEnv,
  config: Readonly<Record<string, string>>,
  secret: () => string,
): Record<string, string> {
  const open = Object.entries(wanted).filter(([key]) => !Object.hasOwn(config, key));
  const valueOf = (variable: AppJsonEnv[string]): string | undefined =>
    'generator' in variable && variable.generator ? secret() : variable.value;
  const values = open.map(
    ([key, variable]) => [key, valueOf(variable), !('required' in variable) || variable.required !== false] as const,
  );
  const missing = values.filter(([, value, required]) => value === undefined && required).map(([key]) => key);
  if (missing.length > 0) throw fail('APP_JSON_ENV_MISSING', { keys: missing });
  return Object.fromEntries(values.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

/** The formation of the first release; unknown sizes become the default. */
export function formationFrom(wanted: NonNullable<AppJson['formation']>): Record<string, FormationRecord> {
  return Object.fromEntries(
    Object.entries(wanted).map(([type, { quantity, size }]) => [
      type,
      { quantity: quantity ?? (type === 'web' ? 1 : 0), ...(own(SIZES, size?.toLowerCase() ?? '') ?? DEFAULT_SIZE) },
    ]),
  );
}

/** Sentences about everything that app.json asks for and does not get. */
export function unmet(manifest: AppJson, stack: string): string[] {
  const unknown = Object.values(manifest.formation ?? {}).flatMap(({ size }) =>
    size && !own(SIZES, size.toLowerCase()) ? [size] : [],
  );
  const plans = manifest.addons ?? [];
  return [
    ...(manifest.stack && manifest.stack !== stack
      ? [`app.json asks for the stack ${manifest.stack}; this app is built on ${stack}.`]
      : []),
    ...(plans.length > 0
      ? [
          `app.json lists add-ons, which are not available here: ${plans.join(', ')}. Run the ` +
            'service elsewhere and set its URL with mothership config:set.',
        ]
      : []),
    ...(manifest.healthchecks === undefined
      ? []
      : ['Ignoring healthchecks in app.json: a web process is ready when it listens on $PORT.']),
    ...(unknown.length > 0
      ? [
          `app.json uses unknown sizes: ${unknown.join(', ')}. Those process types get 512M; change ` +
            'it with mothership ps:type.',
        ]
      : []),
  ];
}
