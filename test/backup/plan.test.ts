import { expect } from 'chai';
import type { BackupContents } from '../../src/backup/index.ts';
import { planRestore } from '../../src/backup/restore-plan.ts';
import type { RestoreTarget } from '../../src/backup/restore-plan.ts';
import { appBackup, cluster, imageId, images, source } from './sample.ts';

const contents = (
  apps = [appBackup('shop'), appBackup('blog')],
  change: Partial<BackupContents> = {},
): BackupContents => {
  const { manifest, tokens, certificate } = source(Buffer.alloc(1));
  return { manifest, cluster, tokens, certificate, apps, images, ...change };
};
const target = (change: Partial<RestoreTarget> = {}): RestoreTarget => ({
  cluster,
  apps: [],
  images: new Set(),
  replace: false,
  ...change,
});
const actions = (all: BackupContents, to: RestoreTarget): string[] =>
  planRestore(all, to).apps.map(({ backup, action }) => `${action} ${backup.app.id}`);
const problem = (all: BackupContents, to: RestoreTarget): string => {
  try {
    planRestore(all, to);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the plan of a restore', () => {
  it('makes all apps on an empty cluster, with nothing to warn of when it has the same domain', () => {
    expect(actions(contents(), target())).to.deep.equal(['create shop', 'create blog']);
    expect(planRestore(contents(), target()).warnings).to.deep.equal([]);
  });

  it('keeps what is there as it was, as an interrupted restore left it', () => {
    const started = {
      ...appBackup('shop').app,
      live: { release: 2, incarnation: 2 },
      formation: { ...appBackup('shop').app.formation, worker: { quantity: 0, memoryBytes: 1, cpus: 1 } },
    };
    expect(actions(contents(), target({ apps: [started] }))).to.deep.equal(['keep shop', 'create blog']);
  });

  it('refuses to overwrite what was changed since, unless told so', () => {
    for (const change of [
      { lastRelease: 3 },
      { domains: ['x.example.com'] },
      { maintenance: true },
      { createdAt: '2026-05-05T00:00:00Z' },
      { formation: {} },
    ]) {
      const apps = [{ ...appBackup('shop').app, ...change }];
      expect(problem(contents(), target({ apps })), JSON.stringify(change)).to.contain(
        'shop already exists on this cluster',
      );
      expect(actions(contents(), target({ apps, replace: true }))).to.deep.equal(['replace shop', 'create blog']);
    }
  });

  it('never takes a name or host name from another app', () => {
    const other = (change: object) => target({ apps: [{ ...appBackup('other').app, ...change }], replace: true });
    expect(problem(contents(), other({ name: 'shop' }))).to.contain('shop is the name of a different app');
    expect(problem(contents(), other({ domains: ['blog.old.paas'] }))).to.contain('blog.old.paas');
    const owner = contents([appBackup('shop', { domains: ['www.example.com'] })]);
    expect(problem(owner, other({ domains: ['www.example.com'] }))).to.contain('www.example.com');
    expect(problem(owner, other({ domains: ['example.com'] }))).to.equal('none');
  });

  it('follows the domain of the new cluster', () => {
    const elsewhere = target({ cluster: { ...cluster, domain: 'new.paas', stacks: {} } });
    expect(planRestore(contents(), elsewhere).warnings.join(' '))
      .to.contain('not have the stack debian-13')
      .and.contain('new.paas')
      .and.contain('certificate');
    expect(
      problem(contents([appBackup('shop', { domains: ['blog.new.paas'] }), appBackup('blog')]), elsewhere),
    ).to.contain('blog.new.paas');
  });

  it('tells which releases have no image', () => {
    const bare = contents([appBackup('shop')], { manifest: { ...contents().manifest, images: false } });
    expect(planRestore(bare, target()).apps[0]?.withoutImage).to.deep.equal([2, 1]);
    expect(planRestore(bare, target({ images: new Set([imageId('b')]) })).apps[0]?.withoutImage).to.deep.equal([1]);
    expect(planRestore(contents(), target()).apps[0]?.withoutImage).to.deep.equal([]);
  });
});
