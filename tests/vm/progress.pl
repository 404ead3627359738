#!/usr/bin/perl
# progress.pl [FILES] <OUTPUT: a line on standard error now and then on how far apt is,
# or the build of a kernel, which is about FILES files.
#
# Lines that begin with 'vm: ' are passed on. mmdebstrap installs in two rounds: what
# dpkg itself needs, and the rest. (Perl, since some awks wait for a full buffer.)
use strict;
use warnings;

my ($start, $said) = (time, time);
my ($total, $rounds, $fetched, $unpacked, $ready) = (0, 0, 0, 0, 0);
my ($files, $built) = (shift // 0, 0);

sub say_it
{
	my ($what) = @_;
	$said = time;
	printf STDERR "vm: %4d s: %s\n", $said - $start, $what;
}

while (my $line = <STDIN>) {
	if ($line =~ / (\d+) newly installed, /) {
		$total = $1;
		($fetched, $unpacked, $ready) = (0, 0, 0);
		say_it($rounds++ ? "and $total more" : "$total packages");
	}
	$fetched++ if $line =~ /^Get:\d+ (\S+ ){6,}\[/;
	$unpacked++ if $line =~ /^Unpacking /;
	$ready++ if $line =~ /^Setting up /;
	$built++ if $files && $line =~ /^  [A-Z]+ +\S/;	# as Kbuild tells
	if ($line =~ s/^vm: //) {
		chomp $line;
		$total = 0;	# that was apt; this is something else
		say_it($line);
	} elsif ($total && time - $said >= 5) {
		say_it($unpacked + $ready
			? "unpacked $unpacked, set up $ready of $total"
			: "fetched $fetched of $total");
	} elsif ($built && time - $said >= 15) {
		say_it("$built of about $files files");
	}
}
