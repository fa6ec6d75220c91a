/** The direction of imports, as src/README.md draws it. The left side of a rule may not reach its right side. */
const only = (name, packages, folders, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: folders },
  to: { path: `node_modules/(${packages})(/|$)` },
});

const never = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});

/** Whole modules at run time; a type costs nothing and binds nothing. */
const neverAtRunTime = (name, from, to, comment) => {
  const rule = never(name, from, to, comment);
  return { ...rule, to: { ...rule.to, dependencyTypesNot: ['type-only'] } };
};

/** One folder a noun: its rules, and what the controller does with it. */
const ROOMS =
  '^src/(access|apps|backup|builds|cluster|logs|nodes|operations|processes|provision|registry|releases|rollout|router)/';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('dockerode-in-engine', 'dockerode|docker-modem', '^src/engine/', 'The engine is reached through its port'),
    only('ssh2-in-remote', 'ssh2', '^src/remote/', 'Other machines are reached through one adapter'),
    only('oclif-at-the-edge', '@oclif', '^src/(commands|cli)/', 'The library is no command line'),
    only('tar-in-archive', 'tar-stream', '^src/archive/', 'Archives are read and written in one place'),
    only('fastify-in-controller', 'fastify|@fastify|pino', '^src/controller/', 'The library is no server'),
    only('prompts-at-the-edge', 'inquirer|@inquirer', '^src/(commands|cli)/', 'The library asks through its Host'),
    only('aws-sdk-in-its-provider', '@aws-sdk|@smithy', '^src/provision/aws/', 'Amazon is one provider of several'),
    only('processes-in-adapters', 'execa', '^src/(cli|provision|cluster)/', 'Other programs are run in few places'),
    never(
      'base-imports-nothing',
      '^src/(errors|events|values)/',
      '^src/(?!errors/|events/|values/)',
      'Everything stands on these',
    ),
    never('agent-is-alone', '^src/agent/', '^src/(?!agent/|events/)', 'It runs on every node and stays small'),
    never(
      'api-is-a-contract',
      '^src/api/',
      '^src/(?!api/|events/|errors/|values/)',
      'The contract knows no implementation',
    ),
    never('domains-know-no-front', ROOMS, '^src/(commands|cli|controller|platform)/', 'A room serves all fronts'),
    never(
      'domains-know-no-contract',
      '^src/(logs|provision|registry|rollout|router|store)/',
      '^src/api/',
      'Views are made where records are',
    ),
    neverAtRunTime(
      'domains-use-the-port',
      ROOMS,
      '^src/engine/.*docker-',
      'Domains see the Engine port, not the adapter',
    ),
    never(
      'engine-is-an-adapter',
      '^src/engine/',
      '^src/(?!engine/|errors/|events/|values/)',
      'An adapter serves its port',
    ),
    never(
      'remote-is-an-adapter',
      '^src/remote/',
      '^src/(?!remote/|errors/|events/|values/)',
      'It knows hosts and commands, no clusters',
    ),
    never(
      'store-is-an-adapter',
      '^src/store/',
      '^src/(?!store/|engine/|errors/|events/|values/|labels)',
      'An adapter serves its port',
    ),
    never('platform-knows-no-front', '^src/platform/', '^src/(commands|cli|controller)/', 'The library has no front'),
    never(
      'controller-is-a-front',
      '^src/controller/',
      '^src/(?!controller/|platform/|api/|errors/|events/|values/|router/|engine/|nodes/)',
      'Routes call the platform',
    ),
    never(
      'commands-are-thin',
      '^src/commands/(?!setup|cluster|doctor|nodes/add|nodes/remove)',
      '^src/(?!commands/|cli/|api/|errors/|events/|values/)',
      'A command parses, calls, renders',
    ),
    never(
      'cli-calls-the-api',
      '^src/cli/',
      '^src/(platform|controller|store|access|apps|backup|builds|logs|operations|processes|registry|releases|rollout)/',
      'The CLI is a client of the API',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
