# SPDX-License-Identifier: MIT
# Each folder of tests with the label by which a preset picks it. `unit` needs nothing but the
# compiler and so runs under the sanitizers too; what runs foreign programs, or compares machine
# code, has no place there.

# Long tests have a COST, so that they begin first and no processor waits for the last one.

# mortise_tests(LABEL FOLDER...)
function(mortise_tests label)
  foreach(folder ${ARGN})
    set(source ${PROJECT_SOURCE_DIR}/tests/${folder})
    add_subdirectory(${source} ${PROJECT_BINARY_DIR}/tests/${folder})
    set_property(DIRECTORY ${source} PROPERTY LABELS ${label})
  endforeach()
endfunction()

option(MORTISE_EVERY_TEST "Also tests that see here only what they see in another preset" OFF)

set(flags "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}")
if(flags MATCHES "-fsanitize")
  set(MORTISE_SANITIZED ON)
endif()
# Where a test runs that one preset is enough for.
if(MORTISE_EVERY_TEST OR (CMAKE_C_COMPILER_ID STREQUAL GNU AND NOT MORTISE_SANITIZED))
  set(MORTISE_ONCE ON)
endif()
# Where there is anything to see in a test that has one thread.
if(MORTISE_EVERY_TEST OR NOT flags MATCHES "-fsanitize=thread")
  set(MORTISE_ONE_THREAD ON)
endif()

mortise_tests(unit data os policy heap layer run socket conformance)
if(MORTISE_ONE_THREAD)
  mortise_tests(unit cli)
endif()
if(NOT MORTISE_SANITIZED)
  mortise_tests(unit bench)
  mortise_tests(whole budget compose misuse symbols)
  # These bring their own compilers.
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    mortise_tests(whole overhead examples export install contributing ports pairs progress)
  endif()
  mortise_tests(style tidy)
  mortise_tests(program programs)
endif()
