#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe decompress: what other programs have written, and what is wrong with it.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

decompress_what_others_write()
{
	data 3300000 >f
	gzip -c f >gzip.gz
	gzip -1c <f >fast.gz
	python3 -c 'import gzip; gzip.open("python.gz", "wb").write(open("f", "rb").read())'
	$axe compress -o axe.gz f
	: >empty
	gzip -c empty >none.gz
	for gz in $(some gzip fast python axe); do
		$axe decompress -o $gz.out $gz.gz
		cmp f $gz.out
		$axe decompress -c $gz.gz | cmp - f
		cat $gz.gz | $axe decompress | cmp - f
		$axe decompress <$gz.gz | cmp - f
	done
	$axe decompress none.gz
	test -f none
	test ! -s none
}

decompress_what_pigz_writes()
{
	need pigz
	data 3300000 >f
	pigz -c -p 4 f >a.gz
	pigz -c -i -b 128 f >b.gz
	$axe decompress -c a.gz | cmp - f
	$axe decompress -c <b.gz | cmp - f
	cat b.gz | $axe decompress -c | cmp - f
}

decompress_what_bgzip_writes()
{
	need bgzip
	data 3300000 >f
	bgzip -c f >f.bgz
	$axe decompress -v -o out f.bgz
	cmp f out
	cat f.bgz | $axe decompress | cmp - f
	bgzip -c </dev/null >g.gz
	$axe decompress g.gz
	test ! -s g
	# blocks with a member of another kind between them
	gzip -c g f >h
	cat f.bgz h f.bgz >all.gz
	cat f f f >want
	$axe decompress all.gz
	cmp all want
}

decompress_several_members()
{
	data 200000 >a
	echo b >b
	: >c
	gzip -c a b c a >all.gz
	cat a b c a >want
	$axe decompress all.gz
	cmp all want
	cat all.gz | $axe decompress | cmp - want
	{ gzip -c a; $axe compress -c b; gzip -1c a; } | $axe decompress >out
	cat a b a | cmp - out
}

decompress_header_with_everything_in_it()
{
	python3 -c '
import struct, zlib
plain = b"plain text" * 1000
head = b"\x1f\x8b\x08\x1f" + bytes(4) + b"\x00\x03" + struct.pack("<H", 300) + bytes(300)
head += b"a name\0" + b"a comment" * 50 + b"\0"
head += struct.pack("<H", zlib.crc32(head) & 0xffff)
body = zlib.compressobj(6, zlib.DEFLATED, -15)
gz = head + body.compress(plain) + body.flush()
gz += struct.pack("<II", zlib.crc32(plain), len(plain))
open("f.gz", "wb").write(gz)
open("want", "wb").write(plain)'
	$axe decompress f.gz
	cmp f want
	cat f.gz | $axe decompress | cmp - want
}

decompress_tolerates_padding()
{
	data 50000 >f
	gzip -c f >f.gz
	head -c 10240 /dev/zero >>f.gz
	$axe decompress -o out f.gz
	cmp f out
	cat f.gz | $axe decompress | cmp - f
}

decompress_warns_of_garbage()
{
	data 50000 >f
	gzip -c f >f.gz
	end=$(stat -c %s f.gz)
	printf 'something else' >>f.gz
	fails 2 $axe decompress -o out f.gz
	says "f.gz: trailing garbage at offset $end ignored"
	cmp f out
	fails 2 $axe decompress -c f.gz >out
	cmp f out
	printf '\0\0x' >g
	gzip -c f | cat - g >g.gz
	fails 2 $axe decompress <g.gz >out
	cmp f out
}

decompress_corrupt_data()
{
	data 3000000 >f
	gzip -c f >good.gz
	size=$(stat -c %s good.gz)
	for offset in 100000 $((size / 2)) $((size - 100)); do
		cp good.gz bad.gz
		corrupt bad.gz $offset
		# it may take a while until deflate notices, and it may not notice at all
		fails 1 $axe decompress bad.gz
		says 'bad.gz: '
		grep -E 'corrupt data at offset [0-9]+|does not match its checksum' err
		test ! -e bad
	done
	cp good.gz bad.gz
	corrupt bad.gz $((size - 6))
	fails 1 $axe decompress -o out bad.gz
	says 'bad.gz: the data does not match its checksum, in the member at offset 0'
	cp good.gz bad.gz
	corrupt bad.gz $((size - 1))
	fails 1 $axe decompress -o out bad.gz
	says 'does not match its checksum'
	only bad.gz f good.gz
}

decompress_truncated_input()
{
	data 300000 >f
	gzip -c f >good.gz
	size=$(stat -c %s good.gz)
	for n in $(some 0 1 2 3 9 10 11 17 1000 $((size - 8)) $((size - 1)) $((size - 9))); do
		head -c $n good.gz >bad.gz
		fails 1 $axe decompress bad.gz
		grep -E 'unexpected end of file|not in gzip format' err
		only bad.gz f good.gz
	done
	for n in 1 17 $((size - 8)); do
		head -c $n good.gz >bad.gz
		fails 1 $axe decompress <bad.gz >out
		cat bad.gz | fails 1 $axe decompress >out
	done
}

decompress_corrupt_bgzip()
{
	need bgzip
	data 1000000 >f
	bgzip -c f >good.bgz
	size=$(stat -c %s good.bgz)
	cp good.bgz bad.bgz
	corrupt bad.bgz $((size / 2))
	fails 1 $axe decompress -o out bad.bgz
	says 'bad.bgz: '
	# a block that is cut off
	head -c $((size / 2)) good.bgz >bad.bgz
	fails 1 $axe decompress -o out bad.bgz
	says 'bad.bgz: unexpected end of file'
	# one that lies about its length
	cp good.bgz bad.bgz
	corrupt bad.bgz 16
	fails 1 $axe decompress -o out bad.bgz
	says 'bad.bgz: '
	only bad.bgz f good.bgz
}

decompress_what_is_no_gzip()
{
	echo 'hello, this is text' >f.gz
	fails 1 $axe decompress f.gz
	says 'f.gz is not in gzip format'
	fails 1 $axe decompress </dev/null
	says 'standard input: unexpected end of file'
	only f.gz
}

decompress_names()
{
	echo x | gzip >a.gz
	cp a.gz b.tgz
	cp a.gz c.bgz
	cp a.gz d
	cp a.gz .gz
	$axe decompress a.gz b.tgz c.bgz
	test -f a -a -f b.tar -a -f c
	fails 2 $axe decompress d
	says 'd has no suffix that is known'
	fails 2 $axe decompress .gz
	fails 1 $axe decompress a.gz
	says 'a already exists'
	$axe decompress --rm -f a.gz
	test ! -e a.gz
}

decompress_only_tests()
{
	data 10000 | gzip >f.gz
	$axe decompress -t f.gz
	only f.gz
	corrupt f.gz 1000
	fails 1 $axe decompress -t f.gz
	fails 64 $axe decompress -t -o x f.gz
	only f.gz
}

run_tests
