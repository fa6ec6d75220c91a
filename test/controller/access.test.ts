import { expect } from 'chai';
import { routes, type Access, type RouteInfo, type RouteName } from '../../src/api/index.ts';
import { authorization, furnish, request, rig, type Identity } from './controller.ts';

const identities: Identity[] = ['nobody', 'wrong', 'revoked', 'member', 'admin', 'router'];

/** What access means, written a second time and by hand. */
const verdicts: Record<Access, Record<Identity, 'in' | 401 | 403>> = {
  public: { nobody: 'in', wrong: 'in', revoked: 'in', member: 'in', admin: 'in', router: 'in' },
  member: { nobody: 401, wrong: 401, revoked: 401, member: 'in', admin: 'in', router: 403 },
  admin: { nobody: 401, wrong: 401, revoked: 401, member: 403, admin: 'in', router: 403 },
  router: { nobody: 401, wrong: 401, revoked: 401, member: 403, admin: 403, router: 'in' },
};
const openToAll = ['health', 'openapi'];
const forAdmins = ['tokensList', 'tokensCreate', 'tokensRevoke', 'nodesUpdate', 'nodesDrain', 'nodesRemove', 'nodesRebalance', 'nodesJoin', 'backupCreate', 'backupRestore'];

describe('access to the API', () => {
  it('is public for health and the document, admins only for tokens, backups and changes of nodes, routers only for polling, and users for all else', () => {
    for (const [name, { access }] of Object.entries(routes)) {
      const expected = openToAll.includes(name) ? 'public' : forAdmins.includes(name) ? 'admin' : name === 'routerPoll' ? 'router' : 'member';
      expect(access, name).to.equal(expected);
    }
  });

  for (const name of Object.keys(routes) as RouteName[]) {
    for (const identity of identities) {
      const verdict = verdicts[routes[name].access][identity];
      it(`${verdict === 'in' ? 'lets' : 'keeps'} ${identity} ${verdict === 'in' ? 'in' : 'out'}: ${name}`, async () => {
        const { app, platform, calls, log } = rig();
        const run = await furnish(platform);
        if (identity === 'revoked') await platform.tokens.revoke('t-revoked');
        const answer = await request(app, name, identity, { run });
        if (verdict === 'in') {
          // A terminal wants a WebSocket: access to that is tested with the terminals.
          expect(answer.statusCode, answer.body).to.be.oneOf((routes[name] as RouteInfo).answer === 'socket' ? [426] : [200, 202]);
        } else {
          expect(answer.statusCode).to.equal(verdict);
          expect(answer.json()).to.include({ code: verdict === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN' });
          expect(calls).to.deep.equal([]);
        }
        expect(log()).not.to.contain(authorization(identity).authorization ?? 'Bearer');
      });
    }
  }

  it('answers a missing, a wrong, a revoked and a malformed token alike', async () => {
    const { app, platform } = rig();
    await platform.tokens.revoke('t-revoked');
    const headers = [{}, { authorization: 'Bearer x' }, { authorization: 'Bearer revoked-token' }, { authorization: 'Basic YTpi' }, { authorization: 'Bearer a b' }, { authorization: `Bearer ${'x'.repeat(5000)}` }];
    const answers = await Promise.all(headers.map((each) => app.inject({ url: '/apps', headers: each })));
    expect(new Set(answers.map((answer) => `${answer.statusCode} ${String(answer.headers['www-authenticate'])} ${answer.body}`))).to.have.length(1);
    expect(answers[0]?.statusCode).to.equal(401);
  });

  it('does not take a token from the query', async () => {
    const { app } = rig();
    expect((await app.inject('/apps?token=admin-token&access_token=admin-token')).statusCode).to.equal(401);
  });

  it('refuses a token from the moment it is revoked', async () => {
    const { app } = rig();
    const { value, id } = (await app.inject({ method: 'POST', url: '/tokens', headers: authorization('admin'), payload: { user: 'bob' } })).json<{ value: string; id: string }>();
    const asBob = { url: '/account', headers: { authorization: `Bearer ${value}` } };
    expect((await app.inject(asBob)).json()).to.include({ user: 'bob', role: 'member' });
    await app.inject({ method: 'DELETE', url: `/tokens/${id}`, headers: authorization('admin') });
    expect((await app.inject(asBob)).statusCode).to.equal(401);
  });
});
