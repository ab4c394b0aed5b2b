#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the allocators to compare with and the programs to compare on, builds, and compares:
#     bench/run.sh [OPTION...] [CASE...]       as 'mortise bench' has them; --quick takes 3 minutes
# The results and a page with figures go to the folder bench-results, or to that of -o.
set -u
root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
. "$root/cmake/packages.sh"

folder=bench-results before='' compares=1
for argument; do
    case $before:$argument in
    *:-h | *:--help)
        sed -n '3,5s/^# //p' "$0"
        exit 0
        ;;
    -o:* | --output:*) folder=$argument ;;
    *:--output=*) folder=${argument#*=} ;;
    *:-o?*) folder=${argument#-o} ;;
    -[aI]:* | --*:*) ;; # what an option is given, perhaps
    *:list | *:report) compares='' ;;
    esac
    before=$argument
done

need_to_build
if [ -n "$compares" ]; then
    want gnuplot gnuplot-nox "draws the figures"
    want /usr/share/doc/libmimalloc2.0 libmimalloc2.0 "an allocator"
    want /usr/share/doc/libjemalloc2 libjemalloc2 "an allocator"
    want /usr/share/doc/libtcmalloc-minimal4 libtcmalloc-minimal4 "an allocator"
    want /usr/share/doc/libtbbmalloc2 libtbbmalloc2 "an allocator"
    want /usr/share/doc/libclang-rt-14-dev libclang-rt-14-dev "has scudo, an allocator"
    for script in "$root"/bench/program/*.sh; do
        package=$("$script" have) ||
            want "/usr/share/doc/$package" "$package" "a program to compare on"
    done
fi
install_missing

echo "Building the command and the workloads ..."
log=$root/build/log/bench.log
mkdir -p "$root/build/log"
if ! (cd "$root" && cmake --preset release && cmake --build --preset release) >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    exit 2
fi
"$root/build/release/mortise" bench "$@" || exit
if [ -n "$compares" ]; then
    "$root/build/release/mortise" bench report "$folder" -o "$folder/index.html" || exit
    echo "the page is $folder/index.html"
fi
