# SPDX-License-Identifier: MIT
# mortise_add_allocator(TARGET MODEL [OBJECT|SHARED|HEADER] [INCLUDE FOLDER...])
#
# A library of a model: a text such as "brk_heap::tlsf_glk::malloc_socket", the name of a model, or
# the path of a file that ends in .mortise. It is written as one file of C by the command mortise
# and compiled by the project's own compiler. Words and models are also looked for in the folders.
#   OBJECT   an executable that links TARGET has its malloc replaced; the default
#   SHARED   to be preloaded, or linked
#   HEADER   #include "TARGET.h" for heaps inside a program: TARGET_malloc and so on; what links
#            TARGET finds it. A project in C++ alone has this one only

function(mortise_add_allocator target model)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "OBJECT;SHARED;HEADER" "" "INCLUDE")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "mortise_add_allocator: what is '${ARG_UNPARSED_ARGUMENTS}'?")
  endif()
  set(cc "")
  if(CMAKE_C_COMPILER)
    set(cc --cc ${CMAKE_C_COMPILER})
  elseif(NOT ARG_HEADER)
    message(FATAL_ERROR "mortise_add_allocator: ${target} is compiled as C: enable the language C, "
                        "as in project(... LANGUAGES C CXX), or use HEADER")
  endif()
  find_package(Threads REQUIRED)

  set(depends "")
  if(model MATCHES "\\.mortise$" AND NOT model MATCHES "::")
    cmake_path(ABSOLUTE_PATH model BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND depends ${model})
  endif()
  set(folders "")
  foreach(folder IN LISTS ARG_INCLUDE)
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND folders -I ${folder})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.h ${folder}/*.mortise)
    list(APPEND depends ${files})
  endforeach()

  set(suffix c)
  if(ARG_HEADER)
    set(suffix h)
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/mortise/${target})
  set(file ${folder}/${target}.${suffix})
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${file}
    COMMAND ${MORTISE_COMMAND} build -q ${folders} ${cc} -o ${file} -- ${model}
    DEPENDS mortise::mortise ${depends}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "Composing ${target}: ${model}"
    VERBATIM)

  if(ARG_HEADER)
    add_library(${target} INTERFACE ${file})
    target_include_directories(${target} INTERFACE ${folder})
    target_link_libraries(${target} INTERFACE Threads::Threads)
    return()
  endif()
  if(ARG_SHARED)
    add_library(${target} SHARED ${file})
    target_link_options(${target} PRIVATE -Wl,-z,nodelete) # threads end in its code
  else()
    add_library(${target} OBJECT ${file})
  endif()
  # The body of malloc must not be taken for a call of malloc; only its names are for others.
  target_compile_options(
    ${target}
    PRIVATE -O3
            -fno-builtin-malloc
            -fno-builtin-calloc
            -fno-builtin-realloc
            -fno-builtin-free
            -fno-builtin-aligned_alloc
            -fno-builtin-memalign
            -fno-builtin-posix_memalign)
  set_target_properties(
    ${target}
    PROPERTIES C_STANDARD 11
               C_EXTENSIONS ON
               C_VISIBILITY_PRESET hidden
               POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PUBLIC Threads::Threads)
endfunction()
