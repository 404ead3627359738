#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe compress and decompress with LZ4 and Zstandard, both ways with lz4 and zstd.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

formats_are_read_by_lz4_and_zstd()
{
	need lz4
	need zstd
	for size in $(some 0 1 524288 524289 3300000); do
		data $size >f
		$axe compress --format lz4 f
		lz4 -t f.lz4
		lz4 -dc f.lz4 | cmp - f
		$axe compress --format zstd f
		zstd -t f.zst
		zstd -dc f.zst | cmp - f
		only f f.lz4 f.zst
		cat f | $axe compress --format zstd | zstd -dc | cmp - f
		cat f | $axe compress --format lz4 | lz4 -dc | cmp - f
		rm f.lz4 f.zst
	done
}

formats_at_all_levels()
{
	need zstd
	data 300000 >f
	for level in 1 2 3 4 5 6 7 8 9; do
		$axe compress --format zstd -$level -o $level.zst f
		zstd -dc $level.zst | cmp - f
	done
	$axe compress --format zstd --fast -c f | cmp - 1.zst
	$axe compress --format zstd -c f | cmp - 3.zst
	$axe compress --format zstd --best -o best.zst f
	zstd -dc best.zst | cmp - f
	test "$(stat -c %s best.zst)" -lt "$(stat -c %s 1.zst)"
	fails 64 $axe compress --format lz4 -9 f
	says 'lz4 has no levels'
	fails 64 $axe compress --format zip f
	says 'gzip, lz4 or zstd'
}

formats_of_what_does_not_shrink()
{
	noise 1500000 >f
	for format in lz4 zstd; do
		$axe compress --format $format -o x -f f
		$axe decompress -c x | cmp - f
		test "$(stat -c %s x)" -lt 1501000
	done
}

formats_decompress_what_lz4_and_zstd_write()
{
	need lz4
	need zstd
	for size in $(some 0 1 3300000 70000); do
		data $size >f
		# the defaults of both, small and large blocks, linked ones, no checksums
		for options in '' '-B4' '-B5 -BD' '-B6 --no-frame-crc' '-BX --content-size' '-9'; do
			lz4 -q -f $options f f.lz4
			$axe decompress -c f.lz4 | cmp - f
		done
		cat f | lz4 -q | $axe decompress | cmp - f
		for options in '' -1 -9 -19 --no-check --no-content-size '-3 --long=23' --fast=3; do
			zstd -q -f $options f -o f.zst
			$axe decompress -c f.zst | cmp - f
		done
		cat f | zstd -q | $axe decompress | cmp - f
		cat f.zst | $axe decompress | cmp - f
	done
}

formats_several_frames()
{
	need lz4
	need zstd
	data 200000 >a
	data 70000 >b
	cat a b >both
	{ lz4 -qc a; lz4 -qc b; } | $axe decompress | cmp - both
	{ zstd -qc a; $axe compress --format zstd -c b; } | $axe decompress | cmp - both
	{ zstd -qc a; gzip -c b; } | $axe decompress | cmp - both
	# a skippable frame, of 5 bytes
	printf 'P*M\030\005\000\000\000hello' >skip
	{ cat skip; zstd -qc a; cat skip; lz4 -qc b; cat skip; } | $axe decompress | cmp - both
	{ zstd -qc a; printf 'garbage'; } >f.zst
	fails 2 $axe decompress f.zst
	says 'trailing garbage'
	cmp f a
}

formats_names()
{
	data 5000 >f
	cp f g.tar
	$axe compress --format zstd --rm f
	$axe compress --format lz4 g.tar
	$axe decompress --rm f.zst
	mv g.tar.lz4 h.tlz4
	$axe decompress --rm h.tlz4
	only f g.tar h.tar
	cmp g.tar h.tar
	echo x >x.zst
	fails 2 $axe compress --format zstd x.zst
	says 'already has the suffix .zst'
	$axe compress x.zst
	only f g.tar h.tar x.zst x.zst.gz
}

formats_only_one_that_is_meant()
{
	data 5000 >f
	$axe compress f
	$axe compress --format zstd f
	fails 1 $axe decompress --format zstd -c f.gz
	says 'f.gz is not in zstd format'
	$axe decompress --format zstd -c f.zst | cmp - f
	fails 1 $axe decompress -c f
	says 'is not in gzip format, nor lz4 or zstd'
}

formats_bad_data()
{
	data 300000 >f
	for format in lz4 zstd; do
		$axe compress --format $format -o x -f f
		$axe decompress -t x
		size=$(stat -c %s x)
		head -c $((size - 1)) x >short
		fails 1 $axe decompress -o out short
		says 'unexpected end of file'
		cp x bad
		corrupt bad $((size - 2))
		fails 1 $axe decompress -o out bad
		says 'does not match its checksum'
		cp x bad
		corrupt bad $((size / 2))
		fails 1 $axe decompress -t bad
	done
	only f x short bad
}

formats_windows_that_are_too_long()
{
	need zstd
	noise 9000000 | zstd -q --long=27 >f.zst
	fails 1 $axe decompress -t f.zst
	says 'has a window of more than 8 MiB'
}

formats_little_memory()
{
	test -z "$fake" || skip 'sanitizers take memory'
	head -c 100000000 /dev/zero >f
	memory 80 $axe compress --format zstd f
	memory 20 $axe decompress -t f.zst
	cat f.zst | memory 20 $axe decompress -o g
	cmp f g
}

run_tests
