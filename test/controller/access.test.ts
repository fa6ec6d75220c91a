import { expect } from 'chai';
import { routes, type Access, type RouteInfo, type RouteName } from '../../src/api/index.ts';
import { authorization, furnish, request, rig, type Furniture, type Identity, type Rig } from './controller.ts';
import { tokenIds, tokens } from './tokens.ts';

const identities: Identity[] = ['nobody', 'wrong', 'revoked', 'deployer', 'stranger', 'member', 'admin', 'router'];

/** What access means, written a second time and by hand. */
const verdicts: Record<Access, Record<Identity, 'in' | 401 | 403>> = {
  public: {
    nobody: 'in',
    wrong: 'in',
    revoked: 'in',
    deployer: 'in',
    stranger: 'in',
    member: 'in',
    admin: 'in',
    router: 'in',
  },
  deploy: {
    nobody: 401,
    wrong: 401,
    revoked: 401,
    deployer: 'in',
    stranger: 403,
    member: 'in',
    admin: 'in',
    router: 403,
  },
  member: {
    nobody: 401,
    wrong: 401,
    revoked: 401,
    deployer: 403,
    stranger: 403,
    member: 'in',
    admin: 'in',
    router: 403,
  },
  admin: { nobody: 401, wrong: 401, revoked: 401, deployer: 403, stranger: 403, member: 403, admin: 'in', router: 403 },
  router: {
    nobody: 401,
    wrong: 401,
    revoked: 401,
    deployer: 403,
    stranger: 403,
    member: 403,
    admin: 403,
    router: 'in',
  },
};
const openToAll = ['health', 'openapi'];
/** What `mothership deploy` and `builds` call; but for the first, only about the one app. */
const forDeployers = [
  'account',
  'appsInfo',
  'buildsCreate',
  'sourcesCreate',
  'buildsList',
  'buildsInfo',
  'buildsOutput',
  'buildsCancel',
  'operationsInfo',
  'operationsEvents',
  'operationsCancel',
];
const forAdmins = [
  'tokensList',
  'tokensCreate',
  'tokensRevoke',
  'nodesUpdate',
  'nodesDrain',
  'nodesRemove',
  'nodesRebalance',
  'nodesJoin',
  'stackUpdateAll',
  'buildSettingsInfo',
  'buildSettingsUpdate',
  'backupCreate',
  'backupRestore',
];

describe('access to the API', () => {
  /** For requests that change nothing. */
  let shared: Rig;
  let furniture: Furniture;
  before(async () => {
    shared = await revokedRig();
    furniture = await furnish(shared);
  });
  after(() => shared.close());

  it('is public for health and the document, admins only for tokens, backups, settings and changes of nodes, routers only for polling, and users for all else', () => {
    for (const [name, { access }] of Object.entries(routes)) {
      const expected = openToAll.includes(name)
        ? 'public'
        : forAdmins.includes(name)
          ? 'admin'
          : forDeployers.includes(name)
            ? 'deploy'
            : name === 'routerPoll'
              ? 'router'
              : 'member';
      expect(access, name).to.equal(expected);
    }
  });

  for (const name of Object.keys(routes) as RouteName[]) {
    const verdictOn = (identity: Identity): 'in' | 401 | 403 =>
      identity === 'stranger' && name === 'account' ? 'in' : verdicts[routes[name].access][identity];
    const refused = identities.filter((identity) => verdictOn(identity) !== 'in');

    if (refused.length > 0) {
      it(`keeps ${refused.join(', ')} out: ${name}`, async () => {
        const before = await stateOf(shared);
        for (const identity of refused) {
          shared.calls.length = 0;
          const answer = await request(shared, name, identity, furniture);
          expect(answer.statusCode, identity).to.equal(verdictOn(identity));
          expect(answer.json(), identity).to.include({
            code: verdictOn(identity) === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN',
          });
          // To know whose an operation is, one has to look.
          const looks = identity === 'stranger' && name.startsWith('operations') && routes[name].access === 'deploy';
          expect(shared.calls, identity).to.deep.equal(looks ? ['operations.info'] : []);
          expect(shared.log()).not.to.contain(authorization(identity).authorization ?? 'Bearer');
        }
        expect(await stateOf(shared)).to.equal(before);
      });
    }

    for (const identity of identities.filter((each) => verdictOn(each) === 'in')) {
      it(`lets ${identity} in: ${name}`, async () => {
        const own = routes[name].method === 'GET' ? undefined : await revokedRig();
        const [rigged, given] = own ? [own, await furnish(own)] : [shared, furniture];
        const answer = await request(rigged, name, identity, given);
        // A terminal wants a WebSocket: access to that is tested with the terminals. The build here has ended, and no
        // release has failed.
        const isTooLate = name === 'buildsCancel' || name === 'releasesRetry';
        const refusal = (routes[name] as RouteInfo).answer === 'socket' ? 426 : isTooLate ? 409 : undefined;
        const good = refusal === undefined ? [200, 202] : [refusal];
        expect(answer.statusCode, answer.body).to.be.oneOf(good);
        expect(rigged.log()).not.to.contain(authorization(identity).authorization ?? 'Bearer');
        await own?.close();
      });
    }
  }

  it('answers a missing, a wrong, a revoked and a malformed token alike', async () => {
    const { app } = shared;
    const headers = [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${tokens.revoked}` },
      { authorization: 'Basic YTpi' },
      { authorization: 'Bearer a b' },
      { authorization: `Bearer ${'x'.repeat(5000)}` },
    ];
    const answers = await Promise.all(headers.map((each) => app.inject({ url: '/apps', headers: each })));
    expect(
      new Set(
        answers.map((answer) => `${answer.statusCode} ${String(answer.headers['www-authenticate'])} ${answer.body}`),
      ),
    ).to.have.length(1);
    expect(answers[0]?.statusCode).to.equal(401);
  });

  it("lets a token that deploys an app see that app's deploys only, not its other operations", async () => {
    const rigged = await rig();
    const { app, platform } = rigged;
    const { operation, config, build } = await furnish(rigged);
    const asDeployer = (url: string): Promise<number> =>
      app.inject({ url, headers: authorization('deployer') }).then(({ statusCode }) => statusCode);
    expect((await platform.operations.info(config)).kind).to.equal('config');
    expect(await asDeployer(`/operations/${config}`)).to.equal(403);
    expect(await asDeployer(`/operations/${config}/events`)).to.equal(403);
    expect(await asDeployer(`/operations/${operation}`)).to.equal(200);
    const cancel = (url: string): Promise<number> =>
      app.inject({ method: 'POST', url, headers: authorization('deployer') }).then(({ statusCode }) => statusCode);
    expect(await cancel(`/operations/${config}/cancel`)).to.equal(403);
    expect(await cancel(`/operations/${operation}/cancel`)).to.equal(200);
    expect(await cancel(`/apps/blog/builds/${build}/cancel`)).to.equal(403);
    expect(await asDeployer('/apps/blog')).to.equal(403);
    expect(await asDeployer('/apps/nowhere')).to.equal(403);
    await rigged.close();
  });

  it('lets only admins cancel what only admins may begin', async () => {
    const rigged = await rig();
    const post = (url: string, identity: 'admin' | 'member') =>
      rigged.app.inject({ method: 'POST', url, headers: authorization(identity), payload: {} });
    const { config } = await furnish(rigged);
    const { id } = (await post('/nodes/rebalance', 'admin')).json<{ id: string }>();
    const refused = await post(`/operations/${id}/cancel`, 'member');
    expect([refused.statusCode, refused.json<{ code: string }>().code]).to.deep.equal([403, 'FORBIDDEN']);
    expect((await post(`/operations/${id}/cancel`, 'admin')).statusCode).to.equal(200);
    expect((await post(`/operations/${config}/cancel`, 'member')).statusCode).to.equal(200);
    await rigged.close();
  });

  it('does not take a token from the query', async () => {
    const query = `token=${tokens.admin}&access_token=${tokens.admin}`;
    expect((await shared.app.inject(`/apps?${query}`)).statusCode).to.equal(401);
  });

  it('refuses a token from the moment it is revoked', async () => {
    const { app } = shared;
    const { value, id } = (
      await app.inject({ method: 'POST', url: '/tokens', headers: authorization('admin'), payload: { user: 'bob' } })
    ).json<{ value: string; id: string }>();
    const asBob = { url: '/account', headers: { authorization: `Bearer ${value}` } };
    expect((await app.inject(asBob)).json()).to.include({ user: 'bob', role: 'member' });
    await app.inject({ method: 'DELETE', url: `/tokens/${id}`, headers: authorization('admin') });
    expect((await app.inject(asBob)).statusCode).to.equal(401);
  });
});

async function revokedRig(): Promise<Rig> {
  const rigged = await rig();
  await rigged.platform.tokens.revoke(tokenIds.revoked);
  return rigged;
}

/** All that a cluster keeps. */
async function stateOf({ world }: Rig): Promise<string> {
  const [configs, services, nodes] = [world.engine.configs({}), world.engine.services({}), world.engine.nodes()];
  return JSON.stringify(await Promise.all([configs, services, nodes]));
}
