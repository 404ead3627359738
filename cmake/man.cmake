# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# Manual pages: Markdown with rdma-core's header (title, section, date), made
# into roff. rdma-core has pandoc do it; lowdown is a hundredth of its size and
# understands the same header.
#
# Options and code must be such that they can be copied from the page: no smart
# typography, and each '-' is a minus ("\-"), as pandoc has it too. What roff makes
# of a bare one depends on the system: often a hyphen (U+2010).

option(AXE_MAN_PAGES "Make the manual pages" ON)
if(AXE_MAN_PAGES)
  find_program(AXE_LOWDOWN lowdown)
  mark_as_advanced(AXE_LOWDOWN)
  axe_require("${AXE_LOWDOWN}" "lowdown" "lowdown" "going on without manual pages")
endif()

function(rdma_man_pages)
  if(NOT AXE_MAN_PAGES OR NOT AXE_LOWDOWN)
    return()
  endif()
  foreach(SOURCE ${ARGN})
    string(REGEX MATCH "([^/]+\\.([0-9]))\\.md$" MATCHED "${SOURCE}")
    set(PAGE "${CMAKE_MATCH_1}")
    set(SECTION "${CMAKE_MATCH_2}")
    add_custom_command(
      OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${PAGE}"
      COMMAND "${AXE_LOWDOWN}" -s -Tman --parse-no-intraemph --out-no-smarty
              -o "${CMAKE_CURRENT_BINARY_DIR}/${PAGE}.bare" "${SOURCE}"
      # In lines of text only: a request begins with a dot.
      COMMAND sed -e "/^\\./!s/\\\\*-/\\\\-/g" "${CMAKE_CURRENT_BINARY_DIR}/${PAGE}.bare"
              > "${CMAKE_CURRENT_BINARY_DIR}/${PAGE}"
      WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
      DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${SOURCE}"
      COMMENT "Creating man page ${PAGE}"
      VERBATIM)
    add_custom_target("man-${PAGE}" ALL DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/${PAGE}")
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${PAGE}"
      DESTINATION "${CMAKE_INSTALL_MANDIR}/man${SECTION}")
  endforeach()
endfunction()

# Pairs of (page, alias)
function(rdma_alias_man_pages)
  if(NOT AXE_MAN_PAGES OR NOT AXE_LOWDOWN)
    return()
  endif()
  set(PAIRS ${ARGN})
  while(PAIRS)
    list(POP_FRONT PAIRS PAGE ALIAS)
    string(REGEX MATCH "[0-9]$" SECTION "${ALIAS}")
    string(REGEX MATCH "[0-9]$" PAGE_SECTION "${PAGE}")
    if(NOT SECTION STREQUAL PAGE_SECTION)
      message(FATAL_ERROR "${ALIAS} is not in the section of ${PAGE}")
    endif()
    file(CREATE_LINK "${PAGE}" "${CMAKE_CURRENT_BINARY_DIR}/${ALIAS}" SYMBOLIC)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${ALIAS}"
      DESTINATION "${CMAKE_INSTALL_MANDIR}/man${SECTION}")
  endwhile()
endfunction()
