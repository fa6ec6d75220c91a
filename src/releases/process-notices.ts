import { formationFor, type Formation } from '#apps';
import type { Event } from '#events';
import type { ReleaseRecord } from '#store';

type Types = Pick<ReleaseRecord, 'version' | 'image' | 'build' | 'processTypes'>;

interface Change {
  /** The live release. */
  readonly before: Types | undefined;
  readonly release: Types;
  /** The app's; it keeps entries of types that only earlier releases had. */
  readonly formation: Formation;
  readonly url: string;
}

/**
 * Says what a release with another image or build changes for the app's processes, before anything stops: which will
 * run, which running types it drops, and whether it has a web process.
 */
export function processNotices({ before, release, formation, url }: Change): Event[] {
  if (release.image === null || (before?.image === release.image && before.build === release.build)) return [];
  const wanted = quantities(release, formation);
  const had = before?.image ? quantities(before, formation) : [];
  const types = wanted.map(([type]) => type);
  const spelled = types.find((type) => type !== 'web' && type.toLowerCase() === 'web');
  const nothingRuns = wanted.length > 0 && !runs(wanted) && (had.length === 0 || runs(had));
  return [
    info(`Processes of v${release.version}: ${wanted.map(([type, count]) => `${type}=${count}`).join(', ') || 'none'}`),
    ...had.filter(([type, count]) => count > 0 && !types.includes(type)).map((each) => dropped(release, each, url)),
    ...(spelled ? [warning(`The process type "${spelled}" gets no web requests: only "web" in lower case does`)] : []),
    ...(nothingRuns ? [warning(`No process will run. Start one with \`mothership ps:scale ${types[0]!}=1\``)] : []),
  ];
}

type Quantity = readonly [type: string, count: number];

function quantities({ processTypes }: Types, formation: Formation): Quantity[] {
  return Object.entries(formationFor(Object.keys(processTypes), formation)).map(([type, { quantity }]) => [
    type,
    quantity,
  ]);
}

function runs(quantities: readonly Quantity[]): boolean {
  return quantities.some(([, count]) => count > 0);
}

function dropped({ version }: Types, [type, count]: Quantity, url: string): Event {
  const stops = count === 1 ? 'its process will stop' : `its ${count} processes will stop`;
  const page = type === 'web' ? `, and ${url} will show an error page` : '';
  return warning(`v${version} has no process type "${type}": ${stops}${page}`);
}

const info = (message: string): Event => ({ type: 'notice', level: 'info', message });
const warning = (message: string): Event => ({ type: 'notice', level: 'warning', message });
