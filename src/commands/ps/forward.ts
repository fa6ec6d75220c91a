import { requiredArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { Forwarder, parsePorts } from '#cli/terminal/forwarder.ts';
import { processFlag } from '#cli/parse/process-flag.ts';
import { sessionStream } from '#cli/terminal/session-stream.ts';

export default class PsForward extends AppCommand {
  static override summary = 'Forward ports of this machine to a process';
  static override description =
    'Listens on localhost and forwards every connection to a port of a running process until interrupted.';
  static override examples = [
    'mothership ps:forward 9229 -a example-app',
    'mothership ps:forward 8080:80,9229 --ps web.2',
  ];
  static override args = { ports: requiredArg('PORT or LOCAL:REMOTE, comma-separated') };
  static override flags = { ps: processFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PsForward);
    const ports = parsePorts(args.ports);
    const app = await this.app();
    const api = await this.api();
    const ps = flags.ps ? { ps: flags.ps } : {};
    const warn = (error: unknown): void => this.notice((error as Error).message, 'warning');
    const forwarders = ports.map(
      ({ local, remote }) =>
        new Forwarder(
          local,
          async () => sessionStream(await api.socket('psForward', { app }, { ...ps, port: remote })),
          warn,
        ),
    );
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) this.io.onSignal(signal, resolve);
    });
    try {
      for (const forwarder of forwarders) await forwarder.listen();
      this.print(ports, () =>
        ports.map(
          ({ local, remote }) =>
            `Forwarding 127.0.0.1:${local} to port ${remote} of ${flags.ps ?? 'web.1'}. Press Ctrl-C to stop.`,
        ),
      );
      await stopped;
    } finally {
      for (const forwarder of forwarders) forwarder.close();
    }
  }
}
