#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the traces anew: what these three programs ask of malloc, the first 60,000 bytes of it.
set -eu
cd "$(dirname "$0")"
library=$(mktemp -d)/record.so
trap 'rm -r "$(dirname "$library")"' EXIT
gcc -shared -fPIC -O2 record.c -o "$library"

# trace NAME PROGRAM ARGUMENT...
trace() {
    KIT_TRACE=traces/$1.trace KIT_TRACE_BYTES=60000 LD_PRELOAD=$library "${@:2}"
}

PYTHONMALLOC=malloc trace python3 python3 -S -c '
import json
rows = [{"id": i, "name": "n%d" % i, "tags": ["t%d" % (i % 7)] * (i % 4)} for i in range(300)]
for _ in range(3):
    rows = json.loads(json.dumps(rows))
print(len(rows))'
trace perl perl -e '
my %count;
for my $i (1 .. 3000) { push @{$count{"w" . ($i * 7919 % 997)}}, $i; }
my $text = join(",", sort { @{$count{$b}} <=> @{$count{$a}} } keys %count);
$text =~ s/w(\d+)/<$1>/g;
print length($text), "\n";'
trace sqlite3 sqlite3 :memory: '
create table t(a integer, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
    insert into t select i, hex(i * i) from n;
create index x on t(b);
select count(*), max(b) from t where b like "%3%";
select sum(a) from (select a from t order by b desc limit 500);
select length(group_concat(a)) from t group by substr(b, 1, 2) limit 3;'
