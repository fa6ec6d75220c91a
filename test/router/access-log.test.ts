import { expect } from 'chai';
import { formatRouterLine, parseRouterLine } from '../../src/router/index.ts';

const logged = {
  at: '1795299761.626',
  target: 'shop/shop-7',
  code: '',
  status: '200',
  bytes: '188',
  connect: '0.001',
  service: '0.012',
  peer: '10.0.0.2:5000',
  fwd: '10.1.1.1',
  request_id: 'b8fd35106bb4d3703d5caa9055264fea',
  protocol: 'https',
  method: 'GET',
  host: 'shop.test',
  path: '/a?b="c"&d=1',
};
const text = (changes: Partial<typeof logged>): string =>
  Object.entries({ ...logged, ...changes })
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
const parse = (changes: Partial<typeof logged> = {}) => parseRouterLine(`${text(changes)}\n`);

describe('router log', () => {
  it('reads a request, with times in milliseconds', () => {
    expect(parse()).to.deep.equal({
      at: '2026-11-21T22:22:41.626Z',
      app: 'shop',
      release: 'shop-7',
      host: 'shop.test',
      method: 'GET',
      path: '/a?b="c"&d=1',
      protocol: 'https',
      status: 200,
      bytes: 188,
      connect: 1,
      service: 12,
      peer: '10.0.0.2:5000',
      fwd: '10.1.1.1',
      requestId: 'b8fd35106bb4d3703d5caa9055264fea',
    });
  });

  it('takes the last try of several, and knows when none connected', () => {
    expect(parse({ connect: '-, 0.002', peer: '10.0.0.1:5000, 10.0.0.2:5000' })).to.include({
      connect: 2,
      peer: '10.0.0.2:5000',
    });
    expect(parse({ connect: '-', status: '502', code: 'H10' }))
      .to.include({ status: 502, code: 'H10' })
      .and.not.have.property('connect');
    expect(parse({ connect: '', peer: '' })).to.not.have.any.keys('connect', 'peer');
  });

  it('knows requests that led to no release or no app', () => {
    expect(parse({ target: 'shop' })).to.include({ app: 'shop', release: '' });
    expect(parse({ target: '', host: '_', path: '', method: '', connect: '', peer: '', request_id: '' })).to.include({
      app: '',
      release: '',
      host: '_',
      path: '',
    });
  });

  it('takes nothing from a path or a host for a fact of its own', () => {
    expect(parse({ path: '/,', host: 'a,' })).to.include({ path: '/,', host: 'a,', status: 200 });
    expect(parse({ path: '/?x&status=500&code=H10' }))
      .to.include({ status: 200 })
      .and.not.have.property('code');
  });

  it('tells a client that left by H27', () => {
    expect(parse({ status: '499' })).to.include({ code: 'H27' });
  });

  it('leaves other lines alone', () => {
    for (const other of [
      '',
      'hello',
      '2026/11/21 22:22:40 [error] 16#16: *3 connect() failed',
      'at=1.000',
      text({ path: '/a b' }),
      `x ${text({})}`,
    ])
      expect(parseRouterLine(other), other).to.equal(undefined);
  });

  it('writes it as Heroku does', () => {
    expect(formatRouterLine(parse({ status: '502', connect: '-', code: 'H10' })!)).to.equal(
      'at=error code=H10 method=GET path="/a?b=\\"c\\"&d=1" host=shop.test request_id=b8fd35106bb4d3703d5caa9055264fea fwd="10.1.1.1" release=shop-7 ' +
        'peer=10.0.0.2:5000 service=12ms status=502 bytes=188 protocol=https',
    );
  });
});
