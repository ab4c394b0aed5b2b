#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The Debian package: what it says of itself, what it brings, and that it works where it unpacks.
. "$(dirname "$0")/common.sh"

cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/package" >out 2>&1 || {
    cat out
    fail "cpack"
}
deb=$(ls package/*.deb)
says 'Package: mortise' dpkg -I "$deb"
for field in 'Version: 0' 'Depends: .*libjansson4' 'Recommends: gcc' 'Maintainer: ' \
    'Section: libdevel'; do
    grep -q "$field" out || fail "the package has no '$field'"
done
dpkg -c "$deb" >list
for file in usr/bin/mortise usr/include/mortise/core/compose.h usr/lib/mortise/tlsf.so \
    usr/share/man/man1/mortise.1.gz usr/share/doc/mortise/copyright \
    usr/share/doc/mortise/changelog.gz \
    usr/lib/cmake/mortise/mortiseConfig.cmake usr/share/pkgconfig/mortise.pc; do
    grep -q " \./$file\$" list || fail "the package has no $file"
done
! grep -v ' root/root ' list || fail "files of another user"
! grep -E '^-.{7}w|^-......w' list || fail "files that everybody may write"
! awk '{ print $NF }' list | grep -v '^\./usr/' || fail "files outside usr"

if [ "$(id -u)" -eq 0 ]; then
    mkdir -p system/var/lib/dpkg/updates
    touch system/var/lib/dpkg/status
    # What it depends on is not in there.
    dpkg --root="$work/system" --force-depends --force-script-chrootless -i "$deb" >out 2>&1 || {
        cat out
        fail "dpkg -i"
    }
    says 'install ok' dpkg-query --admindir="$work/system/var/lib/dpkg" -s mortise
else
    dpkg -x "$deb" system
fi
says 'ok: brk_heap' "$work/system/usr/bin/mortise" check tlsfcc
says 'tlsf.so' env LD_PRELOAD="$work/system/usr/lib/mortise/tlsf.so" cat /proc/self/maps
if [ "$(id -u)" -eq 0 ]; then
    dpkg --root="$work/system" --force-script-chrootless -r mortise >out 2>&1 || fail "dpkg -r"
    [ ! -e system/usr/bin/mortise ] || fail "dpkg -r leaves something behind"
fi
