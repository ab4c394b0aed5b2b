#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"

cat >script.sql <<END
pragma journal_mode = wal;
create table item (id integer primary key, name text, price real, body blob);
create table sale (id integer primary key, item integer references item, amount integer);
begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < $((10000 * rounds)))
insert into item
    select i, printf('item-%06d', i * 7919 % 30011), i * 0.37, zeroblob(i % 400) from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < $((20000 * rounds)))
insert into sale select i, i * 31 % $((10000 * rounds)) + 1, i % 17 from n;
commit;
create index item_name on item(name);
create index sale_item on sale(item, amount);
delete from item where id % 10 = 3;
update item set body = name || id || name where id % 7 = 0;
vacuum;
analyze;
select count(*), sum(length(body)), round(sum(price), 2) from item;
select substr(name, 6, 2) as head, count(*), sum(amount), group_concat(sale.id % 5)
    from item join sale on sale.item = item.id group by head order by head limit 40;
select name, row_number() over (partition by length(body) order by name) from item
    order by name limit 50;
pragma integrity_check;
END
input=script.sql
same "in memory" sqlite3
ours sqlite3 own.db <script.sql >with 2>with.err
quiet with.err
sqlite3 plain.db <script.sql >without
cmp without with || fail "in a file: another output" with
[ "$(sqlite3 own.db 'pragma integrity_check')" = ok ] || fail "integrity_check"
sqlite3 own.db .dump >own.dump
ours sqlite3 plain.db .dump >plain.dump
cmp own.dump plain.dump || fail "another database"
