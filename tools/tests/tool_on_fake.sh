#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# axe-test-timeout: 300
#
# The tool's own tests, on a device that is a thread, with sanitizers.
here=$(dirname "$(realpath "$0")")
exec sh "$here/../live/test_tool.sh" "$here/fake/axe-on-fake"
