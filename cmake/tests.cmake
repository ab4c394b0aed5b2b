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
set(MORTISE_ONCE OFF)
if(MORTISE_EVERY_TEST OR (CMAKE_C_COMPILER_ID STREQUAL GNU AND NOT MORTISE_SANITIZED))
  set(MORTISE_ONCE ON)
endif()
# Where the tests of one layer or socket run: test.sh has them in preset asan.
option(MORTISE_ONE_LAYER "Tests of what one layer or one socket does" ${MORTISE_ONCE})
# Where there is anything to see in a test that has one thread.
if(MORTISE_EVERY_TEST OR NOT flags MATCHES "-fsanitize=thread")
  set(MORTISE_ONE_THREAD ON)
endif()

# What a test is told that has several ways, of which some are enough but for --full.
set(MORTISE_SOME some)
if(MORTISE_EVERY_TEST)
  set(MORTISE_SOME "")
endif()

# mortise_has_threads(VARIABLE FILE): whether a test begins threads, itself or by what it includes
# from beside it.
function(mortise_has_threads variable file)
  file(READ ${file} text)
  set(found OFF)
  if(text MATCHES "pthread_create")
    set(found ON)
  endif()
  string(REGEX MATCHALL "#include \"[a-z_/.]+\"" includes "${text}")
  cmake_path(GET file PARENT_PATH folder)
  foreach(include ${includes})
    string(REGEX REPLACE ".*\"(.*)\"" "${folder}/\\1" include "${include}")
    if(NOT found AND EXISTS ${include})
      mortise_has_threads(found ${include})
    endif()
  endforeach()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

# mortise_unit_test(NAME TARGET [ONE_LAYER | ONCE]): TARGET, a program, as a test. Where it would
# see only what it sees in another preset, it is no test, and compiled only when it is asked for:
# under ThreadSanitizer without threads; and what one layer or socket does, in all presets but the
# one that MORTISE_ONE_LAYER or MORTISE_ONCE says. There a sanitizer looks at it, and nothing is
# optimised: what each compiler and sanitizer makes of layers, the suite of conformance has.
function(mortise_unit_test name target)
  set(needed ON)
  if(NOT MORTISE_ONE_THREAD)
    get_target_property(source ${target} SOURCES)
    list(GET source 0 source)
    mortise_has_threads(needed ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  endif()
  if(ARGN AND NOT MORTISE_EVERY_TEST)
    if(NOT MORTISE_${ARGN})
      set(needed OFF)
    endif()
    target_compile_options(${target} PRIVATE -O0)
    if(NOT MORTISE_SANITIZED)
      set(ub -fsanitize=undefined -fno-sanitize-recover=all)
      target_compile_options(${target} PRIVATE ${ub})
      target_link_options(${target} PRIVATE ${ub})
    endif()
  elseif(MORTISE_ONCE AND NOT MORTISE_EVERY_TEST)
    target_compile_options(${target} PRIVATE -O1) # an optimiser has all of it in other tests
  endif()
  if(needed)
    add_test(NAME ${name} COMMAND ${target})
    # A lost wake-up shows as a hang.
    set_tests_properties(${name} PROPERTIES TIMEOUT 1200)
  else()
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

# No test asks for the command there.
if(NOT MORTISE_ONE_THREAD)
  set_target_properties(mortise mortise_cli PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

mortise_tests(unit data os policy heap layer run socket conformance)
if(MORTISE_ONE_THREAD)
  mortise_tests(unit cli)
endif()
if(NOT MORTISE_SANITIZED)
  mortise_tests(unit bench)
  mortise_tests(whole budget compose symbols)
  # These bring their own compilers.
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    mortise_tests(whole overhead examples export install contributing ports pairs progress)
  endif()
  if(MORTISE_ONCE)
    mortise_tests(whole misuse)
    mortise_tests(style tidy)
  endif()
  mortise_tests(program programs)
endif()
