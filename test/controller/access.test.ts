import { expect } from 'chai';
import { routes, type Access, type RouteInfo, type RouteName } from '../../src/api/index.ts';
import { alice, authorization, furnish, request, rig, type Identity } from './controller.ts';

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
    for (const identity of identities) {
      const verdict = identity === 'stranger' && name === 'account' ? 'in' : verdicts[routes[name].access][identity];
      it(`${verdict === 'in' ? 'lets' : 'keeps'} ${identity} ${verdict === 'in' ? 'in' : 'out'}: ${name}`, async () => {
        const { app, platform, calls, log } = rig();
        const run = await furnish(platform);
        if (identity === 'revoked') await platform.tokens.revoke('t-revoked');
        const answer = await request(app, name, identity, { run });
        if (verdict === 'in') {
          // A terminal wants a WebSocket: access to that is tested with the terminals.
          expect(answer.statusCode, answer.body).to.be.oneOf(
            (routes[name] as RouteInfo).answer === 'socket' ? [426] : [200, 202],
          );
        } else {
          expect(answer.statusCode).to.equal(verdict);
          expect(answer.json()).to.include({ code: verdict === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN' });
          // To know whose an operation is, one has to look.
          expect(calls).to.deep.equal(
            identity === 'stranger' && name.startsWith('operations') && routes[name].access === 'deploy'
              ? ['operations.info']
              : [],
          );
        }
        expect(log()).not.to.contain(authorization(identity).authorization ?? 'Bearer');
      });
    }
  }

  it('answers a missing, a wrong, a revoked and a malformed token alike', async () => {
    const { app, platform } = rig();
    await platform.tokens.revoke('t-revoked');
    const headers = [
      {},
      { authorization: 'Bearer x' },
      { authorization: 'Bearer revoked-token' },
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
    const { app, platform } = rig();
    await furnish(platform);
    const asDeployer = (url: string): Promise<number> =>
      app.inject({ url, headers: authorization('deployer') }).then(({ statusCode }) => statusCode);
    expect((await platform.operations.info('op-1')).kind).to.equal('config');
    expect(await asDeployer('/operations/op-1')).to.equal(403);
    expect(await asDeployer('/operations/op-1/events')).to.equal(403);
    expect(await asDeployer('/operations/op-2')).to.equal(200);
    const cancel = (url: string): Promise<number> =>
      app.inject({ method: 'POST', url, headers: authorization('deployer') }).then(({ statusCode }) => statusCode);
    expect(await cancel('/operations/op-1/cancel')).to.equal(403);
    expect(await cancel('/operations/op-2/cancel')).to.equal(200);
    expect(await cancel('/apps/blog/builds/b-1/cancel')).to.equal(403);
    await platform.apps.create({ name: 'blog' }, alice);
    expect(await asDeployer('/apps/blog')).to.equal(403);
    expect(await asDeployer('/apps/nowhere')).to.equal(403);
  });

  it('does not take a token from the query', async () => {
    const { app } = rig();
    expect((await app.inject('/apps?token=admin-token&access_token=admin-token')).statusCode).to.equal(401);
  });

  it('refuses a token from the moment it is revoked', async () => {
    const { app } = rig();
    const { value, id } = (
      await app.inject({ method: 'POST', url: '/tokens', headers: authorization('admin'), payload: { user: 'bob' } })
    ).json<{ value: string; id: string }>();
    const asBob = { url: '/account', headers: { authorization: `Bearer ${value}` } };
    expect((await app.inject(asBob)).json()).to.include({ user: 'bob', role: 'member' });
    await app.inject({ method: 'DELETE', url: `/tokens/${id}`, headers: authorization('admin') });
    expect((await app.inject(asBob)).statusCode).to.equal(401);
  });
});
