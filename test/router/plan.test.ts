import { expect } from 'chai';
import { planRouteTable, type RoutedApp } from '../../src/router/index.ts';

const release = (id: string, ...hosts: string[]) => ({
  id,
  weight: 1,
  peers: hosts.map((host) => ({ host, port: 5000 })),
});
const app = (name: string, facts: Partial<RoutedApp> = {}): RoutedApp => ({ name, hosts: [], releases: [], ...facts });

describe('planRouteTable', () => {
  it('routes the controller, each app by its name, and custom domains', () => {
    const routes = planRouteTable({
      domain: 'Example.test.',
      apps: [
        app('shop', {
          hosts: ['WWW.shop.test', '*.shop.test', 'www.shop.test/api/'],
          releases: [release('shop-2', '10.0.0.9', '10.0.0.10')],
        }),
        app('blog', { maintenance: true }),
      ],
    });
    const releases = [
      {
        id: 'shop-2',
        weight: 1,
        peers: [
          { host: '10.0.0.10', port: 5000 },
          { host: '10.0.0.9', port: 5000 },
        ],
      },
    ];
    expect(routes).to.deep.equal([
      { host: '*.shop.test', path: '/', app: 'shop', releases },
      { host: 'blog.example.test', path: '/', app: 'blog', releases: [], maintenance: true },
      { host: 'mothership.example.test', path: '/', app: 'mothership', releases: [] },
      { host: 'shop.example.test', path: '/', app: 'shop', releases },
      { host: 'www.shop.test', path: '/api', app: 'shop', releases },
      { host: 'www.shop.test', path: '/', app: 'shop', releases },
    ]);
  });

  it('gives the same text whatever the order of the input', () => {
    const one = app('one', {
      hosts: ['b.test', 'a.test'],
      releases: [release('one-2', '10.0.0.2', '10.0.0.1'), release('one-1', '10.0.0.3')],
    });
    const turned = app('one', {
      hosts: ['a.test', 'b.test'],
      releases: [release('one-1', '10.0.0.3'), release('one-2', '10.0.0.1', '10.0.0.2')],
    });
    const text = (apps: RoutedApp[]): string => JSON.stringify(planRouteTable({ domain: 'example.test', apps }));
    expect(text([one, app('two')])).to.equal(text([app('two'), turned]));
  });

  it('lets nobody take the host of the controller or of another app', () => {
    const routes = planRouteTable({
      domain: 'example.test',
      apps: [
        app('mothership', { hosts: ['stolen.test'] }),
        app('aaa', { hosts: ['mothership.example.test', 'victim.example.test', 'both.test'] }),
        app('victim', { hosts: ['both.test'] }),
      ],
    });
    const owners = Object.fromEntries(routes.map(({ host, app: owner }) => [host, owner]));
    expect(owners).to.deep.equal({
      'aaa.example.test': 'aaa',
      'both.test': 'aaa',
      'mothership.example.test': 'mothership',
      'victim.example.test': 'victim',
    });
  });
});
