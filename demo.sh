#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
set -eu -o pipefail
cd "$(dirname "$0")"
. cmake/packages.sh

case ${1-} in
'') ;;
-h | --help)
    echo "usage: ./demo.sh"
    echo "Builds Mortise and runs a redis server on libc's malloc and on two composed allocators."
    exit 0
    ;;
*)
    echo "usage: ./demo.sh" >&2
    exit 2
    ;;
esac

need_to_build
need redis-benchmark redis-tools "the real program: a redis server and its load generator"
install_missing

rounds=3
work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-demo.XXXXXX")
server=
finish() {
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
export MORTISE_CACHE=$work/allocators
trap 'exit 1' HUP INT TERM
mkdir -p build/log

echo "Building the command ..."
if ! { cmake --preset release && cmake --build --preset release; } >build/log/demo.log 2>&1; then
    tail -n 40 build/log/demo.log >&2
    exit 1
fi
mortise=build/release/mortise

echo
echo "The allocator 'tlsfcc' is one line of text, in models/tlsfcc.mortise:"
echo
sed -n 's/^[^#]/    &/p' models/tlsfcc.mortise
echo
echo "From right to left: malloc and free (malloc_socket), answered by a two-level segregated fit"
echo "(tlsf_glk) whose threads hand their work to one another (ccsynch), which takes its memory"
echo "from the program break (brk_heap). 'tlsf' is the same stack with a mutex instead."
echo
echo "build/release/mortise show tlsfcc prints the C that the line means:"
echo
"$mortise" show tlsfcc | sed 's/^./    &/'

# Debian's redis-tools holds the server under another name; it goes by the name it is called with.
redis=$(command -v redis-server || true)
if [ -z "$redis" ]; then
    ln -s "$(command -v redis-check-rdb)" "$work/redis-server"
    redis=$work/redis-server
fi
libraries=$(ldd "$redis")
libc=$(awk '$1 ~ /^libc\.so/ { print $3 }' <<<"$libraries")
own_malloc=$(grep -oE 'libjemalloc|libtcmalloc' <<<"$libraries" | head -n 1 || true)

# One line each: NAME, then how the server is started.
variants=(glibc tlsf tlsfcc)
if [ -n "$own_malloc" ]; then
    variants+=(packaged)
fi

describe() {
    case $1 in
    glibc) echo "glibc's malloc" ;;
    tlsf) echo "tlsf, sync=mutex" ;;
    tlsfcc) echo "tlsfcc, sync=ccsynch" ;;
    packaged) echo "${own_malloc#lib}, as packaged" ;;
    esac
}

# start VARIANT: the server, until it answers.
start() {
    local command=()
    case $1 in
    glibc) command=(env LD_PRELOAD="$libc") ;;
    tlsf | tlsfcc) command=("$mortise" run "$1" --) ;;
    packaged) command=(env) ;;
    esac
    rm -f "$work/socket"
    "${command[@]}" "$redis" --port 0 --unixsocket "$work/socket" --dir "$work" --save "" \
        --daemonize no >"$work/log" 2>&1 &
    server=$!
    for _ in $(seq 200); do
        [ "$(redis-cli -s "$work/socket" ping 2>/dev/null || true)" = PONG ] && return
        sleep 0.05
    done
    echo "the server does not answer:" >&2
    tail -n 20 "$work/log" >&2
    exit 1
}

# measure VARIANT: appends milliseconds and the peak of resident memory in kB.
measure() {
    local began peak
    start "$1"
    began=$(date +%s%N)
    redis-benchmark -s "$work/socket" -q -n 80000 -c 50 -P 16 -r 50000 -d 400 \
        -t set,get,lpush,hset,sadd,zadd >"$work/bench" 2>&1
    echo $((($(date +%s%N) - began) / 1000000)) >>"$work/time.$1"
    peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$server/status")
    echo "$peak" >>"$work/peak.$1"
    redis-cli -s "$work/socket" shutdown nosave >/dev/null 2>&1 || true
    wait "$server" || true
    server=
}

median() {
    sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"
}

echo
echo "Running a redis server, 480000 requests by redis-benchmark, $rounds rounds on each ..."
"$mortise" run tlsf -- true
"$mortise" run tlsfcc -- true
for _ in $(seq $rounds); do
    for variant in "${variants[@]}"; do
        measure "$variant"
    done
done

echo
printf '    %-24s %12s %14s\n' "redis-server on" "median time" "peak memory"
for variant in "${variants[@]}"; do
    printf '    %-24s %10s s %11s MB\n' "$(describe "$variant")" \
        "$(median "$work/time.$variant" | awk '{ printf "%.2f", $1 / 1000 }')" \
        "$(median "$work/peak.$variant" | awk '{ printf "%.1f", $1 / 1024 }')"
done
echo
echo "Your own program: build/release/mortise run tlsfcc -- PROGRAM ARGUMENT..."
