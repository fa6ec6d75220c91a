import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRequest } from '../../src/builds/build-request.ts';
import { Desk } from './cli.ts';

describe('deploy of a Dockerfile', () => {
  let desk: Desk;
  let asked: BuildRequest['options'][];
  beforeEach(async () => {
    desk = await Desk.open();
    asked = [];
    await writeFile(join(desk.folder, 'Dockerfile'), 'FROM scratch AS prod\n');
    const { create } = desk.platform.builds;
    Object.assign(desk.platform.builds, {
      create: (...args: Parameters<typeof create>) => (
        asked.push(args[1].options),
        create.apply(desk.platform.builds, args)
      ),
    });
  });
  afterEach(() => desk.close());

  it('sends stage and build args, those without a value from the environment', async () => {
    const result = await desk.run(
      [
        'deploy',
        '-a',
        'shop',
        '--target',
        'prod',
        '--build-arg',
        'A=b=c d',
        '--build-arg',
        'FROM_ENV',
        '--build-arg',
        'UNKNOWN',
        '--build-arg',
        'EMPTY=',
      ],
      { env: { FROM_ENV: 'é' } },
    );
    expect(result.code, result.stderr).to.equal(0);
    expect(asked[0]).to.include({ target: 'prod' });
    expect(JSON.parse(asked[0]!.buildArgs!)).to.deep.equal({ A: 'b=c d', FROM_ENV: 'é', EMPTY: '' });
  });

  it('refuses them together with an image', async () => {
    expect((await desk.run('deploy -a shop --image nginx:1 --build-arg A=b')).code).to.equal(2);
    expect((await desk.run('deploy -a shop --image nginx:1 --target x')).code).to.equal(2);
    expect((await desk.run('deploy -a shop --target ../x')).code).to.equal(2);
  });
});
