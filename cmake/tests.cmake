# SPDX-License-Identifier: MIT
# Each folder of tests with the label by which a preset picks it. `unit` needs nothing but the
# compiler and so runs under the sanitizers too; what runs foreign programs, or compares machine
# code, has no place there.

# mortise_tests(LABEL FOLDER...)
function(mortise_tests label)
  foreach(folder ${ARGN})
    set(source ${PROJECT_SOURCE_DIR}/tests/${folder})
    add_subdirectory(${source} ${PROJECT_BINARY_DIR}/tests/${folder})
    set_property(DIRECTORY ${source} PROPERTY LABELS ${label})
  endforeach()
endfunction()

if("${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize")
  set(MORTISE_SANITIZED ON)
endif()

mortise_tests(unit data policy heap layer conformance cli)
if(NOT MORTISE_SANITIZED)
  mortise_tests(whole budget compose misuse overhead symbols)
  # These bring their own compilers.
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    mortise_tests(whole export install contributing)
  endif()
  mortise_tests(style tidy)
  mortise_tests(program programs)
endif()
