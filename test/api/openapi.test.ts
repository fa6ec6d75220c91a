import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { openApiDocument } from '../../src/api/openapi.ts';
import { routes, type RouteName } from '../../src/api/index.ts';
import { catalogue } from '../../src/errors/index.ts';
import { furnish, lines, request, rig, type Furniture, type Rig } from '../controller/controller.ts';

interface Content {
  readonly content?: Record<string, { schema: object }>;
}
interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, Content & { $ref?: string }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    schemas: Record<string, object>;
    responses: Record<string, { description: string } & Content>;
  };
}
const document = openApiDocument('1.2.3') as unknown as Document;
const ajv = new Ajv2020({ strict: false });
ajv.addSchema({ ...(closed(document) as object), $id: 'api' });

describe('the OpenAPI document', () => {
  /** For requests that change nothing. */
  let shared: Rig;
  let furniture: Furniture;
  before(async () => {
    shared = await rig();
    furniture = await furnish(shared);
  });
  after(() => shared.close());

  it('is served as it is made', async () => {
    expect((await shared.app.inject('/openapi.json')).json()).to.deep.equal(document);
  });

  it('has every route that is served, and no other', async () => {
    const served: string[] = [];
    const rigged = await rig();
    const { app } = rigged;
    app.addHook(
      'onRoute',
      ({ method, url }) => void served.push(`${String(method)} ${url.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    await app.ready();
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented).to.have.members(served);
    expect(served).to.have.length(Object.keys(routes).length);
    await rigged.close();
  });

  it('documents the status of every error for every route', () => {
    for (const [code, { status }] of Object.entries(catalogue)) {
      if (status < 400) continue;
      expect(document.components.responses[`Error${status}`]?.description.split(', '), code).to.include(code);
      for (const { operationId, responses } of operations())
        expect(responses, operationId).to.have.property(String(status));
    }
  });

  it('has no reference that leads nowhere', () => {
    for (const [, pointer] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer!
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      expect(target, pointer).to.be.an('object');
    }
  });

  for (const name of Object.keys(routes) as RouteName[]) {
    it(`describes what ${name} answers`, async () => {
      const own = routes[name].method === 'GET' ? undefined : await rig();
      const [rigged, given] = own ? [own, await furnish(own)] : [shared, furniture];
      const identity = routes[name].access === 'router' ? 'router' : 'admin';
      const answer = await request(rigged, name, identity, given);
      const type = String(answer.headers['content-type']).split(';')[0]!;
      const validate = validator(name, answer.statusCode, type);
      const values =
        type === 'application/x-ndjson'
          ? lines(answer.body)
          : type === 'application/x-tar'
            ? [answer.body]
            : [answer.json<unknown>()];
      expect(values).not.to.have.length(0);
      for (const value of values)
        expect(validate(value), `${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`).to.equal(true);
      await own?.close();
    });

    it(`describes how ${name} fails`, async () => {
      const answer = await request(shared, name, 'nobody', furniture);
      if (routes[name].access === 'public') return void expect(answer.statusCode).to.equal(200);
      expect(validator(name, answer.statusCode, 'application/json')(answer.json())).to.equal(true);
    });
  }

  it('would notice an answer with a field too many, too few or of another type', () => {
    const validate = validator('health', 200, 'application/json');
    expect(validate({ status: 'ok', version: '1' })).to.equal(true);
    expect(validate({ status: 'ok', version: '1', more: 1 })).to.equal(false);
    expect(validate({ status: 'ok' })).to.equal(false);
    expect(validate({ status: 'ok', version: 1 })).to.equal(false);
  });
});

function operations(): Operation[] {
  return Object.values(document.paths).flatMap((methods) => Object.values(methods));
}

function validator(name: RouteName, status: number, type: string): ValidateFunction {
  const path = routes[name].path.replaceAll(/:(\w+)/g, '{$1}');
  const method = routes[name].method.toLowerCase();
  const response = document.paths[path]?.[method]?.responses[String(status)];
  expect(response, `${name} ${status}`).to.be.an('object');
  const keys = response!.$ref
    ? response!.$ref.slice(2).split('/')
    : ['paths', path, method, 'responses', String(status)];
  const pointer = [...keys, 'content', type, 'schema']
    .map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  return ajv.compile({ $ref: `api#/${pointer}` });
}

/** The same document in which objects may have no other fields than the ones described. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  const isSchema = copy.type === 'object' && typeof copy.properties === 'object';
  return isSchema ? { ...copy, additionalProperties: false } : copy;
}
