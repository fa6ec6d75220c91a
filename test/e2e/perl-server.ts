/** A program for an app that no language's buildpack is for; `body`: what Perl prints as the answer to every request. */
export function perlServer(body: string): string {
  return `#!/bin/bash
exec perl -MIO::Socket::INET -e '
  my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 5, ReuseAddr => 1) or die;
  $SIG{TERM} = sub { exit 0 };
  while (my $client = $server->accept) {
    while (<$client>) { last if /^\\r?\\n$/ }
    print $client "HTTP/1.0 200 OK\\r\\n\\r\\n", ${body};
    close $client;
  }'
`;
}
