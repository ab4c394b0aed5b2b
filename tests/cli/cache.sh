#!/bin/sh
# SPDX-License-Identifier: MIT
# The cache: what hits, what misses, who may build at once, where it lies, what is left behind.

. "$(dirname "$0")/lib.sh"

# A compiler that counts its builds.
real=$(command -v cc)
mkdir bin
cat >bin/countcc <<E
#!/bin/sh
case "\$*" in *-shared*) echo built >>"$work/builds" ;; esac
exec "$real" "\$@"
E
chmod +x bin/countcc
PATH=$work/bin:$PATH
CC=countcc
export CC

builds() {
    if [ -e "$work/builds" ]; then grep -c built "$work/builds"; else echo 0; fi
}

# built NAME COUNT: so many builds so far
built() {
    if [ "$(builds)" -eq "$2" ]; then pass; else fail "$1: $(builds) builds instead of $2"; fi
}

run() {
    try "$mortise" run "$@" -- true
    code_is "run $*" 0
}

run tlsfcc
built "the first run" 1
run tlsfcc
built "the second run" 1
run brk_heap::malloc_socket
built "another model" 2
run '  brk_heap :: malloc_socket # the same'
built "the same model, written in another way" 2
run --cflags=-O1 tlsfcc
built "other flags" 3
run --no-cache tlsfcc
built "--no-cache" 4
run --cc "$real" tlsfcc
built "another compiler (not counted)" 4
echo '# newer' >>bin/countcc
run tlsfcc
built "a newer compiler" 5

# A header that changes makes a new entry, also one that the model does not name.
cp -r "$fixture/include" include
MORTISE_INCLUDE=$work/include
run tlsfcc
built "another folder of headers" 6
echo '/* changed */' >>include/mortise/core/compose.h
run tlsfcc
built "a changed header" 7
mkdir mine
cp "$fixture/user/count.h" mine
run -I mine mmap_heap::count::malloc_socket
built "a folder of the user" 8
run -I mine mmap_heap::count::malloc_socket
built "a folder of the user, again" 8
echo '/* changed */' >>mine/count.h
run -I mine mmap_heap::count::malloc_socket
built "a changed layer of the user" 9

# Nor does a file that is in none of the folders go unnoticed: of --cflags, and beside a folder.
mkdir flags other common 'a $ blank' && echo '/* */' >flags/first.h && echo '/* */' >other/first.h
echo '#define COMMON 1' >common/def.h && echo '#define BLANK 1' >'a $ blank/b#.h'
count=$(builds)
# again NAME COMMAND: it builds once more, and then not.
again() {
    count=$((count + 1))
    $2
    built "$1" $count
    $2
    built "$1, again" $count
}
flags() {
    run --cflags='-include first.h -I flags' brk_heap::malloc_socket
}
again "a header of --cflags" flags
echo '/* changed */' >>flags/first.h
again "a changed header of --cflags" flags
cd other && mkdir flags && cp first.h flags && flags && cd .. || exit 1
count=$((count + 1))
built "the same flags in another folder" $count
{
    cat "$fixture/user/count.h"
    for header in own.inl ../common/def.h '../a $ blank/b#.h'; do
        echo "#include \"$header\""
    done
} >mine/count.h
echo '#define INLINE 1' >mine/own.inl
beside() {
    run -I mine mmap_heap::count::malloc_socket
}
again "a header beside a folder" beside
echo '#define OTHER 1' >>common/def.h
again "a changed header beside a folder" beside
echo '#define OTHER 1' >>mine/own.inl
again "a changed file of another suffix" beside
echo '#define OTHER 1' >>'a $ blank/b#.h'
again "one whose path make would not take as it is" beside

# Many at once: all succeed, and nothing is left but complete entries.
rm -rf cache
i=0
while [ $i -lt 8 ]; do
    (FIXTURE_SAY=1 "$mortise" run tlsfcc -- sh -c 'exit 7' 2>"err.$i"; echo $? >"code.$i") &
    i=$((i + 1))
done
wait
i=0
while [ $i -lt 8 ]; do
    code=$(cat "code.$i")
    cp "err.$i" "$work/err"
    : >"$work/out"
    code_is "concurrent run $i" 7
    holds "concurrent run $i" "$work/err" 'loaded tlsfcc=brk_heap, tlsf_glk'
    i=$((i + 1))
done
case $(ls -A cache) in
tlsfcc-????????????????????????????????????????????????????????????????.so) pass ;;
*) fail "left in the cache: $(ls -A cache)" ;;
esac

# A file that is empty, cut off or something else is no library, and is made anew.
entry=$(echo cache/*.so)
cp "$entry" entry
count=$(builds)
for damage in ': >' 'head -c 10000 entry >' 'echo something else >'; do
    rm -f "$entry"
    eval "$damage \"\$entry\""
    FIXTURE_SAY=1 run tlsfcc
    holds "$damage" "$work/err" 'loaded tlsfcc=brk_heap, tlsf_glk'
    count=$((count + 1))
    built "$damage" $count
done

# A build that fails leaves nothing.
rm -rf cache
try "$mortise" run mmap_heap::broken::malloc_socket -- true
code_is "a build that fails" 2
[ -z "$(ls -A cache)" ] && pass || fail "left in the cache: $(ls -A cache)"

# A build that is interrupted leaves nothing either, and ends by the signal.
cat >bin/slowcc <<E
#!/bin/sh
case "\$*" in *-shared*) : >"$work/started"; sleep 5 ;; esac
exec "$real" "\$@"
E
chmod +x bin/slowcc
"$mortise" run --cc slowcc tlsfcc -- true &
pid=$!
while [ ! -e started ]; do sleep 0.1; done
kill -TERM $pid
wait $pid
code=$?
code_is "an interrupted build" 143
[ -z "$(ls -A cache)" ] && pass || fail "left in the cache: $(ls -A cache)"

# Where it lies
env -u MORTISE_CACHE XDG_CACHE_HOME="$work/xdg" "$mortise" run tlsfcc -- true
[ -d xdg/mortise ] && pass || fail "XDG_CACHE_HOME"
env -u MORTISE_CACHE HOME="$work/home" "$mortise" run tlsfcc -- true
[ -d home/.cache/mortise ] && pass || fail "HOME"
try env -u MORTISE_CACHE -u HOME "$mortise" run tlsfcc -- true
code_is "no HOME" 2
same "no HOME" "$work/err" <<'E'
mortise: no folder for the cache: HOME is not set
  set MORTISE_CACHE to a folder that you can write
E

# A cache that cannot be written; root may write anywhere but below a file.
: >file
try env MORTISE_CACHE="$work/file/cache" "$mortise" run tlsfcc -- true
code_is "a cache below a file" 2
empty "a cache below a file" "$work/out"
same "a cache below a file" "$work/err" <<'E'
mortise: cannot make the cache 'WORK/file/cache': Not a directory
  set MORTISE_CACHE to a folder that you can write
E
try env MORTISE_CACHE="$work/file" "$mortise" run tlsfcc -- true
code_is "a cache that is a file" 2
try env MORTISE_CACHE=/proc "$mortise" run tlsfcc -- true
code_is "a cache that is read-only" 2
same "a cache that is read-only" "$work/err" <<'E'
mortise: cannot write in '/proc': No such file or directory
  set MORTISE_CACHE to a folder that you can write
E

# No compiler
mkdir empty
unset CC
for verb in run build; do
    case $verb in
    run) try env PATH="$work/empty" "$mortise" run tlsfcc -- /bin/true ;;
    build) try env PATH="$work/empty" "$mortise" build tlsfcc -o x.so ;;
    esac
    code_is "$verb without a compiler" 2
    same "$verb without a compiler" "$work/err" <<'E'
mortise: no compiler 'cc' on PATH
  install one (on Debian: apt-get install gcc libc6-dev) or name one with --cc
E
done
try env PATH="$work/empty" "$mortise" check tlsfcc
code_is "check without a compiler" 0
same "check without a compiler" "$work/err" <<'E'
mortise: note: no compiler 'cc' on PATH: whether the layers fit together is not checked
E
try env PATH="$work/empty" "$mortise" check --json tlsfcc
code_is "check --json without a compiler" 0
holds "check --json without a compiler" "$work/out" '"complete": false'
try env PATH="$work/empty" "$mortise" check -q tlsfcc
empty "check -q without a compiler" "$work/err"
try env PATH="$work/empty" "$mortise" build brk_heap::fake::malloc_socket -o nocc.c
code_is "a file of C without a compiler" 0
holds "a file of C without a compiler" "$work/err" 'whether the layers fit together is not checked'
# One that CC names was meant, so that it is a mistake if there is none.
for verb in check draw; do
    try env CC=no-such-cc "$mortise" $verb tlsfcc
    code_is "$verb with a CC that is not there" 2
    empty "$verb with a CC that is not there" "$work/out"
    holds "$verb with a CC that is not there" "$work/err" "no compiler 'no-such-cc' on PATH"
done
printf '#!/bin/sh\nexit 1\n' >bin/brokencc
chmod +x bin/brokencc
try "$mortise" run --cc brokencc tlsfcc -- true
code_is "a compiler that fails" 2
holds "a compiler that fails" "$work/err" "brokencc --version' fails"

finish
