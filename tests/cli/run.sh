#!/bin/sh
# SPDX-License-Identifier: MIT
# mortise run: the program is on the allocator, and its end is the end of the command.

. "$(dirname "$0")/lib.sh"

try env FIXTURE_SAY=1 "$mortise" run tlsfcc -- sh -c 'echo out; echo err >&2'
code_is "run" 0
same "run" "$work/out" <<'E'
out
E
same "run" "$work/err" <<'E'
loaded tlsfcc=brk_heap, tlsf_glk
err
E

# Exit status

for status in 0 1 2 3 42 255; do
    try "$mortise" run tlsfcc -- sh -c "exit $status"
    code_is "exit status $status" $status
done
ulimit -c 0
for signal in HUP:1 INT:2 ABRT:6 KILL:9 SEGV:11 TERM:15; do
    # the shell around the command tells that a signal ended it
    try sh -c '"$0" run tlsfcc -- sh -c "kill -$1 \$\$"; exit $?' "$mortise" "${signal%:*}"
    code_is "signal $signal" $((128 + ${signal#*:}))
done
try "$mortise" run tlsfcc -- no-such-program
code_is "a program that does not exist" 127
same "a program that does not exist" "$work/err" <<'E'
mortise: cannot run 'no-such-program': No such file or directory
E
try "$mortise" run tlsfcc -- ./no-such-program
code_is "a path that does not exist" 127
echo text >text
try "$mortise" run tlsfcc -- ./text
code_is "a file that is no program" 126
same "a file that is no program" "$work/err" <<'E'
mortise: cannot run './text': Permission denied
E

# What is not to replace malloc is no malloc.

try "$mortise" run 'brk_heap::tlsf_glk::exported' -- true
code_is "a socket of other functions" 2
same "a socket of other functions" "$work/err" <<'E'
mortise: 'exported' is not to replace malloc, so no program runs on it
  brk_heap::tlsf_glk::exported
                      ^~~~~~~~
  mortise build makes a library of it
E

# The program's arguments are its own, also if they look like ours.

try "$mortise" run tlsfcc -- printf '%s|\n' --help -I '' 'a b' -- --cc
same "arguments" "$work/out" <<'E'
--help|
-I|
|
a b|
--|
--cc|
E
try "$mortise" run tlsfcc printf '%s|' --help
case $(cat "$work/out") in
'--help|') pass ;;
*) fail "the -- may be left out" ;;
esac
printf 'line\n' | "$mortise" run tlsfcc -- cat >"$work/out"
same "standard input goes to the program" "$work/out" <<'E'
line
E
echo 'brk_heap::malloc_socket' | "$mortise" run - -- sh -c 'echo "$LD_PRELOAD"' >"$work/out"
holds "a model from standard input" "$work/out" "$work/cache/model-"

# Our library comes first, the user's own LD_PRELOAD after it.

"$mortise" build 'mmap_heap::malloc_socket' -o other.so
try env FIXTURE_SAY=1 LD_PRELOAD="$work/other.so" "$mortise" run tlsfcc -- \
    sh -c 'echo "$LD_PRELOAD"'
case $(cat "$work/out") in
"$work"/cache/tlsfcc-*.so:"$work/other.so") pass ;;
*) fail "LD_PRELOAD: $(cat "$work/out")" ;;
esac

# A path that LD_PRELOAD cannot name

try env MORTISE_CACHE="$work/a folder" "$mortise" run tlsfcc -- true
code_is "a cache with a space" 2
holds "a cache with a space" "$work/err" "mortise: LD_PRELOAD cannot name '$work/a folder/tlsfcc-"
try env MORTISE_CACHE="$work/\$LIB" "$mortise" run tlsfcc -- true
code_is "a cache with a word of the loader" 2
holds "a cache with a word of the loader" "$work/err" "LD_PRELOAD cannot name '$work/\$LIB/"
holds "a cache with a space" "$work/err" 'set MORTISE_CACHE to a folder without spaces and colons'

# A relative cache serves a program that changes its folder.

try env MORTISE_CACHE=relative FIXTURE_SAY=1 "$mortise" run tlsfcc -- sh -c 'cd / && exec true'
code_is "a relative cache" 0
[ "$(grep -c loaded "$work/err")" -eq 2 ] && pass || fail "a relative cache: $(cat "$work/err")"

finish
