#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Debian's redis-tools holds the server under another name; it goes by the name it is called with.
. "$(dirname "$0")/common.sh"

redis_server=$(command -v redis-server || true)
if [ -z "$redis_server" ]; then
    ln -s "$(command -v redis-check-rdb)" redis-server
    redis_server=$work/redis-server
fi
keys=$((7000 * rounds))

cli() {
    redis-cli -s "$work/socket" "$@"
}

# start COMMAND...: the server, by COMMAND, until it answers.
start() {
    rm -f socket
    "$@" "$redis_server" --port 0 --unixsocket "$work/socket" --dir "$work" --save "" \
        --io-threads 2 --daemonize no >server.log 2>&1 &
    server=$!
    for _ in $(seq 300); do
        [ "$(cli ping 2>/dev/null || true)" = PONG ] && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    fail "the server does not answer" server.log
}

stop() {
    cli shutdown nosave >/dev/null 2>&1 || true
    wait "$server" || fail "the server ends with status $?" server.log
    server=
    quiet server.log
}

# The sum of all values, computed by the server itself.
sum_of_values() {
    cli eval "local sum = 0 for i = 1, $keys do
        sum = (sum * 31 + #redis.call('get', 'k' .. i)) % 1000000007 end return sum" 0
}

start "${own[@]}"
grep -q "$MORTISE_CACHE" "/proc/$server/maps" || fail "the server runs on another allocator"
cli flushall >/dev/null
cli eval "for i = 1, $keys do
    redis.call('set', 'k' .. i, string.rep('x', i % 700)) end return 'done'" 0 >/dev/null
[ "$(cli dbsize)" = $keys ] || fail "dbsize says $(cli dbsize)"
sum=$(sum_of_values)

cli bgsave >/dev/null
redis-benchmark -s "$work/socket" -q -n $((7000 * rounds)) -c 20 -P 8 -r 3000 -d 300 \
    -t set,get,lpush,lrange_100,sadd,hset,zadd >bench.log 2>&1 || fail "redis-benchmark" bench.log
if grep -qiE 'error|ERR ' bench.log; then
    fail "redis-benchmark met an error" bench.log
fi
for _ in $(seq 300); do
    cli info persistence | tr -d '\r' >info
    grep -q '^rdb_bgsave_in_progress:0' info && break
    sleep 0.1
done
grep -q '^rdb_last_bgsave_status:ok' info || fail "BGSAVE" server.log
[ "$(sum_of_values)" = "$sum" ] || fail "the values have changed"
cli eval "for i = 1, $keys, 2 do redis.call('unlink', 'k' .. i) end" 0 >/dev/null
[ "$(cli exists k2 k4 k1)" = 2 ] || fail "unlink"
stop

redis-check-rdb dump.rdb >check.log 2>&1 || fail "redis-check-rdb" check.log
start env
[ "$(cli exists k1 k2 "k$keys")" = 3 ] || fail "what was saved is not what was there"
[ "$(sum_of_values)" = "$sum" ] || fail "the saved values are others"
stop
