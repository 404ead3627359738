#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# The programs of docs/examples do what they say.
#
# axe-test-timeout: 120

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

examples=$(dirname "$self")/../examples

# An accelerator's output is RDMA-written to a peer; one CQ shows both completions.
compress_to_peer()
{
	for size in 1 4096 70000 1000000; do
		data $size >f
		timeout 60 "$examples/compress_to_peer" <f >f.gz 2>err || { cat err; false; }
		good f f.gz
		sed 's/QP [0-9]*/QP/' err >completions
		bytes=$(stat -c %s f.gz)
		grep -x "completion: QP, compress, $bytes bytes" completions
		grep '^completion: QP, RDMA write, ' completions
		test "$(grep -c ^completion err)" -eq 2
		# of two queues
		test "$(sed 's/,.*//' err | sort -u | wc -l)" -eq 2
	done
}

run_tests
