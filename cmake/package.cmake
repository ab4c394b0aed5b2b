# SPDX-License-Identifier: MIT
# cpack: a Debian package, or an archive of the installation.

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_VENDOR "The Mortise developers")
set(CPACK_PACKAGE_CONTACT "${CPACK_PACKAGE_VENDOR} <mortise@invalid>" CACHE STRING
    "Who maintains the package, as Debian writes it")
set(CPACK_PACKAGE_DESCRIPTION
    "Mortise composes a memory allocator from layers and policies, written in
one line of text, and compiles it to C without any cost for having been
composed. Programs run on it unchanged, link it, or make heaps of it. This
package has the command, the headers, and a shared library of each named
allocator.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gcc | clang, libc6-dev, binutils")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "clang-format, pkg-config, cmake")
find_program(MORTISE_SHLIBDEPS dpkg-shlibdeps)
if(MORTISE_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
else()
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6, libjansson4, libmd0")
endif()
include(CPack)
