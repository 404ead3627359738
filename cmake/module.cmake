# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# The kernel module, by Kbuild. Target axe_ko, part of "all"; its result is
# <build>/kernel/axe.ko, with axe_crypto.ko beside it. Sets AXE_KBUILD, a command that
# runs Kbuild, if there are headers to run it with.

set(AXE_KERNEL_VERSION "${CMAKE_HOST_SYSTEM_VERSION}" CACHE STRING
  "Kernel to build the module for, as uname -r says it")
set(AXE_KERNEL_DIR "" CACHE PATH
  "Kernel headers or build tree (empty: /lib/modules/AXE_KERNEL_VERSION/build)")
set(AXE_KERNEL_MAKE_ARGS "" CACHE STRING
  "More arguments for Kbuild, such as W=1")
# Not under /lib: that is a symbolic link on Debian, which must not become a
# directory when an installation is staged with DESTDIR.
set(AXE_MODULE_DIR "" CACHE PATH
  "Where to install the module (empty: /usr/lib/modules/AXE_KERNEL_VERSION/updates)")
option(AXE_SPARSE "Check the module with sparse" OFF)

function(axe_module)
  set(KDIR "${AXE_KERNEL_DIR}")
  if(NOT KDIR)
    set(KDIR "/lib/modules/${AXE_KERNEL_VERSION}/build")
  endif()
  if(EXISTS "${KDIR}/Makefile")
    set(FOUND TRUE)
  endif()
  axe_require("${FOUND}" "kernel headers ${KDIR}" "linux-headers-${AXE_KERNEL_VERSION}"
    "going on without the module")
  if(NOT FOUND)
    return()
  endif()
  find_program(AXE_MAKE NAMES gmake make)
  axe_require("${AXE_MAKE}" "make" "make")
  mark_as_advanced(AXE_MAKE)

  set(ARGS ${AXE_KERNEL_MAKE_ARGS})
  separate_arguments(ARGS)
  if(AXE_SPARSE)
    find_program(AXE_SPARSE_PROGRAM sparse)
    mark_as_advanced(AXE_SPARSE_PROGRAM)
    axe_require("${AXE_SPARSE_PROGRAM}" "sparse" "sparse")
    # 2, not 1: also what Kbuild has no need to compile again
    list(APPEND ARGS C=2 CHECK=sparse)
  endif()

  # A sub-make shares the jobs of the make that runs it; ninja has none to share.
  if(CMAKE_GENERATOR MATCHES "Makefiles")
    set(MAKE "$(MAKE)")
  else()
    cmake_host_system_information(RESULT JOBS QUERY NUMBER_OF_LOGICAL_CORES)
    set(MAKE "${AXE_MAKE}" "-j${JOBS}")
  endif()
  set(KBUILD ${MAKE} --no-print-directory -C "${KDIR}")
  set(AXE_KBUILD "${KBUILD}" PARENT_SCOPE)

  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/kernel/Kbuild")
    message(STATUS "kernel/Kbuild is missing: going on without the module")
    return()
  endif()

  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/kernel/*.[ch]"
    "${PROJECT_SOURCE_DIR}/kernel/Kbuild"
    "${PROJECT_SOURCE_DIR}/kernel/Makefile"
    "${PROJECT_SOURCE_DIR}/include/uapi/*.h")
  set(CONFIG "${KDIR}/include/generated/autoconf.h")
  if(EXISTS "${CONFIG}")
    list(APPEND SOURCES "${CONFIG}")
  endif()

  # One mirror a kernel: a build tree may turn from one to the other and back.
  set(MIRROR "${PROJECT_BINARY_DIR}/kernel/${AXE_KERNEL_VERSION}")
  set(KO "${PROJECT_BINARY_DIR}/kernel/axe.ko")
  set(CRYPTO_KO "${PROJECT_BINARY_DIR}/kernel/axe_crypto.ko")
  set(SCRIPTED_KO "${PROJECT_BINARY_DIR}/kernel/axe_scripted.ko")
  add_custom_command(
    OUTPUT "${KO}" "${CRYPTO_KO}" "${SCRIPTED_KO}"
    COMMAND "${CMAKE_COMMAND}" "-DFROM=${PROJECT_SOURCE_DIR}" "-DTO=${MIRROR}"
            -P "${PROJECT_SOURCE_DIR}/cmake/mirror.cmake"
    COMMAND ${KBUILD} "M=${MIRROR}/kernel" ${ARGS} modules
    # Kbuild leaves them alone when nothing that matters has changed
    COMMAND "${CMAKE_COMMAND}" -E copy "${MIRROR}/kernel/axe.ko" "${KO}"
    COMMAND "${CMAKE_COMMAND}" -E copy "${MIRROR}/kernel/axe_crypto.ko" "${CRYPTO_KO}"
    COMMAND "${CMAKE_COMMAND}" -E copy "${MIRROR}/kernel/axe_scripted.ko" "${SCRIPTED_KO}"
    DEPENDS ${SOURCES} "${PROJECT_SOURCE_DIR}/cmake/mirror.cmake"
    COMMENT "Building axe.ko for ${AXE_KERNEL_VERSION}"
    VERBATIM)
  add_custom_target(axe_ko ALL DEPENDS "${KO}" "${CRYPTO_KO}" "${SCRIPTED_KO}")

  set(DIR "${AXE_MODULE_DIR}")
  if(NOT DIR)
    set(DIR "/usr/lib/modules/${AXE_KERNEL_VERSION}/updates")
  endif()
  install(FILES "${KO}" "${CRYPTO_KO}" DESTINATION "${DIR}" COMPONENT module)
  # An engine for the tests alone
  if(BUILD_TESTING)
    install(FILES "${SCRIPTED_KO}" DESTINATION "${DIR}" COMPONENT module)
  endif()
  # A staged installation is somebody else's to index.
  install(CODE "
    if(\"\$ENV{DESTDIR}\" STREQUAL \"\")
      execute_process(COMMAND depmod -a \"${AXE_KERNEL_VERSION}\")
    endif()" COMPONENT module)
endfunction()
