import { expect } from 'chai';
import { serviceJson } from '../../src/engine/services/service-spec.ts';
import type { ServiceSpec } from '../../src/engine/index.ts';

describe('the specification of a service', () => {
  const spec: ServiceSpec = {
    ...{ name: 'web', labels: {}, image: 'sha256:abc', env: {}, networks: [], replicas: 1, endpointMode: 'dnsrr' },
    ...{ restart: { condition: 'any', delayMs: 0 }, noNewPrivileges: true },
  };
  const container = (change: Partial<ServiceSpec>): Record<string, unknown> =>
    JSON.parse(JSON.stringify(serviceJson({ ...spec, ...change }, { knowsNoNewPrivileges: true }))).TaskTemplate
      .ContainerSpec;
  const privileges = (knowsNoNewPrivileges: boolean): unknown =>
    JSON.parse(JSON.stringify(serviceJson(spec, { knowsNoNewPrivileges }))).TaskTemplate.ContainerSpec.Privileges;

  it("can switch the image's HEALTHCHECK off", () => {
    expect(container({ healthcheck: 'none' })).to.deep.include({ Healthcheck: { Test: ['NONE'] } });
    expect(container({})).not.to.have.property('Healthcheck');
  });

  it('sets no-new-privileges where the engine can, and sends older engines nothing that they do not know', () => {
    expect(privileges(true)).to.deep.equal({ NoNewPrivileges: true });
    expect(privileges(false)).to.equal(undefined);
  });
});
