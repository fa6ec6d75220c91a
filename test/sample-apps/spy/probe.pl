# Tries every target of targets.txt ("<name> <kind> <host> <port> [what]" in each line) at once, and prints what answered.
# Connecting proves nothing, since a gateway may accept connections to any address: what counts is what the other side says.
use strict;
use warnings;
use IO::Socket::INET;

my ($source, $file) = @ARGV;
$| = 1;

sub stream {
  my ($host, $port, $hello) = @_;
  my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Proto => 'tcp', Timeout => 2) or return '';
  syswrite $socket, $hello;
  my $answer = '';
  eval { local $SIG{ALRM} = sub { die }; alarm 2; 1 while sysread $socket, $answer, 200, length $answer; alarm 0 };
  return $answer;
}

sub checksum {
  my $sum = 0;
  $sum += $_ for unpack 'n*', $_[0];
  $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
  return ~$sum & 0xffff;
}

# A frame of an overlay network in a datagram, as nodes send them to each other. RFC 7348.
sub frame {
  my ($node, $vni, $to, $port, $text) = @_;
  my $udp = pack('nnnn', 1111, $port, 8 + length $text, 0) . $text;
  my @ip = (0x45, 0, 20 + length $udp, 0, 0, 64, 17, 0, inet_aton('192.0.2.99'), inet_aton($to));
  $ip[7] = checksum(pack 'CCnnnCCna4a4', @ip);
  my $ethernet = pack 'H4a4H12n', '0242', inet_aton($to), '0242c0000263', 0x0800;
  my $socket = IO::Socket::INET->new(PeerAddr => $node, PeerPort => 4789, Proto => 'udp') or return;
  $socket->send(pack('CCnN', 8, 0, 0, $vni << 8) . $ethernet . pack('CCnnnCCna4a4', @ip) . $udp);
}

open my $targets, '<', $file or die "$file: $!";
for (<$targets>) {
  my ($name, $kind, $host, $port, $what, $to) = split;
  next if fork;
  my $open = $kind eq 'text' ? stream($host, $port, "GET / HTTP/1.0\r\n\r\n") =~ /\Q$what\E/
    # An alert or a handshake: something there speaks TLS.
    : $kind eq 'tls' ? stream($host, $port, "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00") =~ /^[\x15\x16]\x03/
    : $kind eq 'frame' ? frame($host, $what, $to, $port, "$source-$name\n") && 0
    : -e $host;
  print "REACH $source $name ", ($open ? 'open' : 'closed'), "\n" if $kind ne 'frame';
  exit;
}
1 while wait != -1;
