import { expect } from 'chai';
import { commandTable } from '../../src/commands/index.ts';
import { Desk } from './cli.ts';

interface Definition {
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly type?: string;
  readonly min?: number;
  readonly max?: number;
}

/** A command line with a value that is refused, and what the sentence must say. */
interface Line {
  readonly argv: readonly string[];
  readonly says: readonly string[];
}

/** Every argument and flag that accepts only some values, each with an empty, an odd and a long value. */
async function refusedLines(): Promise<Line[]> {
  const all = Object.entries(commandTable).map(async ([id, load]) => {
    const { default: command } = await load();
    const args = Object.values(command.args) as Definition[];
    const flags = Object.entries({ ...command.flags, ...command.baseFlags }) as [string, Definition][];
    const choices = flags.filter(([, { options }]) => options);
    const fill = args.filter(({ required }) => required).map(({ options }) => options?.[0] ?? 'x');
    return ['', ' ', 'a, b', '--', 'x\ny', '%s $1 $<list>'].flatMap((value) => [
      ...args.flatMap(({ options }, at) =>
        options ? [{ argv: [id, ...fill.slice(0, at), value, ...fill.slice(at + 1)], says: options }] : [],
      ),
      ...choices.map(([name, { options = [] }]) => ({ argv: [id, ...fill, `--${name}=${value}`], says: options })),
    ]);
  });
  return (await Promise.all(all)).flat().filter(({ argv }) => !argv.includes('--'));
}

describe('values that a command does not accept', function () {
  this.timeout(30_000);
  let desk: Desk;
  before(async () => void (desk = await Desk.open({ loggedIn: false })));
  after(() => desk.close());

  it('are quoted with the ones that it does, wherever there is a choice', async () => {
    const lines = await refusedLines();
    expect(lines).to.have.length.greaterThan(20);
    for (const { argv, says } of lines) {
      const { code, stderr } = await desk.run(argv);
      expect(code, argv.join(' ')).to.equal(2);
      expect(stderr, argv.join(' ')).to.match(
        /^ › {3}Error: Invalid (argument |value for --[\w-]+ \()".*"\)?: use \S/s,
      );
      for (const each of says) expect(stderr, argv.join(' ')).to.contain(each);
    }
  });

  for (const [line, says] of [
    ['autocomplete ', 'Invalid argument "": use bash, zsh or fish.'],
    ['autocomplete', 'Missing argument: SHELL.'],
    ['cluster:chaos', 'Missing arguments: ACTION, NODE.'],
    ['nodes:add --role=', 'Invalid value for --role (""): use worker or manager.'],
    ['setup --provider', '--provider needs a value: use local, ssh or aws.'],
    ['setup --http-port=', 'Invalid value for --http-port (""): use a whole number.'],
    ['setup --nodes 99', 'Invalid value for --nodes ("99"): use a whole number up to 9.'],
    ['setup --workers -1', 'Invalid value for --workers ("-1"): use a whole number from 0.'],
    ['setup --disk 1.5', 'Invalid value for --disk ("1.5"): use a whole number.'],
    ['nodes:remove ', 'An argument is empty. Expected: Name, address or id of the node.'],
    ['contexts:use ', 'An argument is empty. Expected: Name of the context.'],
    ['logs -n 100000', 'Invalid value for --num ("100000"): use a whole number up to 10000.'],
    ['deploy .', 'Unexpected argument: ".".'],
    ['apps:info shop', 'Unexpected argument: "shop".'],
    ['deploy a b', 'Unexpected arguments: a, b.'],
    ['setup --registry-region x', 'must be provided when using --registry-region: --registry-bucket.'],
  ] as const)
    it(`are named by ${line}`, async () => {
      const { code, stderr } = await desk.run(line.split(' '));
      expect(stderr.split('\n')[0]).to.contain(says).and.not.contain('error occurred');
      expect(code).to.equal(2);
    });
});
