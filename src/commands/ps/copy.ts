import * as Flags from '@oclif/core/flags';
import { basename, posix, resolve } from 'node:path';
import { requiredArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { placeFor, receive, send } from '#cli/terminal/copy.ts';
import { processFlag } from '#cli/parse/process-flag.ts';
import { sessionStream } from '#cli/terminal/session-stream.ts';

export default class PsCopy extends AppCommand {
  static override summary = 'Copy files from or to a process';
  static override description =
    'Copies a file or folder from a running process to this machine; with --to, from this ' +
    'machine to the process, where it is lost on the next restart.';
  static override examples = [
    'mothership ps:copy /app/heap.json -a example-app',
    'mothership ps:copy log --ps worker.1 --output logs/',
    'mothership ps:copy seed.csv --to /tmp/',
  ];
  static override args = { file: requiredArg('File or folder to copy: in the process, or on this machine with --to') };
  static override flags = {
    ps: processFlag,
    output: Flags.string({
      char: 'o',
      description: 'Where to put it; defaults to its own name in the current folder',
      helpValue: 'PATH',
      exclusive: ['to'],
    }),
    to: Flags.string({
      description: 'Copy to this path in the process; a trailing slash means a folder',
      helpValue: 'PATH',
    }),
  };

  async run(): Promise<void> {
    const {
      args: { file },
      flags,
    } = await this.parse(PsCopy);
    const app = await this.app();
    const ps = flags.ps ? { ps: flags.ps } : {};
    const api = await this.api();
    const target =
      flags.to === undefined
        ? await placeFor(file, flags.output, this.io.cwd)
        : flags.to.endsWith('/')
          ? flags.to + basename(file)
          : flags.to;
    this.progress.start(`Copying ${file} to ${target}`);
    if (flags.to === undefined)
      await receive(
        sessionStream(await api.socket('psCopy', { app }, { ...ps, path: posix.resolve('/app', file) })),
        target,
      );
    else {
      const folder = posix.resolve('/app', posix.dirname(target));
      await send(
        async () => sessionStream(await api.socket('psCopy', { app }, { ...ps, path: folder, into: true })),
        resolve(this.io.cwd, file),
        posix.basename(target),
      );
    }
    this.progress.done();
    this.print({ app, from: file, to: target });
  }
}
