#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# What the axe tool reads: holes, pipes, files that change while it reads them.
#
# axe-test-timeout: 600

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

# More than the tool may have of memory; in the long form a gigabyte.
compress_and_decompress_a_large_sparse_file()
{
	size=$([ -n "$AXE_LIVE_LONG" ] && echo 1024 || echo 256)
	# a sanitizer's own memory is not the tool's
	limit=$([ -n "$fake" ] && echo 4000 || echo 100)
	truncate -s ${size}M f
	memory "$limit" $axe compress -1 f
	# reading a hole has not filled it
	test "$(stat -c %b f)" -lt 8
	test "$(stat -c %s f.gz)" -lt 10000000
	# through a pipe to cmp it would take ten times as long
	python3 -c '
import gzip
zeros, total = bytes(1 << 20), 0
with gzip.open("f.gz") as f:
    while part := f.read(1 << 20):
        assert part == zeros[:len(part)]
        total += len(part)
assert total == '$size' << 20'
	memory "$limit" $axe decompress -o /dev/null f.gz
}

compress_a_file_with_holes()
{
	truncate -s 5M f
	data 100000 | dd of=f bs=1000 seek=1700 conv=notrunc
	echo end | dd of=f bs=1 seek=4500000 conv=notrunc
	$axe compress -b 64K f
	good f f.gz
	test "$($axe checksum f)" = "$($axe checksum <f | sed 's/-$/f/')"
	test "$($axe checksum f)" = "$(cat f | $axe checksum | sed 's/-$/f/')"
}

compress_a_file_of_proc()
{
	$axe compress -c /proc/self/status >f.gz
	gunzip -c f.gz | grep '^Name:.*axe'
	$axe compress -o k.gz /proc/kallsyms
	gunzip -c k.gz | cmp - /proc/kallsyms
}

compress_follows_stdin_where_it_is()
{
	printf 'first\nsecond\n' >f
	{ read -r line; $axe compress >g.gz; cat; } <f >rest
	test "$(gunzip -c g.gz)" = second
	test ! -s rest
}

compress_of_a_file_truncated_meanwhile()
{
	# what is early is output early; what follows is a hole, which only its end shows
	data 3300000 >f
	truncate -s 256M f
	$axe compress -o out.gz f 2>err2 &
	pid=$!
	wait_for_output $pid
	truncate -s 100000 f
	fails 1 wait $pid
	cat err2
	test "$(cat err2)" = 'axe: f was truncated while being read'
	rm err2
	only f

	# the same while the output is held up: the device meets the missing pages
	data 3300000 >f
	mkfifo p
	$axe compress -1 -b 16K -c f >p 2>err2 &
	pid=$!
	exec 3<p
	dd bs=10 count=1 <&3 >head
	truncate -s 0 f
	cat <&3 >tail
	fails 1 wait $pid
	test "$(cat err2)" = 'axe: f was truncated while being read'
}

compress_of_a_file_that_grows()
{
	data 3000000 >f
	cp f before
	mkfifo p
	$axe compress -b 16K -c f >p 2>err2 &
	pid=$!
	exec 3<p
	dd bs=10 count=1 <&3 >out.gz
	echo more >>f
	cat <&3 >>out.gz
	fails 2 wait $pid
	grep 'f grew while being read' err2
	good before out.gz
}

copy_keeps_holes()
{
	truncate -s 64M f
	data 100000 | dd of=f bs=1M seek=20 conv=notrunc
	echo end | dd of=f bs=1 seek=$((64 * 1024 * 1024)) conv=notrunc
	$axe copy f g
	cmp f g
	test "$(stat -c %b g)" -lt 4096
}

copy_of_a_file_truncated_meanwhile()
{
	for i in 1 2 3 4 5 6 7 8 9; do
		data 3300000
	done >f
	mkfifo p
	$axe copy f - >p 2>err2 &
	pid=$!
	exec 3<p
	dd bs=10 count=1 <&3 >head
	truncate -s 0 f
	cat <&3 >/dev/null
	fails 1 wait $pid
	test "$(cat err2)" = 'axe: f was truncated while being read'
}

run_tests
