import { FakeMachine } from '../cluster/world.ts';
import { DockerClient } from '../../src/provision/practice/index.ts';

type Answer = { code: number; stdout: string; stderr: string };
interface Node {
  cluster: string;
  number: number;
  status: 'running' | 'paused' | 'exited';
  partitioned: boolean;
}

const answer = (code: number, text = ''): Answer => ({
  code,
  stdout: code === 0 ? text : '',
  stderr: code === 0 ? '' : text,
});

/** The program `docker` with an engine that has practice nodes; `ran` are its arguments. */
export class FakeDocker extends FakeMachine {
  readonly nodes: Node[] = [];
  readonly networks = new Map<string, string>();
  readonly volumes = new Set<string>();
  /** Answers before anything else does. */
  refuse: (argv: readonly string[]) => Answer | undefined = () => undefined;

  add(cluster: string, number: number): Node {
    const node: Node = { cluster, number, status: 'running', partitioned: false };
    this.nodes.push(node);
    return node;
  }

  client(): DockerClient {
    return new DockerClient(this, { socketPath: '/run/x.sock' });
  }

  override run(argv: readonly string[], options: { input?: Buffer } = {}): Promise<Answer> {
    this.ran.push([...argv]);
    const [program, , , ...rest] = argv;
    if (program !== 'docker') return Promise.resolve(answer(127));
    return Promise.resolve(this.refuse(rest) ?? this.#answer(rest, options.input?.toString() ?? ''));
  }

  #answer(argv: readonly string[], input: string): Answer {
    const [verb = '', object = ''] = argv;
    const last = argv.at(-1) ?? '';
    if (verb === 'ps')
      return answer(
        0,
        this.nodes
          .filter(
            (node) =>
              !argv.some((word) => word.startsWith('label=mothership.cluster=') && !word.endsWith(`=${node.cluster}`)),
          )
          .map(nameOf)
          .join('\n'),
      );
    if (verb === 'inspect') return answer(0, JSON.stringify(argv.slice(3).map((name) => json(this.#node(name)))));
    if (verb === 'network' || verb === 'volume') return this.#object(verb, object, argv, last);
    if (verb === 'run') return this.#create(argv);
    if (verb === 'rm') return this.#remove(last);
    if (verb === 'exec') return this.#exec(argv, input);
    const status = ({ kill: 'exited', pause: 'paused', unpause: 'running', start: 'running' } as const)[verb];
    if (!status) return answer(1, `unknown: ${argv.join(' ')}`);
    Object.assign(this.#node(last), { status, ...(verb === 'start' ? { partitioned: false } : {}) });
    return answer(0, last);
  }

  #object(kind: 'network' | 'volume', verb: string, argv: readonly string[], last: string): Answer {
    const names = kind === 'network' ? this.networks : this.volumes;
    if (verb === 'ls') return answer(0, [...names.keys()].join('\n'));
    if (verb === 'rm') return names.delete(last) ? answer(0) : answer(1, `Error: No such ${kind}: ${last}`);
    if (verb === 'create' && kind === 'volume') this.volumes.add(last);
    else if (verb === 'create')
      this.networks.set(last, argv.includes('--subnet') ? argv[argv.indexOf('--subnet') + 1]! : '172.20.0.0/16');
    if (verb !== 'inspect') return answer(0, last);
    const subnet = this.networks.get(last);
    return subnet
      ? answer(0, JSON.stringify([{ Name: last, IPAM: { Config: [{ Subnet: subnet }] } }]))
      : answer(1, 'Error: No such network');
  }

  #create(argv: readonly string[]): Answer {
    const [, cluster = '', number = ''] = /^mothership-(.*)-node-(\d+)$/.exec(argv[argv.indexOf('--name') + 1]!)!;
    this.add(cluster, Number(number));
    return answer(0, 'an id');
  }

  #remove(name: string): Answer {
    const index = this.nodes.findIndex((node) => nameOf(node) === name);
    if (index < 0) return answer(1, `Error: No such container: ${name}`);
    this.nodes.splice(index, 1);
    return answer(0, name);
  }

  #exec(argv: readonly string[], input: string): Answer {
    const node = this.nodes.find((each) => argv.includes(nameOf(each)));
    if (node?.status !== 'running') return answer(1, 'Error response from daemon: Container is not running');
    if (argv.includes('iptables'))
      return node.partitioned ? answer(0) : answer(1, 'iptables: No chain/target/match by that name.');
    if (argv.includes('iptables-restore')) node.partitioned = input.includes('--dport 7946 -j DROP');
    return answer(0);
  }

  #node(name: string): Node {
    return this.nodes.find((node) => nameOf(node) === name)!;
  }
}

const nameOf = ({ cluster, number }: Node): string => `mothership-${cluster}-node-${number}`;

function json(node: Node): object {
  const labels = {
    'mothership.cluster': node.cluster,
    'mothership.practice.node': String(node.number),
    'mothership.practice.zone': 'b',
    'mothership.practice.role': 'worker',
  };
  const address = `172.20.0.${node.number}`;
  return {
    Name: `/${nameOf(node)}`,
    State: { Status: node.status },
    Config: { Labels: labels },
    NetworkSettings: {
      Networks: {
        [`mothership-${node.cluster}-nodes`]: {
          IPAddress: node.status === 'exited' ? '' : address,
          IPAMConfig: { IPv4Address: address },
        },
      },
    },
  };
}
