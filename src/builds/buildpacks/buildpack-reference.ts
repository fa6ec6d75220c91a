import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { fail } from '#errors';

/** Source of a buildpack. `stack`: the stack's buildpack of that name, or else fetched from `url` if there is one. */
export type BuildpackReference =
  | { readonly kind: 'stack'; readonly name: string; readonly bundled: string; readonly url?: string }
  | { readonly kind: 'git'; readonly name: string; readonly url: string; readonly ref?: string }
  | { readonly kind: 'archive'; readonly name: string; readonly url: string };

/** Base URL of Heroku's buildpacks, as `<this>/heroku-buildpack-<name>`. */
export const OFFICIAL_BUILDPACKS = 'https://github.com/heroku';

const LONGEST = 300;
const NAME = /^[a-z0-9][a-z0-9-]{0,49}$/;
/** A branch, tag or commit; nothing that git could read as an option or a range. */
const REF = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._/@+-]{0,199}$/;
/** Namespaces of Heroku's registry whose buildpacks are all in its own repositories. */
const OFFICIAL = new Set(['heroku', 'heroku-community']);

/**
 * Parses `nodejs`, `heroku/nodejs`, `https://host/path[.git][#ref]` or `https://host/path.tgz`. Throws
 * BUILDPACK_INVALID. `official`: see OFFICIAL_BUILDPACKS.
 */
export function parseBuildpack(given: string, official = OFFICIAL_BUILDPACKS): BuildpackReference {
  if (given.length > LONGEST) throw invalid(given, `it is longer than ${LONGEST} characters`);
  if (/^urn:/i.test(given))
    throw invalid(given, 'urn: names refer to Cloud Native Buildpacks, which are not supported');
  if (given.includes('://')) return parseUrl(given);
  const [namespace, name, ...more] = given.includes('/') ? given.split('/') : [undefined, given];
  if (![name ?? '', namespace ?? 'none'].every((part) => NAME.test(part)) || more.length > 0)
    throw invalid(given, 'it is neither a name nor an https URL');
  if (namespace === undefined) return { kind: 'stack', name: given, bundled: given };
  if (!OFFICIAL.has(namespace))
    throw invalid(
      given,
      `the only known short names are ${[...OFFICIAL].map((known) => `${known}/NAME`).join(' and ')}`,
    );
  return {
    kind: 'stack',
    name: given,
    bundled: name!,
    url: checkBase(`${official.replace(/\/+$/, '')}/heroku-buildpack-${name}`),
  };
}

function checkBase(url: string): string {
  parseUrl(url);
  return url;
}

function parseUrl(given: string): BuildpackReference {
  const url = URL.canParse(given) && !/[\s\\]/.test(given) ? new URL(given) : undefined;
  if (!url) throw invalid(given, 'it is not a URL');
  if (url.username || url.password)
    throw invalid(
      given.replace(/\/\/[^/]*@/, '//'),
      'a password in the URL would be visible to everyone who can see the app',
    );
  if (isOwnAddress(url.hostname)) throw invalid(given, `inside a build, ${url.hostname} is the build itself`);
  if (url.protocol === 'http:' && !isPrivateAddress(url.hostname))
    throw invalid(
      given,
      'http is only allowed for private addresses such as http://10.0.0.1/, because the code ' +
        'could be tampered with in transit',
    );
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw invalid(given, `it starts with ${url.protocol}// instead of https://`);
  const ref = url.hash.slice(1);
  url.hash = '';
  if (/\.(tgz|tar\.gz)$/.test(url.pathname)) return { kind: 'archive', name: given, url: url.href };
  if (ref && !REF.test(ref)) throw invalid(given, `"${ref}" is not a branch, tag or commit`);
  return { kind: 'git', name: given, url: url.href, ...(ref ? { ref } : {}) };
}

/** Addresses of the machine that uses them (RFC 1122, RFC 4291). IPv4 rules also match addresses mapped to IPv6. */
const OWN = new BlockList();
OWN.addSubnet('127.0.0.0', 8, 'ipv4');
OWN.addSubnet('0.0.0.0', 8, 'ipv4');
OWN.addSubnet('::', 127, 'ipv6');

/** URL has normalized numbers such as `2130706433`. `localhost` is RFC 6761's. */
function isOwnAddress(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIPv6(bare)) return OWN.check(bare, 'ipv6');
  return isIPv4(bare) ? OWN.check(bare) : /(^|\.)localhost\.?$/.test(bare);
}

/** Whether the host is a numeric address of a private network (RFC 1918, RFC 4193). */
function isPrivateAddress(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIPv6(bare)) return /^f[cd]/i.test(bare);
  return isIPv4(bare) && /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(bare);
}

function invalid(name: string, why: string): Error {
  return fail('BUILDPACK_INVALID', { name: name.slice(0, 100), why });
}
