# SPDX-License-Identifier: MIT
# Sourced by test.sh and demo.sh: installs what is missing, on Debian and its kin, and says so.

# need CHECK PACKAGE WHY: CHECK is a command, or the path of a file, that PACKAGE brings.
missing_packages=()
need() {
    case $1 in
    /*) [ -e "$1" ] && return ;;
    *) command -v "$1" >/dev/null 2>&1 && return ;;
    esac
    missing_packages+=("$2")
    echo "missing: $2 ($3)"
}

# Installs what need() found missing; ends the script where that is impossible.
install_missing() {
    [ ${#missing_packages[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Please install what corresponds to: ${missing_packages[*]}" >&2
        exit 2
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Please run as root: apt-get install ${missing_packages[*]}" >&2
            exit 2
        fi
        as_root=(sudo)
    fi
    echo "installing with apt-get: ${missing_packages[*]}"
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing_packages[@]}" \
            >/dev/null </dev/null && return
    echo "apt-get could not install: ${missing_packages[*]}" >&2
    exit 2
}

# want CHECK PACKAGE WHY: installs what may be missing; without it something is skipped.
want() {
    local missing_packages=()
    need "$@"
    [ ${#missing_packages[@]} -eq 0 ] || (install_missing) ||
        echo "without it: what needs it is skipped"
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
