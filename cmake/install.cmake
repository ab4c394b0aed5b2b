# SPDX-License-Identifier: MIT
# What an installation has: the command with its manual and completion, the headers, the models and
# a shared library of each, and what pkg-config and find_package look for. It may be moved.

include(CMakePackageConfigHelpers)

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

# Each named model that can be preloaded.
if(MORTISE_PREBUILT)
  mortise_preloadable(models)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/*.h)
  foreach(name ${models})
    set(model ${PROJECT_SOURCE_DIR}/models/${name}.mortise)
    set(library ${PROJECT_BINARY_DIR}/allocators/${name}.so)
    add_custom_command(
      OUTPUT ${library}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/allocators
      COMMAND ${MORTISE_COMMAND} build -q --cc ${CMAKE_C_COMPILER} -o ${library} ${model}
      COMMAND ${CMAKE_STRIP} ${library}
      DEPENDS mortise ${model} ${headers}
      COMMENT "Building the allocator ${name}"
      VERBATIM)
    list(APPEND libraries ${library})
  endforeach()
  add_custom_target(mortise_allocators ALL DEPENDS ${libraries})
  install(FILES ${libraries} DESTINATION ${CMAKE_INSTALL_LIBDIR}/mortise)
endif()

# pkg-config
set(pc_folder ${CMAKE_INSTALL_DATADIR}/pkgconfig) # it has headers only: the same everywhere
file(RELATIVE_PATH MORTISE_PC_TO_PREFIX /prefix/${pc_folder} /prefix)
string(REGEX REPLACE "/$" "" MORTISE_PC_TO_PREFIX ${MORTISE_PC_TO_PREFIX})
configure_file(${PROJECT_SOURCE_DIR}/cmake/mortise.pc.in ${PROJECT_BINARY_DIR}/mortise.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mortise.pc DESTINATION ${pc_folder})

# find_package
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mortise)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/mortiseConfig.cmake.in ${PROJECT_BINARY_DIR}/mortiseConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mortiseConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mortiseConfig.cmake
              ${PROJECT_BINARY_DIR}/mortiseConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/allocator.cmake
        DESTINATION ${package_folder})
install(
  EXPORT mortiseTargets
  NAMESPACE mortise::
  DESTINATION ${package_folder})

# The manual, which is compressed where gzip is there, and the completion.
find_program(MORTISE_GZIP gzip)
function(mortise_install_compressed file name folder)
  if(MORTISE_GZIP)
    set(result ${PROJECT_BINARY_DIR}/${name}.gz)
    add_custom_command(
      OUTPUT ${result}
      COMMAND ${CMAKE_COMMAND} -E copy ${file} ${PROJECT_BINARY_DIR}/${name}
      COMMAND ${MORTISE_GZIP} -9nf ${PROJECT_BINARY_DIR}/${name}
      DEPENDS ${file}
      VERBATIM)
    add_custom_target(mortise_${name} ALL DEPENDS ${result})
    install(FILES ${result} DESTINATION ${folder})
  else()
    install(FILES ${file} DESTINATION ${folder} RENAME ${name})
  endif()
endfunction()
mortise_install_compressed(${PROJECT_SOURCE_DIR}/cli/mortise.1 mortise.1
                           ${CMAKE_INSTALL_MANDIR}/man1)
mortise_install_compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog
                           ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/ARCHITECTURE.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES ${PROJECT_SOURCE_DIR}/cli/mortise.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mortise)
