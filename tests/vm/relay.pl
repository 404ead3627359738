#!/usr/bin/perl
# relay.pl TRAILER STATUS_FILE <PORT >OUTPUT
#
# Copy one stream of the guest to where it belongs, byte for byte.
#
# The end of a stream cannot be the end of QEMU: when the machine goes off, bytes
# that a slow reader has left in the virtio queue are lost. So the guest ends each
# stream with a trailer - a random word and the command's exit status - and the
# machine is stopped when the trailers have come through. The same word at the
# start of a stream says that the guest has booted.
#
# Exit status: 0 after the trailer, 1 if the stream ended without one.
use strict;
use warnings;

my ($word, $status_file) = @ARGV;
my $trailer = qr/\Q$word\E (\d+)\n\z/;
my $longest = length("$word 255\n");
my ($buffer, $booted) = ('', 0);

sub put
{
	my ($bytes) = @_;
	while (length $bytes) {
		my $n = syswrite(STDOUT, $bytes);
		defined $n or exit 1;
		substr($bytes, 0, $n, '');
	}
}

sub touch
{
	my ($name, $text) = @_;
	open(my $file, '>', "$name.new") or die "$name: $!\n";
	print $file $text;
	close($file) or die "$name: $!\n";
	rename("$name.new", $name) or die "$name: $!\n";
}

while (1) {
	my $n = sysread(STDIN, $buffer, 1 << 16, length $buffer);
	defined $n or next;
	last if $n == 0;
	if (!$booted) {
		next if length $buffer < length "$word\n";
		substr($buffer, 0, length "$word\n", '');
		$booted = 1;
		touch("$status_file.booted", '');
	}
	if ($buffer =~ $trailer) {
		my $status = $1;
		put(substr($buffer, 0, $-[0]));
		touch($status_file, "$status\n");
		exit 0;
	}
	# Hold back only what may be the beginning of a trailer.
	my $keep = 0;
	my $from = length($buffer) - $longest;
	my $at = index($buffer, substr($word, 0, 1), $from < 0 ? 0 : $from);
	while ($at >= 0) {
		my $tail = substr($buffer, $at);
		my $common = length($tail) < length($word) ? length($tail) : length($word);
		if (substr($tail, 0, $common) eq substr($word, 0, $common)) {
			$keep = length $tail;
			last;
		}
		$at = index($buffer, substr($word, 0, 1), $at + 1);
	}
	put(substr($buffer, 0, length($buffer) - $keep, ''));
}
put($buffer);
exit 1;
