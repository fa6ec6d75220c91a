import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { tarHeader } from '../builds/raw-tar.ts';

/** A request that a user with a token could send. */
export interface HostileInput {
  readonly what: string;
  readonly method: 'POST' | 'PATCH';
  readonly url: string;
  readonly type: 'application/gzip' | 'application/json';
  readonly payload: Buffer;
}

/** The same numbers for the same seed (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to `sides` - 1. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)]!;
  }

  /** Mostly small numbers, seldom one near `most`. */
  size(most: number): number {
    return this.roll(2 ** (1 + this.roll(Math.ceil(Math.log2(most))))) % most;
  }
}

const WORDS = {
  ignore: ['*', '**', '/', '**/', '*a', 'a', 'b', '?', '[a-z]', '[', ']', '!', '\\', '#', ' ', '\n', '..', 'ü', '\0'],
  dockerfile: [
    ...[
      'FROM scratch\n',
      'RUN ',
      'ARG ',
      'ARG A=1\n',
      'COPY . .\n',
      '\\\n',
      '\n',
      ' ',
      '# escape=`\n',
      '`\n',
      '#',
      'A',
    ],
    ...['--mount=type=secret,id=a ', '--mount=type=cache,target=/x ', '--link ', '<<EOF\n', '["', '"]', '\t', '=', ','],
    ...['--a=', '\0', 'ENV A $A\n', '\ufeff', 'FROM a:$A AS b\n', '${A:-', '}', 'LABEL a=b ', 'ADD http://$A/ /x\n'],
    ...['ONBUILD ', '--from=b ', "<<-'B'\n", 'B\n', '"', "'", '\\', '\u0085'],
  ],
  procfile: [
    'web',
    ': ',
    ':',
    'x',
    '\n',
    ' ',
    '\t',
    '#',
    '\r\n',
    'constructor: x\n',
    '__proto__: x\n',
    '\0',
    '$PORT',
    'ü',
  ],
  json: [
    '{',
    '}',
    '[',
    ']',
    '"env"',
    '"formation"',
    '"web"',
    ':',
    ',',
    '1',
    '"x"',
    'null',
    '1e999',
    '"__proto__"',
    ' ',
  ],
  buildpacks: ['https://', 'heroku/', 'x', '/', '\n', '#', '.git', '..', ':', '@', '?', ' ', '127.0.0.1', '\u001b[2J'],
} as const;
const LIMIT = 256 * 1024;

/** Text of words that mean something: thrown together, or a few of them repeated many times. */
function text(dice: Dice, kind: keyof typeof WORDS): string {
  const words: readonly string[] = WORDS[kind];
  const some = (count: number): string => Array.from({ length: count }, () => dice.pick(words)).join('');
  if (dice.roll(3) === 0) return some(dice.size(4000));
  const repeated = some(1 + dice.roll(3));
  return `${some(dice.roll(4))}${repeated.repeat(dice.size(LIMIT / repeated.length))}${some(dice.roll(4))}`.slice(
    0,
    LIMIT,
  );
}

function json(dice: Dice, depth = 0): unknown {
  const names = [
    'env',
    'formation',
    'web',
    'A',
    'constructor',
    'size',
    'quantity',
    'value',
    'set',
    'command',
    'updates',
  ];
  const values = [null, true, -1, 1e21, 0.5, '', 'x', 'a\0b', '\ud800', 'x'.repeat(dice.size(20_000))];
  if (depth > 6 || dice.roll(3) === 0) return dice.pick(values);
  const items = Array.from({ length: dice.size(depth < 2 ? 60 : 6) }, () => json(dice, depth + 1));
  if (dice.roll(2) === 0) return items;
  return Object.fromEntries(items.map((item, n) => [dice.roll(2) === 0 ? dice.pick(names) : `K${n}`, item]));
}

function manyKeys(dice: Dice): object {
  return Object.fromEntries(Array.from({ length: dice.size(8000) }, (_, n) => [`K${n}`, dice.pick(['', 'x', 1])]));
}

function appJson(dice: Dice): string {
  const made = [
    () => text(dice, 'json'),
    () => JSON.stringify(json(dice)),
    () => JSON.stringify({ env: manyKeys(dice), formation: json(dice), buildpacks: json(dice) }),
    () => '['.repeat(dice.size(100_000)),
  ];
  return dice.pick(made)().slice(0, LIMIT);
}

function path(dice: Dice): string {
  const made = [
    () => `f${dice.roll(1000)}`,
    () => 'a'.repeat(1 + dice.size(300)),
    () => `${'a/'.repeat(dice.size(600))}x`,
    () => `${dice.roll(9)}/${'b/'.repeat(dice.roll(126))}${dice.roll(1000)}`,
    () => dice.pick(['..', '/etc/passwd', '', '.', 'a/../b', 'ü'.repeat(200), 'x\ny', '\u001b[2J', '.git/config']),
  ];
  return dice.pick(made)();
}

function entry(dice: Dice): Partial<Header> & { name: string } {
  const target = (): string =>
    dice.pick([path(dice), `${'l0/../'.repeat(dice.size(170))}l1`, `l${dice.roll(50)}`, '../'.repeat(dice.size(300))]);
  const type = dice.pick(['file', 'file', 'directory', 'symlink', 'symlink', 'link', 'fifo', 'block-device'] as const);
  const name = type === 'symlink' ? dice.pick([path(dice), `l${dice.roll(50)}`]) : path(dice);
  const pax = dice.roll(20) === 0 ? { pax: { [dice.pick(['path', 'linkpath', 'size', 'x'])]: target() } } : {};
  return { name, type, ...(type.endsWith('link') ? { linkname: target() } : {}), ...pax };
}

function harmless(dice: Dice, n: number): Partial<Header> & { name: string } {
  const folder = `d${dice.roll(5)}/${'e/'.repeat(dice.size(100))}`;
  if (dice.roll(3) > 0) return { name: `${folder}${'a'.repeat(dice.size(100))}${n}`, type: 'file' };
  return {
    name: `l${n}`,
    type: 'symlink',
    linkname: dice.pick([`l${n + 1}`, `${'d0/../'.repeat(dice.size(100))}x`, folder]),
  };
}

async function archive(dice: Dice): Promise<Buffer> {
  const out = pack();
  const reading = buffer(out);
  const files: [string, string][] = [
    ['Procfile', dice.roll(4) > 0 ? 'web: x\n' : text(dice, 'procfile')],
    ...(dice.roll(2) === 0 ? [['Dockerfile', `FROM scratch\n${text(dice, 'dockerfile')}`] as [string, string]] : []),
    ...(dice.roll(2) === 0 ? [['.dockerignore', text(dice, 'ignore')] as [string, string]] : []),
    ...(dice.roll(2) === 0 ? [['.slugignore', text(dice, 'ignore')] as [string, string]] : []),
    ...(dice.roll(3) === 0 ? [['app.json', appJson(dice)] as [string, string]] : []),
    ...(dice.roll(4) === 0 ? [['.buildpacks', text(dice, 'buildpacks')] as [string, string]] : []),
  ];
  for (const [name, content] of files) out.entry({ name }, content);
  // One bad entry is enough to be refused, so most archives have none.
  const hostile = dice.roll(3) === 0 ? dice.size(20) : 0;
  const entries = [
    ...Array.from({ length: dice.size(300) }, (_, n) => harmless(dice, n)),
    ...Array.from({ length: hostile }, () => entry(dice)),
  ];
  for (const header of entries) {
    if (header.name === '') continue;
    if (header.type === 'file') out.entry(header, '');
    else out.entry(header);
  }
  out.finalize();
  return reading;
}

/** An archive as it is, or with bytes changed, cut off, or with headers that no program writes. */
async function packed(dice: Dice): Promise<Buffer> {
  const tar = await archive(dice);
  const made = [
    ...Array.from({ length: 12 }, () => () => tar),
    () => tar.subarray(0, dice.size(tar.length)),
    () => {
      for (let flips = dice.size(40); flips > 0; flips -= 1) tar[dice.size(tar.length)] = dice.roll(256);
      return tar;
    },
    () => Buffer.concat([paxBomb(dice), tar]),
    () => Buffer.alloc(dice.size(2 ** 23)),
  ];
  const bytes = gzipSync(dice.pick(made)(), { level: 1 });
  return dice.roll(12) === 0 ? bytes.subarray(0, dice.size(bytes.length)) : bytes;
}

function paxBomb(dice: Dice): Buffer {
  const records = Buffer.alloc(512 * (1 + dice.size(2000)), dice.pick(['6 a=b\n', '9 size=1\n', '99999 a=b\n', 'x']));
  const size = `${records.length.toString(8).padStart(11, '0')} `;
  return Buffer.concat([tarHeader('pax', { type: dice.pick(['g', 'x', 'L', 'K']), size }), records]);
}

function body(dice: Dice): Pick<HostileInput, 'method' | 'url' | 'payload'> {
  const routes = [
    ['PATCH', '/apps/shop/config'],
    ['PATCH', '/apps/shop/formation'],
    ['PATCH', '/apps/blog'],
    ['POST', '/apps/shop/run'],
    ['POST', '/apps/shop/ps/exec'],
    ['POST', '/apps/shop/domains'],
    ['POST', '/apps/shop/releases'],
    ['POST', '/apps'],
  ] as const;
  const made = [
    () => JSON.stringify(json(dice)),
    () => JSON.stringify({ set: manyKeys(dice), env: manyKeys(dice), command: json(dice), updates: json(dice) }),
    () =>
      JSON.stringify({ name: path(dice), domain: text(dice, 'buildpacks'), source: { root: path(dice), watch: [] } }),
    () => text(dice, 'json'),
    () => dice.pick(['[', '{"a":', '"', ' ']).repeat(dice.size(2 ** 19)),
  ];
  const [method, url] = dice.pick(routes);
  return { method, url, payload: Buffer.from(dice.pick(made)()) };
}

/** The input of a number; always the same. */
export async function hostileInput(n: number): Promise<HostileInput> {
  const dice = new Dice(n);
  if (dice.roll(3) === 0) return { what: `body ${n}`, type: 'application/json', ...body(dice) };
  const isManifest = dice.roll(8) === 0;
  const url = isManifest
    ? '/apps/shop/sources'
    : `/apps/shop/builds?kind=${dice.pick(['auto', 'buildpacks', 'dockerfile'])}`;
  const what = `${isManifest ? 'manifest' : 'archive'} ${n}`;
  return { what, method: 'POST', url, type: 'application/gzip', payload: await packed(dice) };
}
