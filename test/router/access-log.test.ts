import { expect } from 'chai';
import { formatRouterLine, parseRouterLine } from '../../src/router/index.ts';

const logged = {
  at: '1795299761.626', target: 'shop shop-7', host: 'shop.test', method: 'GET', path: '/a?b="c"', protocol: 'HTTP/1.1', status: '200',
  bytes: '188', connect: '0.001', service: '0.012', peer: '10.0.0.2:5000', fwd: '10.1.1.1', request_id: 'b8fd35106bb4d3703d5caa9055264fea', code: '',
};
const parse = (changes: Record<string, string> = {}) => parseRouterLine(JSON.stringify({ ...logged, ...changes }));

describe('router log', () => {
  it('reads a request, with times in milliseconds', () => {
    expect(parse()).to.deep.equal({
      at: '2026-11-21T22:22:41.626Z', app: 'shop', release: 'shop-7', host: 'shop.test', method: 'GET', path: '/a?b="c"', protocol: 'HTTP/1.1', status: 200,
      bytes: 188, connect: 1, service: 12, peer: '10.0.0.2:5000', fwd: '10.1.1.1', requestId: 'b8fd35106bb4d3703d5caa9055264fea',
    });
  });

  it('takes the last try of several, and knows when none connected', () => {
    expect(parse({ connect: '-, 0.002', peer: '10.0.0.1:5000, 10.0.0.2:5000' })).to.include({ connect: 2, peer: '10.0.0.2:5000' });
    expect(parse({ connect: '-', status: '502', code: 'H10' })).to.include({ status: 502, code: 'H10' }).and.not.have.property('connect');
    expect(parse({ connect: '', peer: '' })).to.not.have.any.keys('connect', 'peer');
  });

  it('tells a client that left by H27', () => {
    expect(parse({ status: '499' })).to.include({ code: 'H27' });
  });

  it('leaves other lines alone', () => {
    for (const text of ['', 'hello', '2026/11/21 22:22:40 [error] 16#16: *3 connect() failed', '[]', '{"status":200}', '{"request_id'])
      expect(parseRouterLine(text), text).to.equal(undefined);
  });

  it('writes it as Heroku does', () => {
    expect(formatRouterLine(parse({ status: '502', connect: '-', code: 'H10' })!)).to.equal(
      'at=error code=H10 method=GET path="/a?b=\\"c\\"" host=shop.test request_id=b8fd35106bb4d3703d5caa9055264fea fwd="10.1.1.1" release=shop-7 ' +
        'peer=10.0.0.2:5000 service=12ms status=502 bytes=188 protocol=HTTP/1.1',
    );
  });
});
