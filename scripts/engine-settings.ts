/** For bin/quickstart: what bootstrap writes on a fresh machine with systemd's slices. `npx tsx scripts/engine-settings.ts slice|containerd|engine` */
import { cpus } from 'node:os';
import { containerdText, SLICE_TEXT } from '../src/nodes/slice.ts';
import { mergedDaemonJson } from '../src/provision/bootstrap/daemon-json.ts';

const texts: Readonly<Record<string, string | undefined>> = {
  slice: SLICE_TEXT,
  containerd: containerdText(cpus().length),
  engine: mergedDaemonJson('this machine', undefined, true),
};
process.stdout.write(texts[process.argv[2] ?? ''] ?? '');
