/** For bin/quickstart: what bootstrap writes on a fresh machine with systemd's slices. `npx tsx scripts/engine-settings.ts slice|engine` */
import { SLICE_TEXT } from '../src/nodes/slice.ts';
import { mergedDaemonJson } from '../src/provision/bootstrap/daemon-json.ts';

process.stdout.write(process.argv[2] === 'slice' ? SLICE_TEXT : mergedDaemonJson('this machine', undefined, true) ?? '');
