import { expect } from 'chai';
import { changeSettings, type BuildSettingsChange } from '../../src/builds/index.ts';
import { buildSlots } from '../../src/builds/queue/queue-plan.ts';
import { registriesFor } from '../../src/registry/allowed/registries.ts';
import { limitsFrom } from '../../src/builds/settings.ts';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import type { BuildSettingsRecord } from '../../src/store/index.ts';

const GB = 1024 ** 3;

describe('settings of all builds', () => {
  const none: BuildSettingsRecord = { env: {} };
  const codeOf = (change: BuildSettingsChange, record = none): string => {
    try {
      changeSettings(record, change);
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('are set, replaced and taken away one by one', () => {
    const first = changeSettings(none, {
      env: { PIP_INDEX_URL: 'https://a.example.com', GOPROXY: 'direct' },
      slots: 3,
      memoryBytes: 4 * GB,
    });
    expect(first).to.deep.equal({
      env: { GOPROXY: 'direct', PIP_INDEX_URL: 'https://a.example.com' },
      slots: 3,
      memoryBytes: 4 * GB,
    });
    const second = changeSettings(first, {
      env: { PIP_INDEX_URL: 'https://b.example.com', GOPROXY: null },
      slots: null,
      cpus: 1,
    });
    expect(second).to.deep.equal({ env: { PIP_INDEX_URL: 'https://b.example.com' }, memoryBytes: 4 * GB, cpus: 1 });
    expect(changeSettings(second, {})).to.deep.equal(second);
  });

  it('have names that a shell takes, values of one line, and a size that the store takes', () => {
    for (const name of ['', '1A', 'A-B', 'A B', 'A=B', '../x', 'a'.repeat(129), 'Ä'])
      expect(codeOf({ env: { [name]: 'x' } }), name).to.equal('BUILD_SETTING_INVALID');
    for (const value of ['a\nb', 'a\u0000b', '\u001b[31m'])
      expect(codeOf({ env: { A: value } }), JSON.stringify(value)).to.equal('BUILD_SETTING_INVALID');
    expect(codeOf({ env: { A: null } })).to.equal('BUILD_SETTING_MISSING');
    expect(codeOf({ env: { toString: null } })).to.equal('BUILD_SETTING_MISSING');
    expect(codeOf({ env: { A: 'x'.repeat(7000), B: 'x'.repeat(1000) } })).to.equal('BUILD_SETTINGS_TOO_LARGE');
    expect(
      codeOf({ env: { BUNDLE_MIRROR__ALL: 'https://user:secret@gems.example.com/a b?c=d&e=$f', EMPTY: '' } }),
    ).to.equal('none');
  });

  it('are registries with passwords that only a builder reads', () => {
    const set = changeSettings(none, {
      registries: { 'registry.corp:5000': true, '10.0.0.5': true },
      registryLogins: { 'ghcr.io': { user: 'robot', password: 'hush' } },
    });
    const registries = registriesFor(set, { kind: 'external', prefix: 'registry.example.com/paas', user: 'x' });
    expect(registries).to.deep.include({
      allowed: ['10.0.0.5', 'registry.corp:5000'],
      own: 'registry.example.com/paas',
    });
    expect(registries.logins.map(({ host, user, password }) => [host, user, password.reveal()])).to.deep.equal([
      ['ghcr.io', 'robot', 'hush'],
    ]);
    expect(JSON.stringify(registries)).not.to.include('hush');
    expect(changeSettings(set, { registries: { '10.0.0.5': null, 'registry.corp:5000': null } })).to.deep.equal({
      env: {},
      registryLogins: { 'ghcr.io': { user: 'robot', password: 'hush' } },
    });
    for (const host of [
      '',
      'https://a',
      'a/b',
      'A.example.com',
      'a b',
      '../x',
      'u@a',
      'a:b',
      '__proto__',
      'a..b',
      'ä.de',
    ])
      expect(codeOf({ registries: { [host]: true } }), host).to.equal('BUILD_SETTING_INVALID');
    expect(codeOf({ registryLogins: { 'ghcr.io': null } })).to.equal('BUILD_SETTING_MISSING');
    expect(registriesFor(none)).to.deep.equal({ allowed: [], logins: [] });
  });

  it('are limits that what is not set leaves as Mothership has them', () => {
    expect(limitsFrom(none)).to.deep.equal(defaultBuildLimits);
    expect(limitsFrom({ env: {}, memoryBytes: GB, seconds: 60 })).to.deep.equal({
      ...defaultBuildLimits,
      memoryBytes: GB,
      seconds: 60,
    });
  });

  it('say how many builds a builder takes, by number or by their memory', () => {
    const node = { cpus: 8, memoryBytes: 8 * GB };
    expect(buildSlots(node, true, { memoryBytes: 4 * GB })).to.equal(2);
    expect(buildSlots(node, true, { memoryBytes: GB })).to.equal(8);
    for (const dedicated of [true, false])
      expect(buildSlots(node, dedicated, { slots: 5, memoryBytes: 64 * GB })).to.equal(5);
  });
});
