#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe hash, against coreutils and openssl.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

hash_like_sha256sum()
{
	for size in $(some 0 1 4095 1048576 1048577 3300000); do
		data $size >f
		sha256sum f >want
		$axe hash f | diff want -
		sha256sum <f >want
		$axe hash <f | diff want -
		cat f | $axe hash - | diff want -
	done
}

hash_by_all_algorithms()
{
	data 1500000 >f
	for name in sha1 sha224 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512 md5; do
		echo "$(openssl dgst -r -"$name" f | cut -d' ' -f1)  f" >want
		$axe hash -a $name f | diff want -
	done
	b2sum f >want
	$axe hash -a blake2b f | diff want -
	test "$fake" && return
	for bits in 160 256 384; do
		b2sum -l $bits f >want
		$axe hash -a blake2b-$bits f | diff want -
	done
	# not every kernel has it
	if openssl dgst -r -sm3 f >sm3 && $axe hash -a sm3 f >got; then
		test "$(cut -d' ' -f1 sm3)" = "$(cut -d' ' -f1 got)"
	fi
}

hash_that_the_kernel_does_not_have()
{
	test "$fake" || skip 'a real device may have it'
	fails 1 $axe hash -a sm3 /dev/null
	says 'cannot do sm3'
}

hash_lists_are_those_of_coreutils()
{
	data 100000 >a
	echo b >'b with spaces'
	echo c >'c\d'
	name='e
f'
	echo e >"$name"
	sha256sum a 'b with spaces' 'c\d' "$name" >list
	$axe hash a 'b with spaces' 'c\d' "$name" | diff list -
	$axe hash -c list >got
	sha256sum -c list | head -n 2 >want
	head -n 2 got | diff want -
	$axe hash list -c -q >got
	test ! -s got
	sha256sum -b a >binary
	$axe hash -c binary
	tr a-f A-F <list | sed 's/  A$/  a/' | head -n 1 >upper
	$axe hash -c upper

	$axe hash -a sha512 a >list512
	sha512sum -c list512
	fails 1 $axe hash -c list512
	says 'no checksum lines found'
	$axe hash -a sha512 -c list512
	$axe hash --tag a >tagged
	sha256sum --tag a | diff - tagged
	$axe hash -a sha384 --tag a >>tagged
	$axe hash -c tagged | grep -c OK | grep -x 2
	b2sum --tag a >tagged
	$axe hash -a blake2b --tag a | diff tagged -
	$axe hash -c <tagged

	echo x >>a
	fails 1 $axe hash -c list >got
	says '1 checksum did NOT match'
	grep -x 'a: FAILED' got
	fails 1 $axe hash --status -c list >got
	test ! -s got && test ! -s err
	rm a
	fails 1 $axe hash -c list >got
	grep -x 'a: FAILED open or read' got
	$axe hash -c --status --ignore-missing list
}

hash_several_files()
{
	data 1200000 >a
	data 10 >b
	: >c
	sha256sum a b c a >want
	$axe hash a b c a | diff want -
	fails 1 $axe hash a missing b >got
	says 'cannot open missing'
	head -n 2 want | diff - got
}

hash_errors()
{
	fails 64 $axe hash -a crc32 f
	says 'sha3-256'
	fails 64 $axe hash --status f
	mkdir d
	fails 1 $axe hash d
	echo x >f
	fails 1 $axe hash f >/dev/full
	says 'cannot write standard output'
}

hash_little_memory()
{
	test -z "$fake" || skip 'sanitizers take memory'
	head -c 100000000 /dev/zero >f
	memory 60 $axe hash f
	cat f | memory 60 $axe hash
}

run_tests
