#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The installed command, away from the sources: its headers, models and allocators, manual and
# completion.
. "$(dirname "$0")/common.sh"
mortise=$root/bin/mortise

says 'ok: brk_heap' "$mortise" check tlsfcc
says 'two-level' "$mortise" doc tlsf_glk
says 'it runs' "$mortise" run tlsfcc -- echo 'it runs'
"$mortise" new layer mine >out
sed '1,/^Its test/d' out >commands
says 'mine: passed' sh commands

# Every named model is there, and ready to be preloaded if its socket takes the place of malloc.
for model in "$sources"/models/*.mortise; do
    name=$(basename "$model" .mortise)
    says "$name" "$mortise" list model
    socket=$(grep -v '^#' "$model" | tr -d ' \n' | sed 's/.*:://; s/(.*//')
    grep -q '^ \*   interpose ' "$sources/include/mortise/socket/$socket.h" || continue
    says "lib/mortise/$name.so" env LD_PRELOAD="$root/lib/mortise/$name.so" cat /proc/self/maps
done

# The manual names every verb and every option, and is without faults.
manual=$(find "$root/share/man/man1" -name 'mortise.1*')
gzip -dcf "$manual" >mortise.1
! groff -ww -mdoc -Tutf8 mortise.1 2>&1 >text | grep . || fail "groff on the manual"
! command -v mandoc >/dev/null || ! mandoc -Tlint -W warning mortise.1 | grep . || fail "mandoc"
verbs=$("$mortise" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
[ "$(echo "$verbs" | wc -w)" -ge 9 ] || fail "mortise --help"
for verb in $verbs; do
    sed -n "/^\.Ss $verb\$/,/^\.S[sh] /p" mortise.1 >section
    [ -s section ] || fail "the manual has no section on $verb"
    for option in $("$mortise" "$verb" --help | sed -n 's/^ .*--\([a-z-]*\)[= ].*/\1/p'); do
        case $option in
        include) grep -q 'Fl I' section || fail "the manual of $verb does not name -I" ;;
        quiet) grep -q 'Fl q' section || fail "the manual of $verb does not name -q" ;;
        help | usage) ;;
        *)
            grep -q "Fl .*\\\\&-$option" section ||
                fail "the manual of $verb does not name --$option"
            ;;
        esac
    done
done

# complete LINE WANTED...: what bash offers at the end of a line.
. "$root/share/bash-completion/completions/mortise"
complete_line() {
    local line=$1 wanted
    shift
    COMP_LINE=$line COMP_POINT=${#line}
    read -ra COMP_WORDS <<<"$line"
    case $line in *' ') COMP_WORDS+=('') ;; esac
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _mortise "$mortise"
    printf '%s\n' "${COMPREPLY[@]}" >offered
    for wanted in "$@"; do
        grep -qxF -- "$wanted" offered || fail "'$line': no '$wanted' in $(cat offered)"
    done
}
set +eu
# shellcheck disable=SC2086
complete_line 'mortise ' $verbs inspect
complete_line 'mortise run tls' tlsf tlsfcc
complete_line 'mortise build --c' --cc --cflags
complete_line 'mortise doc coun' count
complete_line 'mortise doc syn' sync sync=mutex
complete_line 'mortise doc sync=mut' mutex
complete_line 'mortise bench --' --allocator --peer --rounds --quick
complete_line 'mortise bench p' python3 perl
complete_line 'mortise list ' system layer model
complete_line "mortise run 'mmap_heap::tlsf" 'mmap_heap::tlsf_glk'
front='mmap_heap::tlsf_glk(sync='
complete_line "mortise run '${front}mutex, po" "${front}mutex, pool_size="
complete_line "mortise run '${front}spin" "${front}spinlock"
complete_line 'mortise run mmap_heap::tlsf' tlsf_glk
complete_line "mortise draw -I $work 'mmap_heap::min" 'mmap_heap::mine'
complete_line 'mortise run tlsf -- tru' true
complete_line 'mortise inspect wfs' wfslab
complete_line 'mortise inspect tlsf -- tru' true
complete_line 'mortise inspect --format h' html
