#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles a test as C++17 and runs it: cxx.sh COMPILER LEVEL INCLUDE SOURCE_FOLDER NAME
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$1" -x c++ -std=c++17 "-$2" -Wall -Wextra -Werror -I "$3" -I "$4" -I "$4/user" "$4/$5.c" \
    -o "$scratch/$5" -pthread
"$scratch/$5"
