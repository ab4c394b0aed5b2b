# SPDX-License-Identifier: MIT
# mortise_preloadable(VARIABLE): the named models that can take the place of malloc, those whose
# socket knows the parameter interpose. Others, such as the one of a kernel, are for programs that
# ask for them.
function(mortise_preloadable variable)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/*.mortise)
  set(names "")
  foreach(file ${files})
    file(STRINGS ${file} lines REGEX "^[^#]")
    list(JOIN lines "" text)
    string(REGEX REPLACE ".*::" "" socket "${text}")
    string(REGEX REPLACE "[ (].*" "" socket "${socket}")
    file(STRINGS ${PROJECT_SOURCE_DIR}/include/mortise/socket/${socket}.h interpose
         REGEX "^ [*]   interpose ")
    if(interpose)
      cmake_path(GET file STEM name)
      list(APPEND names ${name})
    endif()
  endforeach()
  set(${variable} ${names} PARENT_SCOPE)
endfunction()
