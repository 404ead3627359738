# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# Lets providers/axe, written as a part of an rdma-core tree, build outside of
# one: finds the private headers of the installed libibverbs, and stands in for
# those functions of rdma-core's buildlib that the provider's CMakeLists.txt
# calls.

set(AXE_RDMA_CORE_SOURCE "" CACHE PATH
  "Source tree of rdma-core, of the version of the installed libibverbs")

find_package(PkgConfig QUIET)
axe_require("${PKG_CONFIG_FOUND}" "pkg-config" "pkgconf")
if(PKG_CONFIG_FOUND)
  pkg_check_modules(IBVERBS QUIET IMPORTED_TARGET libibverbs)
endif()
axe_require("${IBVERBS_FOUND}" "libibverbs" "libibverbs-dev")
find_package(Python3 QUIET COMPONENTS Interpreter)
axe_require("${Python3_FOUND}" "python3" "python3")
find_package(Threads REQUIRED)
axe_require_done()

# libibverbs calls itself 1.<minor>.<version of rdma-core>
string(REGEX REPLACE "^[0-9]+\\.[0-9]+\\." "" AXE_RDMA_CORE_VERSION "${IBVERBS_VERSION}")

# Where infiniband/driver.h and its like are: in the source tree's own build
# directory if it has one, else in one of ours.
function(axe_find_rdma_core OUT)
  set(SOURCE "${AXE_RDMA_CORE_SOURCE}")
  foreach(DIR
      "$ENV{AXE_RDMA_CORE_SOURCE}"
      "/usr/src/axe-rdma-core"
      "/usr/src/rdma-core-${AXE_RDMA_CORE_VERSION}"
      "${PROJECT_BINARY_DIR}/rdma-core-${AXE_RDMA_CORE_VERSION}"
      "${PROJECT_SOURCE_DIR}/rdma-core-${AXE_RDMA_CORE_VERSION}"
      "${PROJECT_SOURCE_DIR}/../rdma-core-${AXE_RDMA_CORE_VERSION}")
    if(NOT SOURCE AND DIR AND EXISTS "${DIR}/libibverbs/driver.h")
      set(SOURCE "${DIR}")
    endif()
  endforeach()
  if(NOT EXISTS "${SOURCE}/libibverbs/driver.h")
    message(FATAL_ERROR
      "The provider interface of libibverbs (infiniband/driver.h) is in no package: it takes "
      "the source of rdma-core ${AXE_RDMA_CORE_VERSION}, the version that is installed.  With "
      "a deb-src line in apt's sources, run here:\n"
      "  apt-get source --download-only rdma-core\n"
      "  tar xf rdma-core_${AXE_RDMA_CORE_VERSION}.orig.tar.gz\n"
      "or unpack that version's release from anywhere else, and say where it is with\n"
      "  -DAXE_RDMA_CORE_SOURCE=DIR\n")
  endif()

  set(BUILD "${SOURCE}/build")
  if(NOT EXISTS "${BUILD}/include/config.h" OR
     NOT EXISTS "${BUILD}/include/kernel-abi/ib_user_verbs.h")
    set(BUILD "${PROJECT_BINARY_DIR}/rdma-core")
    axe_configure_rdma_core("${SOURCE}" "${BUILD}")
  endif()

  file(STRINGS "${BUILD}/include/config.h" VERSION REGEX "define PACKAGE_VERSION")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" VERSION "${VERSION}")
  if(NOT VERSION STREQUAL AXE_RDMA_CORE_VERSION)
    message(FATAL_ERROR
      "${SOURCE} is rdma-core ${VERSION}, but libibverbs ${AXE_RDMA_CORE_VERSION} is "
      "installed: it would not load the provider")
  endif()
  message(STATUS "rdma-core ${VERSION}: ${SOURCE}")
  set(AXE_RDMA_CORE_DIR "${SOURCE}" PARENT_SCOPE)
  set(${OUT} "${BUILD}/include" PARENT_SCOPE)
endfunction()

# Only headers are made; nothing of it is built but a library of no contents.
function(axe_configure_rdma_core SOURCE BUILD)
  if(EXISTS "${BUILD}/.axe-configured")
    return()
  endif()
  message(STATUS "Configuring ${SOURCE} for its headers")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BUILD}" -G "${CMAKE_GENERATOR}"
            -DNO_MAN_PAGES=1 -DNO_PYVERBS=1 -DENABLE_RESOLVE_NEIGH=0
    OUTPUT_FILE "${BUILD}.log" ERROR_FILE "${BUILD}.log" RESULT_VARIABLE FAILED)
  if(NOT FAILED)
    execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --target kern-abi
      OUTPUT_FILE "${BUILD}.log" ERROR_FILE "${BUILD}.log" RESULT_VARIABLE FAILED)
  endif()
  if(FAILED)
    message(FATAL_ERROR "rdma-core's own build system failed, see ${BUILD}.log")
  endif()
  file(TOUCH "${BUILD}/.axe-configured")
endfunction()

axe_find_rdma_core(AXE_RDMA_CORE_INCLUDE)

file(STRINGS "${AXE_RDMA_CORE_INCLUDE}/config.h" AXE_PROVIDER_SUFFIX
  REGEX "define VERBS_PROVIDER_SUFFIX")
string(REGEX REPLACE ".*\"(.*)\".*" "\\1" AXE_PROVIDER_SUFFIX "${AXE_PROVIDER_SUFFIX}")

# See providers/axe/compat.h.
set(AXE_RDMA_CORE_COMPAT "")
file(READ "${AXE_RDMA_CORE_INCLUDE}/infiniband/driver.h" AXE_DRIVER_H)
if(NOT AXE_DRIVER_H MATCHES "struct ibv_fd_arr \\*fd_arr")
  list(APPEND AXE_RDMA_CORE_COMPAT AXE_COMPAT_GET_CONTEXT_NO_FD_ARR)
endif()
if(NOT AXE_DRIVER_H MATCHES "ibv_cmd_query_port_speed")
  list(APPEND AXE_RDMA_CORE_COMPAT AXE_COMPAT_NO_PORT_SPEED)
endif()
file(READ "${AXE_RDMA_CORE_INCLUDE}/infiniband/verbs.h" AXE_VERBS_H)
if(NOT AXE_VERBS_H MATCHES "IBV_PARENT_DOMAIN_INIT_ATTR_ALLOW_CC_UNPROTECTED_ALLOC")
  list(APPEND AXE_RDMA_CORE_COMPAT AXE_COMPAT_NO_CC_ALLOC)
endif()

set(AXE_GENERATED_INCLUDE "${PROJECT_BINARY_DIR}/include")

# <kernel-abi/axe-abi.h>, the structures as DECLARE_DRV_CMD() wants them
add_custom_command(
  OUTPUT "${AXE_GENERATED_INCLUDE}/kernel-abi/axe-abi.h"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${AXE_GENERATED_INCLUDE}/kernel-abi"
  COMMAND "${Python3_EXECUTABLE}" "${AXE_RDMA_CORE_DIR}/buildlib/make_abi_structs.py"
          "${PROJECT_SOURCE_DIR}/include/uapi/rdma/axe-abi.h"
          "${AXE_GENERATED_INCLUDE}/kernel-abi/axe-abi.h"
  DEPENDS "${PROJECT_SOURCE_DIR}/include/uapi/rdma/axe-abi.h"
          "${AXE_RDMA_CORE_DIR}/buildlib/make_abi_structs.py"
  COMMENT "Creating kernel-abi/axe-abi.h"
  VERBATIM)
add_custom_target(axe_kernel_abi DEPENDS "${AXE_GENERATED_INCLUDE}/kernel-abi/axe-abi.h")

# What a provider is compiled with; unit tests that include its parts too.
add_library(axe_provider_headers INTERFACE)
add_dependencies(axe_provider_headers axe_kernel_abi)
target_include_directories(axe_provider_headers INTERFACE
  "${AXE_GENERATED_INCLUDE}"
  "${AXE_RDMA_CORE_INCLUDE}"
  "${PROJECT_SOURCE_DIR}/include"
  "${PROJECT_SOURCE_DIR}/include/uapi")
target_compile_definitions(axe_provider_headers INTERFACE ${AXE_RDMA_CORE_COMPAT})
target_compile_options(axe_provider_headers INTERFACE
  -Wall -Wextra -Wno-sign-compare -Wno-unused-parameter -Wmissing-prototypes
  -Wmissing-declarations -Wwrite-strings -Wformat=2 -Wformat-nonliteral -Wdate-time
  -Wnested-externs -Wshadow -Wstrict-prototypes -Wold-style-definition
  -Wredundant-decls
  $<$<C_COMPILER_ID:Clang>:-Wno-gnu-variable-sized-type-not-at-end>)

# The version of the library that the provider becomes.
set(PACKAGE_VERSION "${AXE_RDMA_CORE_VERSION}")

#-------------------------
# rdma-core's functions

function(rdma_shared_provider DEST VERSION_SCRIPT SOVERSION VERSION)
  add_library(${DEST} SHARED ${ARGN})
  target_link_libraries(${DEST} PRIVATE axe_provider_headers PkgConfig::IBVERBS Threads::Threads)
  # For those that link with it: what is installed, as it is before it is
  target_include_directories(${DEST} INTERFACE
    "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/include/uapi")
  target_link_libraries(${DEST} INTERFACE PkgConfig::IBVERBS)
  target_link_options(${DEST} PRIVATE
    "LINKER:--version-script,${CMAKE_CURRENT_SOURCE_DIR}/${VERSION_SCRIPT}"
    LINKER:--no-undefined LINKER:--as-needed)
  set_target_properties(${DEST} PROPERTIES
    C_STANDARD 11
    SOVERSION ${SOVERSION}
    VERSION ${VERSION}
    LINK_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${VERSION_SCRIPT}")
  install(TARGETS ${DEST} DESTINATION "${CMAKE_INSTALL_LIBDIR}")

  # The plugin is the same file by another name: loaded twice, it is there once.
  # It goes where libibverbs looks, which is relative to its own place.
  set(PLUGIN "lib${DEST}${AXE_PROVIDER_SUFFIX}")
  file(CREATE_LINK "../lib${DEST}.so.${VERSION}" "${CMAKE_CURRENT_BINARY_DIR}/${PLUGIN}" SYMBOLIC)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${PLUGIN}"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/libibverbs")

  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/${DEST}.driver" "driver ${DEST}\n")
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${DEST}.driver"
    DESTINATION "${CMAKE_INSTALL_FULL_SYSCONFDIR}/libibverbs.d")
endfunction()

# Inside rdma-core a provider's header lies beside its sources.
function(publish_headers DEST)
  foreach(HEADER ${ARGN})
    install(FILES "${PROJECT_SOURCE_DIR}/include/${DEST}/${HEADER}"
      DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${DEST}")
  endforeach()
endfunction()

function(rdma_pkg_config PC_LIB_NAME PC_REQUIRES_PRIVATE PC_LIB_PRIVATE)
  get_target_property(PC_VERSION ${PC_LIB_NAME} VERSION)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/libaxe.pc.in"
    "${CMAKE_CURRENT_BINARY_DIR}/lib${PC_LIB_NAME}.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/lib${PC_LIB_NAME}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()
