import { expect } from 'chai';
import { routerLineOf } from '../../src/logs/router-lines.ts';

const LINE =
  'at=1795302287.350 target=hello/hello-7 code= status=404 bytes=28 connect=0.001 service=0.006 peer=10.64.0.28:8080 fwd=172.17.0.1 ' +
  'request_id=99fc09bb25514eb303819827f00cf72d protocol=http method=GET host=hello.localhost path=/target=shop/shop-1';

describe("the router's lines in an app's log", () => {
  it('are those of its own requests', () => {
    expect(routerLineOf('hello', LINE)).to.include({ app: 'hello', release: 'hello-7', status: 404 });
  });
  it('are not those that only mention it', () => {
    expect(routerLineOf('shop', LINE)).to.equal(undefined);
    expect(routerLineOf('hell', LINE)).to.equal(undefined);
  });
  it('are nothing else that a router writes', () => {
    expect(routerLineOf('hello', 'nginx: [error] target=hello went away')).to.equal(undefined);
  });
});
