import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askBuilders, type NodeNamespaces } from '../../src/cluster/setup/user-namespaces.ts';
import type { NodeInfo } from '../../src/engine/index.ts';
import { Secret } from '../../src/events/index.ts';
import { node } from '../nodes/observed.ts';

const SYSCTL = 'kernel.unprivileged_userns_clone=1';

describe('what nodes that build say of user namespaces', () => {
  /** The controller's answers by path; anything else is 404. */
  let answers: Record<string, unknown> = {};
  let server: Server;
  before(async () => {
    server = createServer(({ url = '' }, response) => {
      const found = answers[url];
      response.writeHead(found ? 200 : 404).end(JSON.stringify(found ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());

  const forbids = { report: { missingSysctls: [SYSCTL] } };
  const ask = (
    nodes: readonly NodeInfo[],
    said: Record<string, unknown>,
    token?: Secret,
  ): Promise<NodeNamespaces[]> => {
    answers = said;
    const { port } = server.address() as AddressInfo;
    return askBuilders({ address: '127.0.0.1', httpPort: port, domain: 'localhost' }, token, nodes);
  };
  const token = new Secret('token');

  it('comes from dedicated builders only, if there are any', async () => {
    const nodes = [node('a', { role: 'manager' }), node('b', { roles: ['builder'] }), node('c')];
    const all = { '/nodes/a': forbids, '/nodes/b': { report: { missingSysctls: [] } }, '/nodes/c': forbids };
    expect(await ask(nodes, all, token)).to.deep.equal([{ node: 'b', missingSysctls: [] }]);
  });

  it('comes from managers, if no node only builds', async () => {
    const nodes = [node('a', { role: 'manager' }), node('c')];
    const all = { '/nodes/a': forbids, '/nodes/c': forbids };
    expect(await ask(nodes, all, token)).to.deep.equal([{ node: 'a', missingSysctls: [SYSCTL] }]);
  });

  it('is nothing from an agent of an earlier version, a silent node and an earlier controller', async () => {
    const nodes = ['a', 'b', 'c'].map((id) => node(id, { role: 'manager' }));
    expect(await ask(nodes, { '/nodes/a': { report: {} }, '/nodes/b': { report: null } }, token)).to.deep.equal([]);
  });

  it('is nothing without a token', async () => {
    expect(await ask([node('a', { role: 'manager' })], { '/nodes/a': forbids })).to.deep.equal([]);
  });
});
