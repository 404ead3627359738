# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# cmake -DFROM=<source tree> -DTO=<mirror> -P mirror.cmake
#
# Brings <mirror> up to date with the sources of the kernel module. Kbuild
# writes its objects beside the sources, and only kernels newer than 6.12 can be
# told otherwise (MO=), so it works on a copy. Files that did not change keep
# their time stamps; files that vanished are removed.

cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE WANTED RELATIVE "${FROM}" LIST_DIRECTORIES false
  "${FROM}/kernel/*.[ch]"
  "${FROM}/kernel/Kbuild"
  "${FROM}/kernel/Makefile"
  "${FROM}/include/uapi/*.h")
file(GLOB_RECURSE PRESENT RELATIVE "${TO}" LIST_DIRECTORIES false
  "${TO}/kernel/*.[ch]"
  "${TO}/kernel/Kbuild"
  "${TO}/kernel/Makefile"
  "${TO}/include/uapi/*.h")

foreach(F IN LISTS PRESENT)
  # axe.mod.c is Kbuild's own
  if(NOT F IN_LIST WANTED AND NOT F MATCHES "\\.mod\\.c$")
    file(REMOVE "${TO}/${F}")
  endif()
endforeach()

foreach(F IN LISTS WANTED)
  file(COPY_FILE "${FROM}/${F}" "${TO}/${F}" ONLY_IF_DIFFERENT RESULT FAILED)
  if(FAILED)
    get_filename_component(DIR "${TO}/${F}" DIRECTORY)
    file(MAKE_DIRECTORY "${DIR}")
    file(COPY_FILE "${FROM}/${F}" "${TO}/${F}" ONLY_IF_DIFFERENT)
  endif()
endforeach()
