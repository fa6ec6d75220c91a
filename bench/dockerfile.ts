/**
 * A code-only redeploy of an app with a Dockerfile whose earlier steps are cached: from the source to a running release.
 * Also its first deploy, with an empty layer cache, when the node has the image that builds Dockerfiles.
 * Usage: npx tsx bench/dockerfile.ts [--rounds 5]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onCluster } from './cluster.ts';
import { median, report, seconds, type Row } from './report.ts';
import { timed } from './rival.ts';

const BUDGET_S = 6;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });

/** The run image has Perl and no other language. */
const SERVER = (text: string): string => `use IO::Socket::INET;
$SIG{TERM} = sub { exit };
my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 50, ReuseAddr => 1) or die;
while (1) {
  my $client = $server->accept or next;
  while (defined(my $line = <$client>)) { last if $line =~ /^\\r?$/ }
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: ${text.length}\\r\\nConnection: close\\r\\n\\r\\n${text}";
  close $client;
}
`;

const DOCKERFILE = `ARG MOTHERSHIP_RUN_IMAGE
FROM \${MOTHERSHIP_RUN_IMAGE}
RUN echo "a step that stays cached" > /tmp/cached
COPY . .
RUN perl -c server.pl
CMD ["perl", "server.pl"]
`;

await onCluster('bench-dockerfile', async (cluster) => {
  const folder = await cluster.folder('dockerfile');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Dockerfile'), DOCKERFILE);
  const deploy = async (app: string, text: string): Promise<number> => {
    await writeFile(join(folder, 'server.pl'), SERVER(text));
    const ms = await timed(() => cluster.ok(['deploy', '-a', app, '--path', folder, '--dockerfile', 'Dockerfile']));
    if ((await cluster.http(app)).body !== text) throw new Error('an old release answers');
    return ms;
  };
  for (const app of ['first', 'redeploy']) await cluster.ok(['apps:create', app, '--no-link']);
  // Prepares the image that builds Dockerfiles, once per node.
  await deploy('first', 'first');
  const cold = await deploy('redeploy', 'cold');
  const warm: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) warm.push(await deploy('redeploy', `round ${round}`));
  const rows: Row[] = [
    { what: 'first deploy of an app, empty cache', value: seconds(cold), unit: 's' },
    { what: 'code-only redeploy, median', value: seconds(median(warm)), unit: 's', budget: BUDGET_S },
  ];
  await report('dockerfile', rows, { cold, warm });
});
