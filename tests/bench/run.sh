#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# bench/run.sh in a copy of the tree where the build makes a command that only says what it was
# asked: run.sh ROOT
set -eu -o pipefail
root=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/mortise-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

mkdir -p "$work/tree/bench/program" "$work/tree/cmake" "$work/bin"
cp "$root/bench/run.sh" "$work/tree/bench"
cp "$root/cmake/packages.sh" "$work/tree/cmake"
# Whatever this machine has, nothing is missing and nothing is installed.
cat >>"$work/tree/cmake/packages.sh" <<'END'
need() { :; }
want() { echo "want $2" >>"$PWD/asked"; }
install_missing() { :; }
END
cat >"$work/bin/cmake" <<'END'
#!/bin/sh
mkdir -p build/release
printf '#!/bin/sh\necho "mortise $*" >>asked\n[ "$2" != wrong ]\n' >build/release/mortise
chmod +x build/release/mortise
END
chmod +x "$work/bin/cmake"
PATH=$work/bin:$PATH
cd "$work"

# asks CODE ARGUMENT...: what it did is in the file asked.
asks() {
    local code=0 wanted=$1
    shift
    : >asked
    bash tree/bench/run.sh "$@" >out 2>&1 || code=$?
    [ $code = "$wanted" ] || fail "$*: exit code $code: $(cat out)"
}

for help in -h --help; do
    asks 0 --quick $help
    grep -q 'bench/run.sh \[OPTION...\]' out || fail "$help: $(cat out)"
    [ ! -s asked ] && [ ! -e tree/build ] || fail "$help did something: $(cat asked)"
done

asks 0 list
[ "$(cat asked)" = 'mortise bench list' ] || fail "list: $(cat asked)"
asks 0 report one -o page.html
[ "$(cat asked)" = 'mortise bench report one -o page.html' ] || fail "report: $(cat asked)"

asks 0 --quick -o one larson
grep -q '^want ' asked || fail "nothing to compare with was wanted"
grep '^mortise' asked >did
diff did - <<'END' || fail "a comparison and its page"
mortise bench --quick -o one larson
mortise bench report one -o one/index.html
END
grep -qx 'the page is one/index.html' out || fail "the page: $(cat out)"

asks 1 wrong
! grep -q 'bench report' asked || fail "a report of a comparison that failed"
