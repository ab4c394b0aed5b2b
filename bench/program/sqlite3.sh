#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sqlite3: a database in memory: two tables, an index, joins, groups and updates.
commands=(sqlite3) package=sqlite3

inputs() {
    local rows
    rows=$(scaled 30000 200000 2000000)
    cat >queries <<EOF
CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE book(id INTEGER PRIMARY KEY, author INTEGER, title TEXT, price INTEGER);
BEGIN;
INSERT INTO author WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    SELECT i, 'author ' || (i * 7919 % 1000) FROM n;
INSERT INTO book WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
    SELECT i, i * 16807 % 1000 + 1, 'title ' || (i * 48271 % 65537), i * 69621 % 9973 FROM n;
COMMIT;
CREATE INDEX by_title ON book(title);
SELECT name, count(*), sum(price), group_concat(DISTINCT price % 10)
    FROM book JOIN author ON author.id = author GROUP BY author ORDER BY name, author;
UPDATE book SET title = replace(title, 'title', 'volume') WHERE price % 3 = 0;
DELETE FROM book WHERE price % 5 = 0;
SELECT title, count(*), max(price) FROM book GROUP BY title ORDER BY title LIMIT 2000;
PRAGMA integrity_check;
EOF
}

work() {
    preloaded sqlite3 -batch :memory: <queries >out
}

. "$(dirname "$0")/shared/program.sh"
