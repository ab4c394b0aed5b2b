#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh MORTISE CC [--write]: every misuse on every composition, compared with docs/misuse.md,
# which --write makes anew. A cell tells the error, the layer that found it, and how the program
# ended.

set -u
mortise=$1 cc=$2 write=${3-}
here=$(cd "$(dirname "$0")" && pwd)
page=$here/../../docs/misuse.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ulimit -c 0

compositions() {
    cat <<'END'
tlsf brk_heap::tlsf_glk::malloc_socket
cached mmap_heap::slab_lk::thread_cache::malloc_socket
tail mmap_heap::slab_lk::thread_cache::tail_chksum::malloc_socket
tailtlsf brk_heap::tlsf_glk::tail_chksum(chksum=crc32)::malloc_socket
delayed mmap_heap::slab_lk::thread_cache::delayed_free::malloc_socket
wfslabs wfslabs
tlsfccsd tlsfccsd
hslabd hslabd
END
}

misuses="overflow_1 overflow_zero overflow_8 overflow_40 overflow_aligned overflow_then_realloc
    overflow_shrunk underflow_1 double_free_near double_free_far double_free_large write_after_free
    write_after_free_large underflow_after_free realloc_after_free usable_size_after_free stack data
    foreign wild misaligned interior interior_aligned sized_more sized_less
    sized_aligned"

# call_of PROGRAM: replaces places in its messages by CALL, if the program frees, resizes or
# measures a block there.
call_of() {
    sed -n "s/.* in a call at $1+\(0x[0-9a-f]*\):.*/\1/p" "$work/err" | sort -u >"$work/places"
    while read -r place; do
        line=$(addr2line -e "$work/$1" "$place" | sed 's/ (discriminator.*//')
        sed -n "${line##*:}p" "${line%:*}" | grep -Eq 'free|realloc|usable_size|function' &&
            sed -i "s/ in a call at $1+$place:/ in a call at CALL:/" "$work/err"
    done <"$work/places"
}

# What became of it, in a cell; whole messages go to the file messages.
cell() {
    code=0
    timeout 60 env "LD_PRELOAD=$work/$1.so" "$work/$2" >"$work/out" 2>"$work/all" || code=$?
    grep '^mortise: ' "$work/all" >"$work/err" # the rest is the shell's, about signals
    case $code in
    0) end="" ;;
    134) end=", ends" ;;
    *) end=", exit status $code" ;;
    esac
    block=$(head -n 1 "$work/out")
    sed -i "s/: $block in /: BLOCK in /; s/: 0x[0-9a-f]* in /: ANOTHER in /" "$work/err"
    call_of "$2"
    said=$(sed -e 's/^mortise: \([^:]*\): BLOCK in \([^:,]*\).*/\1 by \2/' \
        -e 's/^mortise: \([^:]*\): ANOTHER in \([^:,]*\).*/\1 of another block by \2/' \
        "$work/err" | paste -sd+ -)
    [ -z "$said" ] && said=- end=
    cat "$work/err" >>"$work/messages"
    printf ' %s%s |' "$said" "$end"
}

page() {
    cat <<'END'
# Misuse, and who notices

Every program in tests/misuse/programs on every composition below. A cell says what was reported
and by which layer. The program went on to its end, with exit status 0, unless it says `ends`: then
it was aborted, as `err_handle=fatal` asks. `-` means that nothing was reported; what such a program
does is not promised. `of another block`: what was overwritten belongs to the neighbour. Plain
allocators are here for comparison.

The page is made by `tests/misuse/run.sh MORTISE CC --write`, and the same script is the test that
it is true.

END
    compositions | while read -r name model; do
        file=$here/../../models/$model.mortise
        [ -f "$file" ] && model=$(sed '/^#/d' "$file" | tr -d '\n ')
        echo "- **$name**: \`$model\`"
    done
    printf '\n| misuse |'
    compositions | while read -r name _; do printf ' %s |' "$name"; done
    printf '\n|---|'
    compositions | while read -r _; do printf -- '---|'; done
    echo
    for misuse in $misuses; do
        printf '| %s |' "$(sed -n '2s|/\* \(.*\) \*/|\1|p' "$here/programs/$misuse.c")"
        compositions >"$work/list"
        while read -r name _; do cell "$name" "$misuse"; done <"$work/list"
        echo
    done
    printf '\nThe messages, word by word; BLOCK is the address that the program misused, CALL\n'
    printf 'the place where it frees, resizes or measures one:\n\n'
    LC_ALL=C sort -u "$work/messages" | sed 's/^/    /'
}

compositions | while read -r name model; do
    # What the cache has, which other tests use as well.
    # shellcheck disable=SC2016
    ln -s "$("$mortise" run -q --cc "$cc" "$model" -- sh -c 'echo "$LD_PRELOAD"' </dev/null)" \
        "$work/$name.so" || echo "$name" >>"$work/broken"
done
for misuse in $misuses; do
    "$cc" -gdwarf-4 -O0 -w -fno-builtin "$here/programs/$misuse.c" -o "$work/$misuse" ||
        echo "$misuse" >>"$work/broken"
done
[ -f "$work/broken" ] && exit 1
: >"$work/messages"

# A program that the list above does not know would never run.
for file in "$here"/programs/*.c; do
    case " $(echo $misuses) " in
    *" $(basename "$file" .c) "*) ;;
    *) echo "not listed: $file" && exit 1 ;;
    esac
done

page >"$work/page"
if [ "$write" = --write ]; then
    mkdir -p "$(dirname "$page")"
    cp "$work/page" "$page"
else
    diff -u "$page" "$work/page"
fi
