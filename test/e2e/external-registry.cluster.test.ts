import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanup, newRunId, startNode } from '../lab/index.ts';
import { auth, LabRegistries, makeTrust } from '../registry/lab-registries.ts';
import type { Cluster } from '../fixtures/cluster.ts';
import { LabFleet } from '../fixtures/fleet.ts';

/** Debian's docker-registry behind TLS and a password, on a machine that is none of the cluster's. */
describe("a cluster whose images are in somebody else's registry", function () {
  this.timeout(600_000);
  const fleet = new LabFleet();
  const runId = newRunId();
  let prefix: string;
  let mothership: Cluster;
  let workerName: string;
  const setup = (): string[] => [
    'setup',
    '--provider',
    'aws',
    '--managers',
    '1',
    '--workers',
    '1',
    '--admin-cidr',
    '172.17.0.0/16',
    '--ssh-key',
    fleet.keyFile,
    '--yes',
    '--registry',
    prefix,
    '--registry-user',
    auth.user,
    '--ca-file',
    join(fleet.folder, 'ca.pem'),
  ];

  before(async () => {
    await fleet.start();
    const host = await startNode({ name: 'images', runId });
    const registries = new LabRegistries(host, await makeTrust(`DNS:registry.mothership.internal,IP:${host.ip}`));
    await registries.start();
    prefix = `${host.ip}:5000/team`;
    fleet.trust(`${host.ip}:5000`, registries.trust.cert);
    await writeFile(join(fleet.folder, 'ca.pem'), registries.trust.cert);
  });

  after(() => Promise.all([fleet.stop(), cleanup(runId)]));

  it('is set up without a registry of its own, once the password is right', async () => {
    const refused = await fleet
      .client()
      .mothership(setup(), { env: { ...fleet.env, MOTHERSHIP_REGISTRY_PASSWORD: 'wrong' } });
    expect(refused.code).to.not.equal(0);
    expect(refused.stderr).to.contain(`authenticate ${auth.user}`);
    const { machines } = await fleet.client().json<{ machines: { id: string; role: string }[] }>(setup(), {
      env: { ...fleet.env, MOTHERSHIP_REGISTRY_PASSWORD: auth.password.reveal() },
    });
    mothership = fleet.client(await fleet.node(machines[0]!.id));
    workerName = (await fleet.node(machines[1]!.id)).name;
    const services = await mothership.engine.services({});
    expect(services.map(({ name }) => name).sort()).to.deep.equal([
      'mothership-agent',
      'mothership-controller',
      'mothership-router',
    ]);
    for (const { name, image } of services)
      expect(image, name).to.match(new RegExp(`^${prefix}/platform/[a-z]+@sha256:`));
  });

  it('runs an app on a node that got the image from there', async () => {
    await mothership.tinyApp('shipped');
    await mothership.ok(['ps:scale', 'web=2', '-a', 'shipped']);
    expect((await mothership.ps('shipped')).map(({ node, state }) => `${node} ${state}`)).to.include(
      `${workerName} up`,
    );
    const [service] = await mothership.services('shipped');
    expect(service!.image).to.contain(`${prefix}/apps/`);
    expect((await mothership.http('shipped')).status).to.equal(200);
  });
});
