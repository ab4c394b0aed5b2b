# SPDX-License-Identifier: MIT
# Sourced by test.sh and demo.sh: installs what is missing, on Debian and its kin, and says so.

missing_packages=() # without which nothing goes on
wanted_packages=()  # without which something is skipped
updated=            # whether apt-get has its list

# is_there CHECK: CHECK is a command, or the path of a file.
is_there() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# need CHECK PACKAGE WHY: PACKAGE brings CHECK.
need() {
    is_there "$1" && return
    missing_packages+=("$2")
    echo "missing: $2 ($3)"
}

# want CHECK PACKAGE WHY: the same for what one can do without.
want() {
    is_there "$1" && return
    wanted_packages+=("$2")
    echo "missing: $2 ($3)"
}

# nothing_missing: whether need() and want() found everything.
nothing_missing() {
    [ ${#missing_packages[@]} -eq 0 ] && [ ${#wanted_packages[@]} -eq 0 ]
}

# can_install: whether apt-get can be run, by as_root. Where it cannot, it says what to do, and ends
# the script where a need cannot be met.
can_install() {
    local remedy=''
    as_root=()
    if ! command -v apt-get >/dev/null 2>&1; then
        remedy="Please install what corresponds to:"
    elif [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        remedy="Please run as root: apt-get install"
    elif [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
    fi
    [ -n "$remedy" ] || return 0
    if [ ${#missing_packages[@]} -ne 0 ]; then
        echo "$remedy ${missing_packages[*]}" >&2
        exit 2
    fi
    echo "$remedy ${wanted_packages[*]}; without them something is skipped" >&2
    return 1
}

# with_apt PACKAGE...: the list of what there is, is fetched before, once.
with_apt() {
    echo "installing with apt-get: $*"
    [ -n "$updated" ] || "${as_root[@]}" apt-get update -qq || return
    updated=yes
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null </dev/null
}

# Has apt-get, which can be run, install what was found missing; ends the script where a need cannot
# be met.
run_apt() {
    local package
    if [ ${#missing_packages[@]} -ne 0 ] && ! with_apt "${missing_packages[@]}"; then
        echo "apt-get could not install: ${missing_packages[*]}" >&2
        exit 2
    fi
    [ ${#wanted_packages[@]} -eq 0 ] || with_apt "${wanted_packages[@]}" && return
    for package in "${wanted_packages[@]}"; do # one that there is not stops all others
        with_apt "$package" || echo "without $package: what needs it is skipped"
    done
}

# Installs what need() and want() found missing, where it can; ends the script as those above do.
install_missing() {
    nothing_missing || { can_install && run_apt; }
    missing_packages=() wanted_packages=()
}

need_to_build() {
    need gcc gcc "compiles the command, and every allocator"
    need g++ g++ "compiles the tests in C++"
    need /usr/include/stdlib.h libc6-dev "headers of libc"
    need cmake cmake "the build system"
    need ninja ninja-build "runs the build"
    need gzip gzip "compresses the manual that is installed"
    need pkg-config pkg-config "finds libraries"
    need /usr/include/jansson.h libjansson-dev "JSON output of the command"
    need /usr/include/sha2.h libmd-dev "hashes for the cache of built allocators"
}
