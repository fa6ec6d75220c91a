import * as Flags from '@oclif/core/flags';
import { optionalArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, findContext, readContexts, saveLogin } from '#cli/session/contexts.ts';
import { readAll } from '#cli/parse/input.ts';
import { ask } from '#cli/output/prompts.ts';
import { parseClusterUrl } from '#cli/session/session.ts';
import { Secret } from '#events';
import { fail } from '#errors';

export default class Login extends BaseCommand {
  static override summary = 'Log in to a cluster with a token';
  static override description =
    'Verifies a token and saves it in a context, which becomes the current one. The token is ' +
    'prompted for, or read from stdin or $MOTHERSHIP_TOKEN; it is never an argument.';
  static override examples = [
    'mothership login https://mothership.example.com',
    'mothership login mothership.localhost --token-stdin < token.txt',
    'mothership login --name staging https://mothership.staging.example.com',
  ];
  static override aliases = ['auth:login'];
  static override args = { url: optionalArg("URL of the cluster; defaults to the context's") };
  static override flags = {
    name: Flags.string({ description: "Name of the context; defaults to the cluster's name", helpValue: 'NAME' }),
    address: Flags.string({
      description: "Connect to this IP address instead of looking up the cluster's name",
      helpValue: 'IP',
    }),
    'token-stdin': Flags.boolean({ description: 'Read the token from stdin' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Login);
    const url = await this.#url(args.url, flags.context);
    const token = await this.#token(flags['token-stdin'], url);
    const address = flags.address ? { address: flags.address } : {};
    const api = await this.connect({ url, token, ...address });
    try {
      const account = await api.call('account');
      const cluster = await api.call('clusterInfo');
      const context = flags.name ?? flags.context ?? cluster.name;
      await saveLogin(contextsFile(this.io), context, {
        url,
        token: token.reveal(),
        domain: cluster.domain,
        ...address,
      });
      this.print({ context, url, user: account.user, role: account.role }, () => [
        `Logged in as ${account.user} (${account.role}) with context ${context}.`,
      ]);
    } finally {
      api.close();
    }
  }

  async #url(given: string | undefined, context: string | undefined): Promise<string> {
    if (given) return parseClusterUrl(given);
    const known = await readContexts(contextsFile(this.io));
    const name = context ?? known.current;
    if (name && findContext(known, name).url) return findContext(known, name).url;
    return parseClusterUrl(
      await ask(this.io, {
        kind: 'text',
        message: 'URL of the cluster:',
        flag: 'a URL argument: mothership login URL',
      }),
    );
  }

  async #token(fromStdin: boolean, url: string): Promise<Secret> {
    const given = fromStdin ? await readAll(this.io.stdin) : this.io.env['MOTHERSHIP_TOKEN'];
    const token = (
      given ||
      (await ask(this.io, { kind: 'secret', message: `Token for ${url}:`, flag: '--token-stdin or $MOTHERSHIP_TOKEN' }))
    ).trim();
    if (!/^[\x21-\x7e]+$/.test(token)) throw fail('UNAUTHENTICATED', {});
    return new Secret(token);
  }
}
