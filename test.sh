#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")" || exit 2
. cmake/packages.sh

usage() {
    cat <<'END'
usage: ./test.sh [--quick | --full | --soak]

Installs what is missing (Debian packages), builds every preset, runs all tests and checks, in a
good quarter of an hour on two cores. The last line is 'N passed, N failed'; the exit status is 1 if
anything failed.

Without an option, what can be tested in several ways is tested in one: real programs run on two
allocators, one program on all of them; what needs one compiler, or threads, has one preset; what
AddressSanitizer looks at is as clang compiled it.

  --quick  preset dev and the checks of style only
  --full   also: every test in every preset and in every way, random tests and the work of programs
           5 times as long, every request failing in turn, every program on every allocator, also as
           clang compiled it, the suite on stacks that cover every pair of words and parameters,
           fork with every lock, the package, the steps of CONTRIBUTING.md with their tests, static
           analysis of every model, of all paths and of tests, clang without a sanitizer, and
           UndefinedBehaviorSanitizer without AddressSanitizer
  --soak   as --full, the tests of threads and programs 20 times over, and 10,000 forks on each
           member of sync
END
}

mode=default
case ${1-} in
'') ;;
--quick | --full | --soak) mode=${1#--} ;;
-h | --help)
    usage
    exit 0
    ;;
*)
    usage >&2
    exit 2
    ;;
esac

passed=0 failed=0 skipped=0
jobs=$(nproc 2>/dev/null || echo 2)
logs=$PWD/build/log
mkdir -p "$logs"

# log_of NAME: where the output of a step goes.
log_of() {
    echo "$logs/$(echo "$1" | tr ' /' '__').log"
}

# step NAME COMMAND...: runs quietly, says how long it took, shows the end of what it said if it
# failed.
step() {
    local name=$1 began=$SECONDS code=0
    shift
    printf '  %-28s ' "$name" # before it begins: some take many minutes
    "$@" >"$(log_of "$name")" 2>&1 </dev/null || code=$?
    if [ $code -eq 0 ]; then
        printf 'ok      %4d s\n' $((SECONDS - began))
    else
        printf 'FAILED  %4d s\n' $((SECONDS - began))
        tail -n "${shown:-60}" "$(log_of "$name")" | sed 's/^/    | /'
    fi
    return $code
}

# check NAME COMMAND...: a step that counts as one test.
check() {
    if step "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

attribute() {
    sed -n "s/.*<testsuite.*[^a-z]$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1
}

# count JUNIT: adds the results of one run of ctest; a run without results is a failure.
count() {
    local flat all bad not_run
    flat=$logs/junit.txt
    { [ -s "$1" ] && tr '\n\t' '  ' <"$1" | sed 's/<testcase/\n<testcase/g' >"$flat"; } ||
        { failed=$((failed + 1)) && return; }
    all=$(attribute tests "$flat")
    bad=$(attribute failures "$flat")
    not_run=$(($(attribute disabled "$flat") + $(attribute skipped "$flat")))
    if [ -z "$all" ] || [ "$all" -eq 0 ]; then
        failed=$((failed + 1))
        return
    fi
    passed=$((passed + all - bad - not_run))
    failed=$((failed + bad))
    skipped=$((skipped + not_run))
}

# failures JUNIT: what the tests that failed said, the end of each.
failures() {
    python3 - "$1" <<'END'
import sys
import xml.etree.ElementTree as tree

for case in tree.parse(sys.argv[1]).iter("testcase"):
    if case.get("status") != "fail":
        continue
    said = (case.findtext("system-out") or "").splitlines()
    print(f"    | {case.get('name')} said:")
    for line in [l for l in said if "ERROR" in l or "FAILED" in l][:20] + said[-25:]:
        print(f"    |   {line}")
END
}

# run_ctest NAME PRESET ARGUMENT...
run_ctest() {
    local name=$1 preset=$2 junit=$logs/$2.xml before=$failed code=0
    local shown=20 # of its end, which lists what failed; what that said comes after it
    shift 2
    rm -f "$junit"
    # ThreadSanitizer wants its addresses where kernels with much randomness do not put them.
    local fixed=()
    if [ "$preset" = tsan ] && setarch -R true 2>/dev/null; then
        fixed=(setarch -R)
    fi
    step "$name" "${fixed[@]}" \
        ctest --preset "$preset" -j "$jobs" --output-junit "$junit" "$@" || code=$?
    count "$junit"
    [ $failed -eq $before ] || [ ! -s "$junit" ] || failures "$junit"
    # A run that failed as a whole must show, whatever its tests said.
    [ $code -ne 0 ] && [ $failed -eq $before ] && failed=$((failed + 1))
    return 0
}

configure() {
    local every=OFF one_layer=OFF
    case $mode in full | soak) every=ON ;; esac
    # clang compiles tests of one layer with two sanitizers in half the time gcc takes with one.
    case $mode-$1 in quick-dev | *-asan) one_layer=ON ;; esac
    cmake --preset "$1" -DMORTISE_EVERY_TEST=$every -DMORTISE_ONE_LAYER=$one_layer
}

build() {
    configure "$1" && cmake --build --preset "$1" -- -k 0
}

# said_by_apt: waits for what install() began, and says what that said.
said_by_apt() {
    local code=0
    wait "$installing" || code=$?
    installing=
    cat "$logs/apt.log"
    return $code
}

# installed PRESET: waits likewise, and has CMake look for what there is now; ends the script where
# a need cannot be met.
installed() {
    [ -n "$installing" ] || return 0
    step "packages" said_by_apt || exit 2
    grep '^without ' "$logs/apt.log"
    configure "$1" >>"$(log_of "$1: build")" 2>&1
}

# preset NAME ARGUMENT...: builds and tests one preset.
preset() {
    local name=$1 code=0
    shift
    step "$name: build" build "$name" || code=$?
    installed "$name" || code=$? # for what comes after it too
    if [ $code -eq 0 ]; then
        run_ctest "$name: tests" "$name" "$@"
    else
        failed=$((failed + 1))
    fi
}

sources() {
    git ls-files -- "$@" 2>/dev/null || find . -path ./build -prune -o -type f -print
}

check_format() {
    sources '*.c' '*.h' '*.cc' | grep -E '\.(c|h|cc)$' | xargs clang-format --dry-run -Werror
}

# Left out: what is not known of a sourced file, and ulimit, which every sh has.
check_shell() {
    sources '*.sh' .ci/run | grep -E '\.sh$|\.ci/run$' |
        xargs shellcheck -x -S warning -e SC2034,SC2148,SC2154,SC3045
}

# It cannot follow a composition's includes, so it gets what the preprocessor makes of them; in
# --full alone, for clang-tidy looks at compositions too.
check_cppcheck() {
    local file files=()
    case $mode in full | soak)
        for file in build/composition/*.c; do
            gcc -E -P -Iinclude -Ulinux -Uunix "$file" -o "${file%.c}.pre" || return
        done
        for file in build/composition/*.pre; do
            mv "$file" "$file.c" && files+=("$file.c") || return
        done
        ;;
    esac
    cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability,performance \
        --inline-suppr --suppress=missingIncludeSystem -j "$jobs" -D_GNU_SOURCE \
        -DMORTISE_VERSION='"0"' -I cli cli/*.c cli/bench/*.c cli/inspect/*.c tests/programs/*.c \
        "${files[@]}"
    local code=$?
    rm -f build/composition/*.pre.c
    return $code
}

# compiled FOLDER: the tracked C files below it that preset asan compiles, by clang.
compiled() {
    sources "$1/*.c" | grep -E "^(\./)?$1/.*\.c$" | while read -r file; do
        file=${file#./}
        grep -q "\"file\": \"$PWD/$file\"" build/asan/compile_commands.json && echo "$file"
    done
}

# analyzer_option: how far the analyzer follows the paths through one function. By itself it goes
# 225,000 steps, which takes 20 seconds for some files of the command; of the faults that it finds,
# most are near.
analyzer_option() {
    case $mode in
    full | soak) ;;
    *) echo -Xclang -analyzer-config -Xclang max-nodes=2000 ;;
    esac
}

# The analyzer does not know that cmocka's assertions end a test, and tests of an allocator ask for
# what it warns of: malloc(0), requests that must fail, blocks that nobody frees. So it need not
# follow their paths, which would lead through every layer for each of them; compositions are
# looked at by themselves. A sanitizer would hide what tests do without it.
check_tidy_own() {
    local code=0
    local tidy=(clang-tidy --quiet -p build/asan --extra-arg=-fno-sanitize=all)
    local no_paths=(--extra-arg={-Xclang,-analyzer-config,-Xclang,max-nodes=1})
    local paths=()
    read -ra paths <<<"$(analyzer_option)"
    compiled cli | xargs -P "$jobs" -n 1 "${tidy[@]}" "${paths[@]/#/--extra-arg=}" || code=1
    case $mode in
    full | soak)
        compiled tests | xargs -P "$jobs" -n 1 "${tidy[@]}" "${no_paths[@]}" \
            --checks='-clang-analyzer-core.*,-clang-analyzer-unix.*,-clang-analyzer-optin.*' ||
            code=1
        ;;
    esac
    return $code
}

# stack_of FILE: the layers of a composition, without its name and those that do nothing.
stack_of() {
    sed '/^LAYER_COMPOSE/,$d; 1d; /COMPOSITION/d; /fake/d; /^$/d' "$1"
}

# words_of FILE...: the layers in compositions, each once.
words_of() {
    grep -ho '^#include <mortise/.*>' "$@" | sort -u
}

# Those that have a word which the ones before have not: each layer's paths are walked once.
compositions_of_all_words() {
    local file some=()
    while read -r file; do
        [ ${#some[@]} -eq 0 ] ||
            [ -n "$(comm -13 <(words_of "${some[@]}") <(words_of "$file"))" ] || continue
        some+=("$file")
        echo "$file"
    done
}

# Not those that are the beginning of another: its analysis walks through them.
largest_compositions() {
    local file other stack
    for file in build/composition/*.c; do
        stack=$(stack_of "$file")
        for other in build/composition/*.c; do
            [[ $(stack_of "$other") = "$stack"?* ]] && continue 2
        done
        echo "$file"
    done
}

# Those with most layers first.
compositions_to_analyse() {
    local choose=compositions_of_all_words
    case $mode in full | soak) choose="cat" ;; esac
    largest_compositions | xargs grep -c include | sort -t: -k2,2nr -k1,1r | cut -d: -f1 | $choose
}

check_tidy_composition() {
    # shellcheck disable=SC2046 # options are words
    compositions_to_analyse | xargs -P "$jobs" -I FILE clang-tidy --quiet FILE -- \
        -std=gnu11 -Iinclude -Ulinux -Uunix -O2 -pthread $(analyzer_option)
}

compositions() {
    rm -rf build/composition && mkdir -p build/composition || return
    local file
    for file in models/*.mortise; do
        file=$(basename "$file" .mortise)
        build/dev/mortise show "$file" >"build/composition/$file.c" || return
    done
}

# What builds preset dev comes first; the rest takes more than a minute on a new machine, and keeps
# one processor at work at most, so it is installed meanwhile: see installed().
installing=
install() {
    need_to_build
    need /usr/include/cmocka.h libcmocka-dev "unit tests"
    need python3 python3 "a program that runs on the allocators, and scripts of tests"
    install_missing

    need clang clang "the second compiler"
    need clang-format clang-format "format check"
    need clang-tidy clang-tidy "static analysis"
    need cppcheck cppcheck "static analysis"
    need shellcheck shellcheck "check of the scripts"
    need perl perl "a program that runs on the allocators"
    need git git "a program that runs on the allocators"
    need sqlite3 sqlite3 "a program that runs on the allocators"
    need xz xz-utils "a program that runs on the allocators"
    need redis-benchmark redis-tools "redis, a program that runs on the allocators"
    need objdump binutils "reads machine code"
    need groff groff-base "reads the manual"
    need make make "builds a project that uses an installation"
    need musl-gcc musl-tools "a second libc"
    want valgrind valgrind "counts instructions, and looks for misuse of memory"
    want x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64-posix "compiles for Windows"
    want /usr/lib/wine/wine64 wine64 "runs what is compiled for Windows"
    want gnuplot gnuplot-nox "draws the figures of a comparison"
    want chromium chromium "looks at the page with them"
    if nothing_missing || ! can_install; then
        install_sanitizer
        return
    fi
    echo "these are installed while preset dev is built"
    { run_apt && install_sanitizer; } >"$logs/apt.log" 2>&1 &
    installing=$!
}

# The version of clang is known once it is there.
install_sanitizer() {
    missing_packages=() wanted_packages=()
    need "$(clang -print-file-name="libclang_rt.asan-$(uname -m).a")" \
        "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev" "its AddressSanitizer"
    install_missing
}

main() {
    local began=$SECONDS
    case $mode in full | soak) export MORTISE_TEST_ROUNDS=${MORTISE_TEST_ROUNDS-5} ;; esac
    install
    echo "tests ($mode); each step's log is in build/log, and grows while it runs. The step"
    echo "'dev: tests' takes more than half of the time."

    preset dev
    step "compositions" compositions || failed=$((failed + 1))
    check "clang-format" check_format
    check "shellcheck" check_shell
    if [ "$mode" != quick ]; then
        check "cppcheck" check_cppcheck
        preset asan
        check "clang-tidy: own code" check_tidy_own
        check "clang-tidy: compositions" check_tidy_composition
        preset tsan
    fi
    case $mode in full | soak)
        preset clang
        preset ubsan
        ;;
    esac
    if [ "$mode" = soak ]; then
        MORTISE_TEST_ROUNDS=1 run_ctest "soak: unit and program" dev -L 'unit|program' \
            --repeat until-fail:20
        MORTISE_TEST_ROUNDS=100 run_ctest "soak: fork" dev -R '^programs[.]fork[.]'
    fi

    echo "took $((SECONDS - began)) s"
    if [ $skipped -eq 0 ]; then
        echo "$passed passed, $failed failed"
    else
        echo "$passed passed, $failed failed, $skipped skipped"
    fi
    [ $failed -eq 0 ]
}

main; exit # on one line: an edit of this file while it runs does no harm
