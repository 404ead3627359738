#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe compress: what comes out of an ordinary file.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

compress_writes_one_member_beside_the_file()
{
	data 3300000 >f
	$axe compress f
	only f f.gz
	good f f.gz
	gzip -lN f.gz | grep -w f
}

compress_at_all_levels()
{
	data 300000 >f
	for level in $(some 1 2 3 4 5 6 7 8 9); do
		$axe compress -$level -o $level.gz f
		gunzip -c $level.gz | cmp - f
	done
	$axe compress --fast -c f | cmp - 1.gz
	$axe compress --best -c f | cmp - 9.gz
	test "$(stat -c %s 9.gz)" -lt "$(stat -c %s 1.gz)"
}

compress_sizes_around_a_piece()
{
	data 300001 >all
	for size in $(some 65536 1 65535 65537 131072 300001); do
		head -c $size all >f
		$axe compress -b 64K -f f
		good f f.gz
		$axe compress -b 64K -n <f | gunzip | cmp - f
		cat f | $axe compress -b 64K | gunzip | cmp - f
	done
}

compress_an_empty_file()
{
	: >f
	$axe compress f
	good f f.gz
	$axe compress </dev/null >piped.gz
	good f piped.gz
	test "$(stat -c %s piped.gz)" -eq 20
}

compress_what_does_not_shrink()
{
	noise 2500000 >f
	$axe compress -9 f
	good f f.gz
	test "$(stat -c %s f.gz)" -lt 2502000
}

compress_a_real_program()
{
	$axe compress -6 -o x.gz "$(readlink -f "$(command -v python3)")"
	gunzip -c x.gz | cmp - "$(readlink -f "$(command -v python3)")"
}

compress_keeps_mode_and_time()
{
	echo x >f
	chmod 640 f
	touch -d '2001-02-03 04:05:06 UTC' f
	$axe compress f
	test "$(stat -c '%a %Y' f.gz)" = "640 981173106"
	python3 -c 'import struct; assert struct.unpack("<I", open("f.gz", "rb").read()[4:8])[0] == 981173106'
	$axe compress -o other.gz -n f
	python3 -c 'assert open("other.gz", "rb").read()[3:8] == bytes(5)'
	$axe compress -o new.gz - <f
	test "$(stat -c %a new.gz)" = 644
}

compress_several_files()
{
	data 100000 >a
	echo b >b
	$axe compress a b
	good a a.gz
	good b b.gz
	$axe compress -c a b >both
	gunzip -c both >plain
	cat a b | cmp - plain
	fails 1 $axe compress -f a missing b
	says 'cannot open missing: No such file or directory'
	good b b.gz
	fails 64 $axe compress -o x a b
}

compress_leaves_gz_files_alone()
{
	echo x >f.gz
	fails 2 $axe compress f.gz
	says 'already has the suffix .gz'
	only f.gz
	fails 2 $axe compress -q f.gz
	test ! -s err
	$axe compress -f f.gz
	good f.gz f.gz.gz
}

compress_removes_the_input_if_told()
{
	data 5000 >f
	cp f g
	$axe compress -k f
	$axe compress --rm f -f
	only f.gz g
	good g f.gz
	echo old >h.gz
	echo new >h
	fails 1 $axe compress --rm h
	test -e h
}

named_engine()
{
	data 200000 >f
	engine=$($axe info --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["engines"][0]["name"])')
	$axe compress --engine "$engine" f
	good f f.gz
	fails 1 $axe compress --engine nosuch -f f
	says "has no engine 'nosuch'"
	$axe compress --lanes 1 -f f
	good f f.gz
}

run_tests
