# SPDX-License-Identifier: MIT
# Headers, models and a pkg-config file; the command installs itself.

install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/include/mortise
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING
  PATTERN "*.h")
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/models
  DESTINATION ${CMAKE_INSTALL_DATADIR}/mortise
  FILES_MATCHING
  PATTERN "*.mortise")

configure_file(${PROJECT_SOURCE_DIR}/cmake/mortise.pc.in ${PROJECT_BINARY_DIR}/mortise.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mortise.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
