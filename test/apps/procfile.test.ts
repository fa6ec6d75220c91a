import { expect } from 'chai';
import { parseProcfile } from '../../src/apps/procfile.ts';
import { isMothershipError } from '../../src/errors/index.ts';

function refusal(text: string): string {
  try {
    parseProcfile(text);
  } catch (error) {
    if (isMothershipError(error, 'PROCFILE_INVALID')) return error.message;
  }
  return 'accepted';
}

describe('a Procfile', () => {
  const accepted: [string, string, Record<string, string>][] = [
    ['one line', 'web: node server.js', { web: 'node server.js' }],
    ['several', 'web: a\nworker: b --x="y: z"\n', { web: 'a', worker: 'b --x="y: z"' }],
    ['Windows line ends', 'web: a\r\nworker: b\r\n', { web: 'a', worker: 'b' }],
    ['a byte order mark', '\uFEFFweb: a', { web: 'a' }],
    ['tabs around the command', 'web:\ta b\t\n', { web: 'a b' }],
    ['a tab within the command', 'web: a\tb', { web: 'a\tb' }],
    ['no space after the colon', 'web:a', { web: 'a' }],
    ['blank lines and comments', '\n# what runs\n\nweb: a\n\n', { web: 'a' }],
    ['names with - and _', 'web-2_x: a', { 'web-2_x': 'a' }],
    ['nothing in it', '', {}],
    ['only a newline', '\n', {}],
    ['only comments', '# web: a\n  # later\n', {}],
    ['space before the type', '  web: a\n\tworker: b', { web: 'a', worker: 'b' }],
    ['a line that ends with a backslash', 'web: a \\\nworker: b', { web: 'a \\', worker: 'b' }],
    ['shell in the command', 'web: FOO=1 sh -c "a && b" | c', { web: 'FOO=1 sh -c "a && b" | c' }],
  ];
  for (const [what, text, commands] of accepted) {
    it(`may have ${what}`, () => expect(parseProcfile(text)).to.deep.equal(commands));
  }

  it('keeps the order of its lines', () => {
    expect(Object.keys(parseProcfile('z: 1\nweb: 2\na: 3'))).to.deep.equal(['z', 'web', 'a']);
  });

  it('may name a process type like a property of objects', () => {
    expect(Object.entries(parseProcfile('__proto__: a\nconstructor: b'))).to.deep.equal([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  const refused: [string, string, RegExp][] = [
    ['a line without a colon', 'web: a\nworker b\n', /line 2: there is no ":" after the process type: worker b/],
    [
      'a command on two lines',
      'web: a \\\n  --flag b',
      /line 2: a command must be on one line, and the line before ends with "\\"/,
    ],
    ['a command with a colon on two lines', 'web: a \\\n  -b 0.0.0.0:80', /line 2: a command must be on one line/],
    ['a space before the colon', 'web : a', /line 1: "web " is not a valid process type/],
    ['a name with a dot', 'web.1: a', /is not a valid process type/],
    ['a name that is too long', `${'x'.repeat(31)}: a`, /is not a valid process type/],
    ['no name', ': a', /is not a valid process type/],
    ['no command', 'web:  ', /line 1: "web" has no command/],
    ['a type twice', 'web: a\nweb: b', /line 2: "web" is defined twice/],
    ['an escape sequence', 'web: a\u001b[2J', /control characters/],
    ['a zero byte', 'web: a\0b', /control characters/],
    ['too many types', Array.from({ length: 51 }, (_, i) => `t${i}: a`).join('\n'), /line 51: there are more than 50/],
    ['an endless command', `web: ${'x'.repeat(10_001)}`, /longer than 10000/],
  ];
  for (const [what, text, message] of refused) {
    it(`must not have ${what}`, () => expect(refusal(text)).to.match(message));
  }

  it('is quoted without what could harm a terminal', () => {
    expect(refusal('we\u001b[31mb: a')).to.not.contain('\u001b');
  });
});
