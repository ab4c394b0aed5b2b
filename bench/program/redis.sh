#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# redis: a server that gets lists of ten elements and is asked for ten, by as many clients as there
# are processors. Only the server is on the allocator; what it then holds is the result.
commands=(redis-benchmark redis-cli redis-check-rdb) package=redis-tools

inputs() {
    scaled 10000 60000 250000 >requests
    # Debian's redis-tools holds the server under another name; it is what it is called.
    ln -sf "$(command -v redis-server || command -v redis-check-rdb)" redis-server
}

server() {
    preloaded ./redis-server --port 0 --unixsocket socket --save '' --daemonize no >server.log 2>&1
}

cli() {
    redis-cli -s socket "$@" 2>/dev/null
}

load() {
    redis-benchmark -s socket -q -n "$(cat requests)" -c "$(nproc)" -P 16 -r 1000 "$@" \
        >>load.log 2>&1
}

work() {
    local server
    rm -f socket load.log
    server &
    server=$!
    until [ "$(cli ping || true)" = PONG ]; do
        kill -0 $server || { cat server.log; exit 1; }
        sleep 0.005
    done
    load lpush list:__rand_int__ 1 2 3 4 5 6 7 8 9 10
    load lrange list:__rand_int__ 1 10
    load set key:__rand_int__ 'a value of some forty bytes, more or less'
    cli eval "local sum = 0
        for _, key in ipairs(redis.call('keys', 'list:*')) do
            for _, x in ipairs(redis.call('lrange', key, 0, -1)) do sum = sum + x end
        end
        return sum" 0 >out
    cli shutdown nosave || true
    wait $server
}

# The sum of ten elements for each request; which lists got them is left to chance.
result() {
    grep -qi error load.log || cat out
}

. "$(dirname "$0")/shared/program.sh"
