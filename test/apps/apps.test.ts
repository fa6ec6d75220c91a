import { expect } from 'chai';
import { changeConfig, describeChanges } from '../../src/apps/config-vars.ts';
import {
  checkDomain,
  checkDomainClaim,
  checkDomainFree,
  checkNameClaim,
  misplacedDomains,
} from '../../src/apps/domain.ts';
import { changeFormation, checkAppName, formationFor, resizedTypes } from '../../src/apps/index.ts';
import type { AppRecord } from '../../src/store/index.ts';

/** The code of the error that `act` throws. */
export function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
}

describe('app names', () => {
  for (const name of ['ab', 'shop', 'shop-2', 'a1-b2-c3', 'a'.repeat(30)]) {
    it(`takes ${name}`, () => expect(checkAppName(name)).to.equal(name));
  }
  const bad = [
    '',
    'a',
    'Shop',
    'shop_1',
    '-shop',
    'shop-',
    'a--b',
    '1shop',
    'shöp',
    'a b',
    'a'.repeat(31),
    'mothership',
    'www',
    '../etc',
    'a\u001b[2J',
    'a.b',
    '$(id)',
  ];
  for (const name of bad) {
    it(`refuses ${JSON.stringify(name)}`, () => expect(codeOf(() => checkAppName(name))).to.equal('APP_NAME_INVALID'));
  }
  it('shows no control character of a refused name', () => {
    try {
      checkAppName('a\u001b[2Jb');
    } catch (error) {
      expect((error as Error).message).not.to.match(/[\u0000-\u001f]/);
    }
  });
});

describe('config vars', () => {
  it('sets, replaces and unsets together', () => {
    expect(changeConfig('a', { A: '1', B: '2' }, { set: { B: '3', C: '4' }, unset: ['A'] })).to.deep.equal({
      B: '3',
      C: '4',
    });
  });
  it('leaves what was there untouched when refused', () => {
    const before = { A: '1' };
    expect(codeOf(() => changeConfig('a', before, { set: { 'B-C': 'x' } }))).to.equal('CONFIG_KEY_INVALID');
    expect(before).to.deep.equal({ A: '1' });
  });
  const cases: [string, Record<string, string>, string][] = [
    ['a key with a space', { 'A B': '1' }, 'CONFIG_KEY_INVALID'],
    ['an empty key', { '': '1' }, 'CONFIG_KEY_INVALID'],
    ['a key with =', { 'A=B': '1' }, 'CONFIG_KEY_INVALID'],
    ['a key of the platform', { DYNO: '1' }, 'CONFIG_KEY_RESERVED'],
    ['the other name of DYNO', { PS: '1' }, 'CONFIG_KEY_RESERVED'],
    ['what the image sets', { HOME: '/x' }, 'CONFIG_KEY_RESERVED'],
    ['a setting that there is not', { MOTHERSHIP_BOOT_TIME: '60' }, 'CONFIG_SETTING_UNKNOWN'],
    ['a timeout that is no number', { MOTHERSHIP_BOOT_TIMEOUT: 'abc' }, 'CONFIG_NUMBER_INVALID'],
    ['a timeout beyond its range', { MOTHERSHIP_DRAIN_TIMEOUT: '3601' }, 'CONFIG_NUMBER_INVALID'],
    ['an empty limit', { MOTHERSHIP_BUILD_MEMORY_MB: '' }, 'CONFIG_NUMBER_INVALID'],
    ['half a port', { PORT: '80.5' }, 'CONFIG_NUMBER_INVALID'],
    ['a value of 2 MB', { A: 'x'.repeat(2_000_000) }, 'CONFIG_TOO_LARGE'],
    ['a zero byte', { A: 'a\0b' }, 'CONFIG_VALUE_INVALID'],
    ['half a character', { A: 'a\ud83db' }, 'CONFIG_VALUE_INVALID'],
    ['10,000 of them', Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`K${i}`, '1'])), 'CONFIG_TOO_MANY'],
    [
      '65 KB together',
      Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`K${i}`, 'x'.repeat(1024)])),
      'CONFIG_TOO_LARGE',
    ],
  ];
  for (const [what, set, code] of cases) {
    it(`refuses ${what}`, () => expect(codeOf(() => changeConfig('a', {}, { set }))).to.equal(code));
  }
  it('tells the range of a setting', () =>
    expect(() => changeConfig('a', {}, { set: { MOTHERSHIP_BUILD_TIMEOUT: '1' } })).to.throw(
      'MOTHERSHIP_BUILD_TIMEOUT must be a number of seconds from 5 to 7200.',
    ));
  it('suggests the setting that was meant, and leaves names of other programs alone', () => {
    const suggestion = (key: string): unknown => {
      try {
        return changeConfig('a', {}, { set: { [key]: '60' } });
      } catch (error) {
        return (error as { suggestion?: string }).suggestion;
      }
    };
    expect(suggestion('MOTHERSHIP_BOOT_TIMOUT')).to.equal('Did you mean MOTHERSHIP_BOOT_TIMEOUT?');
    expect(suggestion('MOTHERSHIP_MEMORY_MB')).to.equal('Did you mean MOTHERSHIP_BUILD_MEMORY_MB?');
    expect(suggestion('MOTHERSHIP_COLOUR')).to.equal('Use another name.');
    for (const key of ['MOTHERSHIP_TOKEN', 'MOTHERSHIP_URL', 'MOTHERSHIPS', 'mothership_x', 'UID', 'IFS', 'PATH'])
      expect(suggestion(key), key).to.deep.equal({ [key]: '60' });
  });
  it('leaves what an app has already, whatever it is', () => {
    const before = { PS: 'x', HOME: '/x', MOTHERSHIP_OLD: 'x', MOTHERSHIP_BOOT_TIMEOUT: 'abc', PORT: '5000' };
    expect(changeConfig('a', before, { set: { A: '1' } })).to.deep.equal({ ...before, A: '1' });
    expect(changeConfig('a', before, { set: { PORT: '80', MOTHERSHIP_BOOT_TIMEOUT: '0.5' } })).to.include({
      PORT: '80',
    });
  });
  it('refuses to unset what is not set', () =>
    expect(codeOf(() => changeConfig('a', {}, { unset: ['X'] }))).to.equal('CONFIG_KEY_MISSING'));
  it('keeps multi-line and unicode values as they are', () => {
    expect(changeConfig('a', {}, { set: { A: 'line\nline\n', B: 'ü=“”' } })).to.deep.equal({
      A: 'line\nline\n',
      B: 'ü=“”',
    });
  });
  it('describes a release as Heroku does', () => {
    expect(describeChanges({ set: { A: '1', B: '2' } })).to.equal('Set A, B config vars');
    expect(describeChanges({ unset: ['C'] })).to.equal('Unset C config var');
  });
});

describe('formation', () => {
  const first = formationFor(['web', 'worker', 'release'], {});
  it('starts one web and nothing else, and never a release', () => {
    expect(Object.fromEntries(Object.entries(first).map(([type, { quantity }]) => [type, quantity]))).to.deep.equal({
      web: 1,
      worker: 0,
    });
  });
  it('counts absolutely and relatively', () => {
    const after = changeFormation(first, [
      { type: 'web', quantity: 3 },
      { type: 'worker', delta: 2 },
    ]);
    expect([after['web']!.quantity, after['worker']!.quantity]).to.deep.equal([3, 2]);
  });
  it('applies all or nothing', () => {
    expect(
      codeOf(() =>
        changeFormation(first, [
          { type: 'web', quantity: 3 },
          { type: 'nope', quantity: 1 },
        ]),
      ),
    ).to.equal('PROCESS_TYPE_UNKNOWN');
    expect(first['web']!.quantity).to.equal(1);
  });
  for (const quantity of [-1, 1.5, 101]) {
    it(`refuses ${quantity} processes`, () =>
      expect(codeOf(() => changeFormation(first, [{ type: 'web', quantity }]))).to.equal('QUANTITY_INVALID'));
  }
  it('tells which types must be replaced for their size', () => {
    const after = changeFormation(first, [
      { type: 'web', size: { memory: 1024 ** 3 } },
      { type: 'worker', quantity: 2 },
    ]);
    expect(resizedTypes(first, after)).to.deep.equal(['web']);
  });
  it('refuses a size of nothing', () => {
    expect(codeOf(() => changeFormation(first, [{ type: 'web', size: { memory: 1024 } }]))).to.equal('SIZE_INVALID');
  });
});

describe('domains', () => {
  const good: [string, string][] = [
    ['WWW.Example.com', 'www.example.com'],
    ['*.example.com', '*.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['a.b.', 'a.b'],
  ];
  for (const [given, expected] of good) {
    it(`takes ${given}`, () => expect(checkDomain(given)).to.equal(expected));
  }
  for (const given of [
    '',
    'localhost',
    'http://a.b',
    'a.b/c',
    'a.b:80',
    '1.2.3.4',
    '-a.b',
    'a..b',
    '*',
    'a.*.b',
    'a b.c',
    `${'a'.repeat(64)}.b`,
  ]) {
    it(`refuses ${JSON.stringify(given)}`, () => expect(codeOf(() => checkDomain(given))).to.equal('DOMAIN_INVALID'));
  }
  const app = { id: 'a', name: 'a', domains: [] } as unknown as AppRecord;
  const other = { id: 'b', name: 'b', domains: ['www.example.com'] } as unknown as AppRecord;
  const cluster = { domain: 'my.paas' };
  it('refuses a name that another app or the platform answers to', () => {
    const mine = { ...app, domains: ['mine.example.com'] };
    for (const [domain, code] of [
      ['www.example.com', 'DOMAIN_TAKEN'],
      ['mine.example.com', 'DOMAIN_SET_ALREADY'],
      ['a.my.paas', 'DOMAIN_IS_DEFAULT'],
      ['b.my.paas', 'DOMAIN_IS_DEFAULT'],
      ['mothership.my.paas', 'DOMAIN_OF_PLATFORM'],
      ['*.my.paas', 'DOMAIN_OF_PLATFORM'],
      ['shop.example.com', 'none'],
    ] as const)
      expect(
        codeOf(() => checkDomainFree(domain, mine, [mine, other], cluster)),
        domain,
      ).to.equal(code);
  });
  it('refuses a name under the default domain of another app or the platform', () => {
    const claim = (domain: string): string => codeOf(() => checkDomainClaim(domain, app, [app, other], cluster));
    for (const domain of [
      '*.b.my.paas',
      'x.b.my.paas',
      'x.y.b.my.paas',
      '*.x.b.my.paas',
      'x.mothership.my.paas',
      '*.mothership.my.paas',
    ])
      expect(claim(domain), domain).to.equal('DOMAIN_RESERVED');
    for (const domain of [
      '*.a.my.paas',
      'x.a.my.paas',
      'my.paas',
      'www.my.paas',
      'x.c.my.paas',
      'xb.my.paas',
      'b.example.com',
      '*.b.paas',
    ])
      expect(claim(domain), domain).to.equal('none');
  });
  it('refuses a wildcard that covers the names of the platform, and tells of one from before', () => {
    const deep = { domain: 'paas.example.com' };
    const claim = (domain: string): string => codeOf(() => checkDomainClaim(domain, app, [app, other], deep));
    for (const domain of ['*.example.com', '*.paas.example.com'])
      expect(claim(domain), domain).to.equal('DOMAIN_OF_PLATFORM');
    for (const domain of ['example.com', '*.shop.example.com', '*.as.example.com', '*.example.org'])
      expect(claim(domain), domain).to.equal('none');
    expect(misplacedDomains([{ name: 'a', domains: ['*.example.com', '*.example.org'] }], deep)).to.deep.equal([
      { domain: '*.example.com', app: 'a', owner: 'the platform' },
    ]);
  });
  it('does not give a name to an app under which another app has a domain', () => {
    const squatter = { ...app, domains: ['x.c.my.paas', 'www.example.org'] };
    const named = (name: string): string => codeOf(() => checkNameClaim({ ...other, name }, [squatter], cluster));
    expect(['c', 'd', 'a'].map(named)).to.deep.equal(['DOMAIN_TAKEN', 'none', 'DOMAIN_IS_DEFAULT']);
  });
});
