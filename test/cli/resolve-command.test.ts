import { expect } from 'chai';
import { resolveCommand, unknownCommand } from '../../src/cli/program/resolve-command.ts';

const ids = new Set([
  'apps',
  'apps:create',
  'config',
  'config:set',
  'rollback',
  'run',
  'run:detached',
  'ps',
  'ps:scale',
  'releases',
  'releases:rollback',
]);

const topics = ['cluster', 'releases', 'ps'];

describe('a command line', () => {
  const cases: readonly [string, string, string[]][] = [
    ['apps', 'apps', []],
    ['apps:create shop', 'apps:create', ['shop']],
    ['apps create shop', 'apps:create', ['shop']],
    ['config:set A=1', 'config:set', ['A=1']],
    ['config set A=1', 'config:set', ['A=1']],
    ['config -a set', 'config', ['-a', 'set']],
    ['rollback v3', 'rollback', ['v3']],
    ['releases rollback v3', 'releases:rollback', ['v3']],
    ['run rake db:migrate', 'run', ['rake', 'db:migrate']],
    ['run detached ls', 'run:detached', ['ls']],
    ['run -- detached', 'run', ['--', 'detached']],
    ['ps:scale web=3', 'ps:scale', ['web=3']],
    ['ps scale web=3', 'ps:scale', ['web=3']],
    ['ps web', 'ps', ['web']],
  ];
  for (const [line, id, argv] of cases)
    it(`"${line}" is ${id}`, () => expect(resolveCommand(line.split(' '), ids)).to.deep.equal({ id, argv }));

  for (const line of ['nothing', 'apps:nothing', '--app x apps', ''])
    it(`"${line}" is none`, () => expect(resolveCommand(line.split(' '), ids)).to.equal(undefined));

  for (const [typed, meant] of [
    ['app:create', 'apps:create'],
    ['confg', 'config'],
    ['rolback v3', 'rollback'],
    ['config:sett', 'config:set'],
    ['status', 'ps'],
    ['dyno:restart', 'ps:restart'],
    ['run:inside bash', 'ps:exec'],
    ['auth:login', 'login'],
    ['cofnig', 'config'],
    ['clutser', 'cluster'],
    ['release', 'releases'],
  ] as const) {
    it(`"${typed}" asks for ${meant}`, () =>
      expect(unknownCommand(typed.split(' '), [...ids], topics))
        .to.have.property('message')
        .that.matches(new RegExp(` is not a mothership command\\. Did you mean \`mothership ${meant}\`\\?$`)));
  }
  for (const typed of ['drains', 'certs:add', 'pg', 'keys', 'labs', 'redis:cli'])
    it(`"${typed}", which is like nothing here, asks for nothing`, () =>
      expect(unknownCommand([typed], [...ids, 'domains', 'apps', 'tokens'], topics)).to.have.property(
        'message',
        `${typed} is not a mothership command.`,
      ));
  it('names the topic that there is', () =>
    expect(unknownCommand(['releases:frobnicate'], [...ids], topics)).to.have.property(
      'suggestion',
      'List its commands with `mothership help releases`.',
    ));
  it('suggests nothing when nothing is near', () =>
    expect(unknownCommand(['frobnicate'], [...ids]))
      .to.have.property('suggestion')
      .that.includes('mothership help'));
});
