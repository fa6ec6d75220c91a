import { expect } from 'chai';
import { digestReference, splitPrefix, tagReference } from '../../src/registry/index.ts';
import { parseDigestReference } from '../../src/registry/references.ts';
import { tagOf } from '../../src/registry/references.ts';

describe('references of images', () => {
  const id = 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

  it('have a tag that follows from the image', () => {
    expect(tagOf(id)).to.equal('0123456789abcdef01234567');
    expect(tagReference('registry.mothership.internal:5000', 'apps/shop', id)).to.equal(
      'registry.mothership.internal:5000/apps/shop:0123456789abcdef01234567',
    );
  });

  it('name content by its digest, and are read back', () => {
    const reference = digestReference('ghcr.io/acme', 'apps/shop', id);
    expect(reference).to.equal(`ghcr.io/acme/apps/shop@${id}`);
    expect(parseDigestReference('ghcr.io/acme', reference)).to.deep.equal({ repository: 'apps/shop', digest: id });
    for (const other of [id, 'ghcr.io/acme/apps/shop:1', `ghcr.io/acmecorp/apps/shop@${id}`])
      expect(parseDigestReference('ghcr.io/acme', other)).to.equal(undefined);
  });

  it('may have a path before all repositories', () => {
    expect(splitPrefix('ghcr.io/acme/team')).to.deep.equal({ server: 'ghcr.io', path: 'acme/team' });
    expect(splitPrefix('registry.mothership.internal:5000')).to.deep.equal({
      server: 'registry.mothership.internal:5000',
      path: '',
    });
  });
});
