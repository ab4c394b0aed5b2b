#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the allocators to compare with and the programs to compare on, builds, and compares:
#     bench/run.sh [OPTION...] [CASE...]       as 'mortise bench' has them; --quick takes 3 minutes
# The results and a page with figures go to the folder bench-results, or to that of -o.
set -u
folder=bench-results
arguments=("$@")
for ((i = 0; i < $#; i++)); do
    case ${arguments[i]} in
    -o | --output) folder=${arguments[i + 1]-} ;;
    --output=*) folder=${arguments[i]#*=} ;;
    -o*) folder=${arguments[i]#-o} ;;
    esac
done
case $folder in
/*) ;;
*) folder=$PWD/$folder ;;
esac
cd "$(dirname "$0")/.." || exit 2
. cmake/packages.sh

need_to_build
want gnuplot gnuplot-nox "draws the figures"
want /usr/share/doc/libmimalloc2.0 libmimalloc2.0 "an allocator"
want /usr/share/doc/libjemalloc2 libjemalloc2 "an allocator"
want /usr/share/doc/libtcmalloc-minimal4 libtcmalloc-minimal4 "an allocator"
want /usr/share/doc/libtbbmalloc2 libtbbmalloc2 "an allocator"
want /usr/share/doc/libclang-rt-14-dev libclang-rt-14-dev "has scudo, an allocator"
for script in bench/program/*.sh; do
    package=$("$script" have) || want "/usr/share/doc/$package" "$package" "a program"
done
install_missing

{ cmake --preset release && cmake --build --preset release; } >build.log 2>&1 || {
    tail -n 40 build.log
    exit 2
}
rm -f build.log
build/release/mortise bench -o "$folder" "$@" &&
    build/release/mortise bench report "$folder" -o "$folder/index.html" &&
    echo "the page is $folder/index.html"
