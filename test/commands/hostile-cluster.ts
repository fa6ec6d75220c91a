import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { contract } from '../../src/api/contract.ts';
import { timestamp } from '../../src/api/schemas/apps.ts';
import { routes, type RouteInfo, type RouteName } from '../../src/api/index.ts';

/** A window title, a cleared screen, a color, C1 controls, an override of direction, and lines that pose as others. */
export const HOSTILE = 'evil\x1b]0;title\x07\x1b[2J\x1b[45mx\x9b2J\x85\u202ey\r\x01\x7f\x08\nposing';

/** What a program wrote keeps its colors on a terminal. */
const LINE = HOSTILE.replace('\x1b[45m', '');

type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
};

/** A controller that answers every route as the contract says, with `HOSTILE` wherever it allows any text. */
export class HostileCluster {
  readonly #server: Server;
  readonly #refuses: boolean;

  private constructor(refuses: boolean) {
    this.#refuses = refuses;
    this.#server = createServer((request, response) => {
      request.resume();
      this.#answer(find(request.method!, request.url!.split('?')[0]!), response);
    });
  }

  /** With `refuses`, every answer is an error and every operation fails. */
  static async start({ refuses }: { refuses: boolean }): Promise<HostileCluster> {
    const cluster = new HostileCluster(refuses);
    await new Promise<void>((listening) => cluster.#server.listen(0, '127.0.0.1', listening));
    return cluster;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #answer(name: RouteName | undefined, response: ServerResponse): void {
    const { answer } = (name ? routes[name] : {}) as RouteInfo;
    const error = { code: 'CONFIG_INVALID', message: HOSTILE, suggestion: HOSTILE, ref: HOSTILE };
    if (!name || answer === 'socket' || (this.#refuses && answer !== 'operation' && answer !== 'ndjson'))
      return void response.writeHead(422).end(JSON.stringify(error));
    const schema = z.toJSONSchema(contract[name].response, { io: 'output', unrepresentable: 'any' }) as Schema;
    if (answer !== 'ndjson') return void response.writeHead(200).end(JSON.stringify(valueOf(schema)));
    const lines = (schema.oneOf ?? schema.anyOf ?? [schema]).map(valueOf) as { type?: string }[];
    const ended = this.#refuses ? 'done' : 'failed';
    response.writeHead(200).end(
      lines
        .filter(({ type }) => type !== ended)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
  }
}

function find(method: string, path: string): RouteName | undefined {
  const names = Object.keys(routes) as RouteName[];
  const matching = names.filter((name) => {
    const pattern = routes[name].path.replaceAll(/:\w+/g, '[^/]+');
    return routes[name].method === method && new RegExp(`^${pattern}$`).test(path);
  });
  return matching.sort((a, b) => routes[a].path.split(':').length - routes[b].path.split(':').length)[0];
}

function valueOf(schema: Schema): unknown {
  const variant = (schema.anyOf ?? schema.oneOf)?.find(({ type }) => type !== 'null');
  if (variant) return valueOf(variant);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'string')
    return schema.description === timestamp.description ? '2026-03-01T09:30:00.123Z' : HOSTILE;
  if (schema.type === 'number' || schema.type === 'integer') return 1;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array') return [valueOf(schema.items ?? {})];
  if (schema.type === 'object') return objectOf(schema);
  return HOSTILE;
}

function objectOf({ properties = {}, additionalProperties }: Schema): object {
  const known = Object.entries(properties).map(
    ([key, schema]) => [key, key === 'line' ? LINE : valueOf(schema)] as const,
  );
  const free = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return Object.fromEntries([
    ...known,
    ...(free
      ? [
          [HOSTILE, valueOf(free)],
          ['KEY', valueOf(free)],
        ]
      : []),
  ]);
}
