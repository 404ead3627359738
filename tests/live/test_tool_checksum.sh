#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe checksum and axe copy, against what others compute.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

checksum_like_cksum_and_zlib()
{
	for size in $(some 0 1 4095 1048576 1048577 3300000); do
		data $size >f
		want=$(python3 -c 'import zlib; print("%08x" % zlib.crc32(open("f", "rb").read()))')
		test "$($axe checksum f)" = "$want  f"
		test "$($axe checksum <f)" = "$want  -"
		test "$(cat f | $axe checksum -)" = "$want  -"
		if cksum -a crc32b f >sum 2>/dev/null; then
			test "$($axe checksum f)" = "$(printf '%08x  f' "$(cut -d' ' -f1 sum)")"
		fi
	done
}

checksum_crc32c_vectors()
{
	# RFC 3720, B.4, and the check value of the CRC catalogues
	head -c 32 /dev/zero >zeros
	tr '\0' '\377' <zeros >ones
	python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(32)))' >up
	python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(31, -1, -1)))' >down
	printf 123456789 >digits
	$axe checksum -a crc32c zeros ones up down digits >got
	cat >want <<-X
	8a9136aa  zeros
	62a8ab43  ones
	46dd794e  up
	113fdb5c  down
	e3069283  digits
	X
	diff want got
	# pieces put together: what they are of does not depend on where they were cut
	data 1100000 >f
	python3 -c '
table = []
for i in range(256):
    for _ in range(8):
        i = i >> 1 ^ (0x82f63b78 if i & 1 else 0)
    table.append(i)
crc = 0xffffffff
for byte in open("f", "rb").read():
    crc = crc >> 8 ^ table[(crc ^ byte) & 255]
print("%08x  f" % (crc ^ 0xffffffff))' >want
	$axe checksum -a crc32c f | diff want -
}

checksum_other_algorithms()
{
	printf 123456789 >digits
	printf abc >abc
	# the catalogue of CRC algorithms, zlib, the xxHash specification
	test "$($axe checksum -a crc64 digits)" = 'ae8b14860a799888  digits'
	test "$($axe checksum -a crc16-t10 digits)" = 'd0db  digits'
	test "$($axe checksum -a adler32 digits)" = '091e01de  digits'
	test "$($axe checksum -a xxh64 abc)" = '44bc2cf5ad770999  abc'
	: >nothing
	$axe checksum --tag -a adler32 nothing | grep -x 'ADLER32 (nothing) = 00000001'
	$axe checksum --tag -a crc64 nothing | grep -x 'CRC64 (nothing) = 0000000000000000'
	$axe checksum --tag -a crc16-t10 nothing | grep -x 'CRC16-T10 (nothing) = 0000'
	test "$(cat nothing | $axe checksum -a xxh64)" = 'ef46db3751d8e999  -'
	# pieces put together, and in one
	data 1100000 >f
	python3 -c '
import zlib
def table(step):
    table = []
    for i in range(256):
        for _ in range(8):
            i = step(i)
        table.append(i)
    return table
data = open("f", "rb").read()
t64 = table(lambda i: i >> 1 ^ (0x9a6c9329ac4bc9b5 if i & 1 else 0))
crc64, crc16, t16 = 2 ** 64 - 1, 0, []
for i in range(256):
    i <<= 8
    for _ in range(8):
        i = (i << 1 ^ (0x8bb7 if i & 0x8000 else 0)) & 0xffff
    t16.append(i)
for byte in data:
    crc64 = crc64 >> 8 ^ t64[(crc64 ^ byte) & 255]
    crc16 = crc16 << 8 & 0xffff ^ t16[crc16 >> 8 ^ byte]
print(f"CRC64 (f) = {crc64 ^ 2 ** 64 - 1:016x}")
print(f"CRC16-T10 (f) = {crc16:04x}")
print(f"ADLER32 (f) = {zlib.adler32(data):08x}")' >want
	for name in crc64 crc16-t10 adler32; do $axe checksum --tag -a $name f; done | diff want -
	$axe checksum -a xxh64 --tag f >>want
	test "$(cat f | $axe checksum -a xxh64 | cut -c1-16)" = "$($axe checksum -a xxh64 f | cut -c1-16)"
	$axe checksum -c want >got
	test "$(grep -c OK got)" -eq 4
}

checksum_lists()
{
	data 100000 >a
	echo b >'b with spaces'
	echo c >'c\d'
	$axe checksum a 'b with spaces' 'c\d' >list
	$axe checksum -c list >got
	printf '%s: OK\n' a 'b with spaces' 'c\d' | diff - got
	$axe checksum -c -q list >got
	test ! -s got
	$axe checksum -a crc32c --tag a >tagged
	grep '^CRC32C (a) = [0-9a-f]\{8\}$' tagged
	$axe checksum -c tagged
	$axe checksum -c <list >/dev/null

	echo x >>a
	fails 1 $axe checksum -c list >got
	says '1 checksum did NOT match'
	grep -x 'a: FAILED' got
	rm a
	fails 1 $axe checksum -c list >got
	says '1 file could not be read'
	grep -x 'a: FAILED open or read' got
	$axe checksum -c --ignore-missing list
	echo 'what is this' >>list
	fails 2 $axe checksum -c --ignore-missing list
	says 'line not understood'
	echo nothing >list
	fails 1 $axe checksum -c list
	says 'no checksum lines found'
}

checksum_of_a_name_with_a_newline()
{
	name='a
b'
	echo x >"$name"
	$axe checksum "$name" >list
	test "$(wc -l <list)" -eq 1
	$axe checksum -c list
}

checksum_errors()
{
	fails 1 $axe checksum missing
	says 'cannot open missing'
	fails 64 $axe checksum -a md5 missing
	fails 64 $axe checksum --tag -c missing
	$axe checksum /dev/null | grep '^00000000  /dev/null$'
	echo x >f
	fails 1 $axe checksum f >/dev/full
	says 'cannot write standard output'
}

copy_files()
{
	for size in 0 1 4096 1048577 3300000; do
		data $size >f
		chmod 751 f
		touch -d '2001-02-03 04:05:06 UTC' f
		$axe copy -f f g
		cmp f g
		test "$(stat -c '%a %Y' g)" = "751 981173106"
	done
	fails 1 $axe copy f g
	says 'g already exists'
	mkdir d
	$axe copy f d
	cmp f d/f
	cat f | $axe copy - h
	cmp f h
	$axe copy f - | cmp - f
	$axe copy f - | cat | $axe copy - - | cmp - f
	fails 1 $axe copy f f
	says 'are the same file'
	ln f link
	fails 1 $axe copy -f f link
	fails 1 $axe copy d e
	fails 64 $axe copy f
	fails 1 $axe copy missing e
	only d f g h link
}

run_tests
