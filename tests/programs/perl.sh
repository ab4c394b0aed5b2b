#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"

export PERL_HASH_SEED=1
cat >words.pl <<'END'
use strict;
use warnings;
my $rounds = shift;
my $seed = 42;
sub chance { $seed = ($seed * 1103515245 + 12345) % 2147483648; return $seed % $_[0] }
my (%count, @lines);
for my $n (1 .. 3000 * $rounds) {
    my $line = join ' ', map { 'w' . chance(3000) } 1 .. 1 + chance(12);
    push @lines, $line;
    $count{$_}++ for split / /, $line;
    splice @lines, chance(scalar @lines), 3 if @lines > 5000;
}
for my $word (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count) {
    print "$word $count{$word}\n" if $count{$word} > 30;
}
my $text = join "\n", @lines;
my $hits = () = $text =~ /w(\d)\1\d* w/g;
(my $other = $text) =~ s/(w\d+) (w\d+)/$2 . '-' x length $1/ge;
print length $text, " $hits ", unpack('%32C*', $other), "\n";
my @tree = map { { id => $_, list => [1 .. $_ % 50] } } 1 .. 3000 * $rounds;
$_->{self} = [map { "$_" } @{ $_->{list} }] for @tree;
@tree = grep { $_->{id} % 3 } @tree;
print scalar @tree, "\n";
for my $n (1 .. 8) {
    $| = 1;
    my $child = fork // die;
    if (!$child) { my @own = map { 'x' x $_ } 1 .. 2000; exit scalar(@own) % 100 + $n }
    waitpid $child, 0;
    print $? >> 8, "\n";
}
END
same "words" perl words.pl "$rounds"
same "a pipe" perl -e 'open my $p, "-|", "seq", 1, 50000; my $s = 0; $s += $_ while <$p>; print $s'
