import { z } from 'zod';
import { catalogue } from '#errors';
import { contract, type RouteSchemas } from './contract.ts';
import { pathParameter } from './path-parameter.ts';
import { routes, type RouteInfo, type RouteName } from './routes.ts';
import * as apps from './schemas/apps.ts';
import * as operations from './schemas/operations.ts';
import * as ps from './schemas/ps.ts';
import * as releases from './schemas/releases.ts';
import * as router from './schemas/router.ts';

type Json = Record<string, unknown>;

const named = z.registry<{ id: string }>();
const components: Record<string, z.ZodType> = {
  Account: operations.account,
  App: apps.app,
  Build: releases.build,
  Cluster: operations.clusterInfo,
  ConfigVars: apps.configVars,
  Domain: apps.domain,
  Error: operations.errorBody,
  Formation: apps.processFormation,
  LogLine: ps.logLine,
  Operation: operations.operation,
  OperationEvent: operations.operationEvent,
  Release: releases.release,
  RouterReport: router.routerReport,
  RouteTable: router.routeTable,
  Run: ps.run,
  Size: apps.size,
  Task: ps.task,
  Token: operations.token,
  TokenWithValue: operations.tokenWithValue,
};
for (const [id, schema] of Object.entries(components)) named.add(schema, { id });

const streamFailure = z
  .object({ type: z.literal('failed'), error: operations.errorBody })
  .describe('Last line of a stream that failed; unlike an event it has no `n`');

/** Builds the OpenAPI 3.1 document from the route table, the contract and the error catalogue. */
export function openApiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mothership',
      version,
      description:
        'The API of a Mothership controller. Streams are newline-delimited JSON; empty lines are heartbeats.',
    },
    security: [{ token: [] }],
    paths: paths(),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(Object.entries(components).map(([id, schema]) => [id, definition(schema)])),
      responses: errorResponses(),
    },
  };
}

function paths(): Record<string, Json> {
  const byPath: Record<string, Json> = {};
  for (const name of Object.keys(routes) as RouteName[]) {
    const info: RouteInfo = routes[name];
    const path = info.path.replaceAll(/:(\w+)/g, '{$1}');
    byPath[path] = { ...byPath[path], [info.method.toLowerCase()]: operationOf(name, info, contract[name]) };
  }
  return byPath;
}

function operationOf(name: RouteName, info: RouteInfo, schemas: RouteSchemas): Json {
  const parameters = [...pathParameters(info), ...queryParameters(schemas)];
  const requestBody = bodyOf(info, schemas);
  return {
    operationId: name,
    summary: info.summary,
    description: {
      public: 'No token needed.',
      router: 'Requires a router token.',
      deploy: 'Requires a user token, or a deploy token for this app.',
      member: 'Requires a user token.',
      admin: 'Requires an admin token.',
    }[info.access],
    ...(info.access === 'public' ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: { ...successOf(info, schemas), ...errorReferences() },
  };
}

function successOf(info: RouteInfo, schemas: RouteSchemas): Json {
  const json = (description: string): Json => ({
    description,
    content: { 'application/json': { schema: schemaOf(schemas.response) } },
  });
  switch (info.answer ?? 'json') {
    case 'operation':
      return { 202: json("Started: follow the operation's events") };
    case 'poll':
      return { 200: json('News'), 204: { description: 'Nothing has changed' } };
    case 'socket':
      return { 101: { description: 'A WebSocket; `src/api/run-frames.ts` describes its frames' } };
    case 'ndjson':
      return {
        200: {
          description: 'One of these per line',
          content: {
            'application/x-ndjson': { schema: { anyOf: [schemaOf(schemas.response), schemaOf(streamFailure)] } },
          },
        },
      };
    case 'download':
      return {
        200: { description: 'Raw bytes', content: { 'application/x-tar': { schema: schemaOf(schemas.response) } } },
      };
    case 'json':
      return { 200: json('Done') };
  }
}

function pathParameters(info: RouteInfo): Json[] {
  return [...info.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: schemaOf(pathParameter),
  }));
}

/** Describes parameters by their meaning: a number is a number although it is text in a query. */
function queryParameters(schemas: RouteSchemas): Json[] {
  if (!schemas.query) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schemas.query, { io: 'output', override: tidy });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function bodyOf(info: RouteInfo, schemas: RouteSchemas): Json | undefined {
  if (info.upload)
    return { required: true, content: { [info.upload]: { schema: { type: 'string', format: 'binary' } } } };
  if (!schemas.body) return undefined;
  return {
    required: !schemas.body.safeParse({}).success,
    content: { 'application/json': { schema: schemaOf(schemas.body) } },
  };
}

function statuses(): Map<number, string[]> {
  const codes = new Map<number, string[]>();
  for (const [code, { status }] of Object.entries(catalogue))
    if (status >= 400) codes.set(status, [...(codes.get(status) ?? []), code]);
  return new Map([...codes].sort(([a], [b]) => a - b));
}

function errorReferences(): Json {
  return Object.fromEntries(
    [...statuses().keys()].map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
  );
}

function errorResponses(): Json {
  return Object.fromEntries(
    [...statuses()].map(([status, codes]) => [
      `Error${status}`,
      {
        description: codes.join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}

/** Returns a reference if the schema has a name, otherwise its definition. */
function schemaOf(schema: z.ZodType): Json {
  const name = named.get(schema)?.id;
  return name ? { $ref: `#/components/schemas/${name}` } : definition(schema);
}

function definition(schema: z.ZodType): Json {
  const {
    $schema: _draft,
    $defs: shared,
    ...inline
  } = z.toJSONSchema(schema, { metadata: named, io: 'input', override: tidy }) as Json & {
    $defs?: Record<string, Json>;
  };
  const id = named.get(schema)?.id;
  const { id: _id, ...body } = (id && shared?.[id]) || inline;
  return JSON.parse(JSON.stringify(body).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

/** Keeps descriptions, which zod's registry hides, and drops the limits that only say a number is a safe integer. */
function tidy({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const description = z.globalRegistry.get(zodSchema)?.description;
  if (description) jsonSchema.description = description;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  delete jsonSchema.readOnly;
}
