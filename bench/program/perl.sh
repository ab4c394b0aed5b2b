#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# perl: hashes of arrays, strings that grow, regular expressions and sorting.
commands=(perl) package=perl

inputs() {
    make_text "$(scaled 2500 12000 200000)" >text
    cat >program.pl <<'EOF'
use strict;
use warnings;
my (%places, %follows, @lines);
open my $text, '<', 'text' or die;
while (my $line = <$text>) {
    my @words = split ' ', $line;
    push @{$places{$_}}, $. for @words;
    $follows{$words[$_ - 1]}{$words[$_]}++ for 1 .. $#words;
    $line =~ s/([aeiou])(\w)/$2$1/g;
    push @lines, join '-', reverse split /\s+/, $line;
}
for my $word (sort { @{$places{$b}} <=> @{$places{$a}} || $a cmp $b } keys %places) {
    print $word, ' ', scalar @{$places{$word}}, ' ', scalar keys %{$follows{$word} // {}}, "\n";
}
my $all = '';
$all .= "$_\n" for sort @lines;
print length $all, ' ', unpack('%32C*', $all), "\n";
EOF
}

work() {
    PERL_HASH_SEED=0 preloaded perl program.pl >out
}

. "$(dirname "$0")/shared/program.sh"
