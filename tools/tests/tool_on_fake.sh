#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# axe-test-timeout: 600
#
# The tool's own tests, on a device that is a thread, with sanitizers.
here=$(dirname "$(realpath "$0")")
status=0
for script in "$here"/../live/test_tool_*.sh; do
	sh "$script" "$here/fake/axe-on-fake" || status=1
done
exit $status
