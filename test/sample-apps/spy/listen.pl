# Answers "<text>" to whoever connects to <address>:<port>; on UDP, appends what arrives to /tmp/got.
use strict;
use warnings;
use IO::Socket::INET;

my ($protocol, $address, $port, $text) = @ARGV;
my @listen = $protocol eq 'tcp' ? (Listen => 16, ReuseAddr => 1) : ();
my $socket = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Proto => $protocol, @listen) or die $!;
if ($protocol eq 'udp') {
  while (defined $socket->recv(my $data, 2000)) {
    open my $got, '>>', '/tmp/got' or die $!;
    print $got $data;
    close $got;
  }
}
while (my $client = $socket->accept) {
  print $client "$text\n";
  close $client;
}
