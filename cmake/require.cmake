# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# What is missing is named together with the Debian package that brings it, and
# all of it at once: nobody should have to run cmake five times.

set_property(GLOBAL PROPERTY AXE_MISSING_WHAT "")
set_property(GLOBAL PROPERTY AXE_MISSING_PACKAGES "")

# axe_require(<found> <what> <package> [<consequence>])
#
# <found> is a condition's value. Without <consequence> the build needs <what>
# and axe_require_done() will refuse to go on; with it, the build goes on and
# says what it does without.
function(axe_require FOUND WHAT PACKAGE)
  if(FOUND)
    return()
  endif()
  if(ARGC GREATER 3)
    message(STATUS "${WHAT} not found (Debian package ${PACKAGE}): ${ARGV3}")
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY AXE_MISSING_WHAT "${WHAT}")
  set_property(GLOBAL APPEND PROPERTY AXE_MISSING_PACKAGES "${PACKAGE}")
endfunction()

function(axe_require_done)
  get_property(WHAT GLOBAL PROPERTY AXE_MISSING_WHAT)
  get_property(PACKAGES GLOBAL PROPERTY AXE_MISSING_PACKAGES)
  if(NOT PACKAGES)
    return()
  endif()
  list(REMOVE_DUPLICATES PACKAGES)
  list(JOIN WHAT ", " WHAT)
  list(JOIN PACKAGES " " PACKAGES)
  message(FATAL_ERROR "Missing: ${WHAT}. On Debian:\n  apt-get install ${PACKAGES}\n")
endfunction()
