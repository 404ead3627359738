#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# The axe tool, as its users see it. TAP on stdout. What it writes is judged by
# others: gunzip, zcat, Python, cksum; what it reads was written by gzip, pigz,
# bgzip and Python.
#
#	test_tool.sh [TOOL]
#
# Without TOOL: 'axe', on the first device, as root. With TOOL: that program, which
# may be the one that is built with tools/tests/fake.c; what needs a real device
# is skipped then.
#
# No test sleeps. Where something has to happen in the middle of a run, the run is
# held up by a pipe that nobody reads or writes, or something is waited for that
# /proc shows.
#
# axe-test-timeout: 900

self=$(realpath "$0")
axe=${1:+$(realpath "$1")}
axe=${axe:-axe}
fake=$([ $# -eq 0 ] || echo 1)
top=$(mktemp -d "${TMPDIR:-/tmp}/test_tool.XXXXXX") || exit 1
trap 'rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
cd "$top" || exit 1
umask 022

number=0
failed=0

# run NAME: the function of that name, in an empty directory and a shell of its own.
run()
{
	number=$((number + 1))
	mkdir "$top/dir"
	(cd "$top/dir" && set -ex && "$1") >"$top/log" 2>&1
	status=$?
	cd "$top" && rm -rf "$top/dir"
	case $status in
	0) echo "ok $number - tool: $1" ;;
	77) echo "ok $number - tool: $1 # SKIP $(sed -n 's/^skip: //p' "$top/log" | tail -n 1)" ;;
	*)
		failed=$((failed + 1))
		echo "not ok $number - tool: $1"
		tail -n 40 "$top/log" | sed 's/^/# /'
		;;
	esac
}

skip()
{
	echo "skip: $*"
	exit 77
}

need() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

# fails STATUS COMMAND...: the command must exit with it. Its stderr is in the file err.
fails()
{
	want=$1
	shift
	set +e
	"$@" 2>err
	got=$?
	set -e
	cat err >&2
	test "$got" -eq "$want"
}

says() { grep -F -e "$1" err; }

# Nothing is here but these files (and err): no temporary ones either.
only()
{
	for name in "$@"; do echo "$name"; done | sort >"$top/want"
	ls -A | grep -vxF err | sort | diff "$top/want" -
}

# data SIZE: text with long-range and short-range repetition, and noise; always the same
data() { head -c "$1" "$top/data"; }

make_data()
{
	python3 -c '
import random, sys
r = random.Random(1)
words = [bytes(r.choices(range(97, 123), k=r.randint(1, 12))) for _ in range(5000)]
size = int(sys.argv[1])
while size > 0:
    part = r.randbytes(3000) if r.random() < 0.02 else b" ".join(r.choices(words, k=300))
    size -= sys.stdout.buffer.write(part)' "$1" >"$top/data"
}

# noise SIZE
noise() { head -c "$1" /dev/urandom; }

# memory MIB COMMAND...: it succeeds, and never has more than that in memory
memory()
{
	python3 -c '
import os, sys
pid = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
status, usage = os.wait4(pid, 0)[1:]
print(usage.ru_maxrss // 1024, "MiB")
assert status == 0 and usage.ru_maxrss < int(sys.argv[1]) * 1024' "$@"
}

# corrupt FILE OFFSET: another byte there
corrupt()
{
	python3 -c '
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 0x55]))' "$1" "$2"
}

# good PLAIN GZ: it is a single gzip member of it, says everybody
good()
{
	gunzip -c "$2" | cmp - "$1"
	zcat <"$2" | cmp - "$1"
	gzip -t "$2"
	python3 -c '
import gzip, sys, zlib
plain, data = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
assert gzip.decompress(data) == plain
one = zlib.decompressobj(31)
assert one.decompress(data) + one.flush() == plain and one.eof and not one.unused_data' "$1" "$2"
}

# wait_for_output PID: until the process has written to its file that has no name yet
wait_for_output()
{
	while kill -0 "$1"; do
		for fd in /proc/"$1"/fd/*; do
			case $(readlink "$fd") in
			*' (deleted)') test "$(stat -L -c %s "$fd")" -eq 0 || return 0 ;;
			esac
		done
	done
}

# ---- compress

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
	for level in 1 2 3 4 5 6 7 8 9; do
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
	for size in 1 65535 65536 65537 131072 300001; do
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

compress_and_decompress_a_sparse_gigabyte()
{
	# a sanitizer's own memory is not the tool's
	limit=$([ -n "$fake" ] && echo 4000 || echo 100)
	truncate -s 1G f
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
assert total == 1 << 30'
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

compress_does_not_overwrite()
{
	echo new >f
	echo old >f.gz
	fails 1 $axe compress f
	says 'f.gz already exists; use -f to replace it'
	test "$(cat f.gz)" = old
	fails 1 $axe compress -o f.gz f
	test "$(cat f.gz)" = old
	$axe compress -f f
	good f f.gz
	only f f.gz
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

compress_refuses_a_terminal()
{
	need script
	echo x >f
	fails 1 script -qec "$axe compress -c f 2>err2" /dev/null
	grep 'not written to a terminal' err2
	script -qec "$axe compress -f -c f >tty" /dev/null
	test -s tty
}

compress_follows_stdin_where_it_is()
{
	printf 'first\nsecond\n' >f
	{ read -r line; $axe compress >g.gz; cat; } <f >rest
	test "$(gunzip -c g.gz)" = second
	test ! -s rest
}

compress_refuses_directories()
{
	mkdir d
	fails 1 $axe compress d
	says 'd is a directory'
	echo x >f
	fails 1 $axe compress -o d f
	fails 1 $axe compress -o no/such/dir f
	says 'cannot create no/such/dir: No such file or directory'
	rm f
	only d
}

compress_to_devices_and_pipes()
{
	data 100000 >f
	$axe compress -o /dev/null f
	test -c /dev/null
	mkfifo p
	gunzip -c <p >g &
	$axe compress -o p f
	wait $!
	cmp f g
	test -p p
	fails 1 $axe compress -o /dev/full f
	says 'cannot write /dev/full: No space left on device'
}

compress_to_a_pipe_that_closes()
{
	noise 3000000 >f
	{ set +e; $axe compress -c f 2>err2; echo $? >code; } | head -c 1 >/dev/null
	# by SIGPIPE, without a word
	test "$(cat code)" = 141
	test ! -s err2
}

compress_full_file_system()
{
	test "$(id -u)" = 0 || skip "needs root"
	mkdir m
	mount -t tmpfs -o size=256k tmpfs m || skip "cannot mount here"
	noise 1000000 >f
	fails 1 $axe compress -b 64K -o m/f.gz f || { umount m; false; }
	test -z "$(ls -A m)" || { umount m; false; }
	umount m
	says 'cannot write m/f.gz: No space left on device'
}

compress_through_a_named_temporary_file()
{
	need strace
	data 200000 >f
	echo old >f.gz
	export ASAN_OPTIONS=detect_leaks=0
	# as on a file system that has no O_TMPFILE
	no_tmpfile="strace -qqq -o ../trace -P . -e inject=openat:error=EOPNOTSUPP"
	$no_tmpfile $axe compress -f f
	grep -F O_TMPFILE ../trace
	good f f.gz
	rm f.gz
	$no_tmpfile $axe compress f
	good f f.gz
	fails 1 $no_tmpfile $axe compress f
	only f f.gz
	rm f.gz
	# one that comes up while we work stays as it is
	mkfifo p
	$no_tmpfile $axe compress -o g.gz <p 2>err2 &
	pid=$!
	exec 3>p
	head -c 3M /dev/zero >&3
	ls -A | grep '^\.g\.gz\..*\.tmp$'
	echo mine >g.gz
	exec 3>&-
	fails 1 wait $pid
	grep 'g.gz already exists' err2
	test "$(cat g.gz)" = mine
	only err2 f g.gz p
}

# interrupted SIGNAL STATUS: in the middle of a run, with output
interrupted()
{
	signal=$1
	status=$2
	rm -f p
	mkfifo p
	# a shell without job control has background jobs ignore SIGINT
	env --default-signal="$signal" "$axe" compress -b 64K -o out.gz <p &
	pid=$!
	exec 3>p
	# more than fits into the window: so some of it was compressed and written
	noise 4000000 >&3
	kill -"$signal" $pid
	exec 3>&-
	fails "$status" wait $pid
	only p
}

compress_interrupted_leaves_nothing()
{
	interrupted HUP 129
	interrupted INT 130
	interrupted TERM 143
}

compress_interrupted_leaves_no_named_temporary_file()
{
	need strace
	export ASAN_OPTIONS=detect_leaks=0
	mkfifo p
	strace -D -qqq -o ../trace -P . -e inject=openat:error=EOPNOTSUPP \
		env --default-signal=INT "$axe" compress -b 64K -o out.gz <p &
	pid=$!
	exec 3>p
	noise 4000000 >&3
	ls -A | grep '^\.out\.gz\..*\.tmp$'
	kill -INT $pid
	exec 3>&-
	fails 130 wait $pid
	only p
}

compress_of_a_file_truncated_meanwhile()
{
	truncate -s 1G f
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

# ---- decompress

decompress_what_others_write()
{
	data 3300000 >f
	gzip -c f >gzip.gz
	gzip -1c <f >fast.gz
	python3 -c 'import gzip; gzip.open("python.gz", "wb").write(open("f", "rb").read())'
	$axe compress -o axe.gz f
	: >empty
	gzip -c empty >none.gz
	for gz in gzip fast python axe; do
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
	for n in 0 1 2 3 9 10 11 17 1000 $((size - 9)) $((size - 8)) $((size - 1)); do
		head -c $n good.gz >bad.gz
		fails 1 $axe decompress bad.gz
		grep -E 'unexpected end of file|not in gzip format' err
		fails 1 $axe decompress <bad.gz >out
		cat bad.gz | fails 1 $axe decompress >out
		rm -f out
		only bad.gz f good.gz
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

# ---- checksum

checksum_like_cksum_and_zlib()
{
	for size in 0 1 4095 1048576 1048577 3300000; do
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

# ---- copy

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

copy_to_a_full_file_system()
{
	test "$(id -u)" = 0 || skip "needs root"
	test -z "$fake" || skip "needs a real device"
	mkdir m
	mount -t tmpfs -o size=1m tmpfs m || skip "cannot mount here"
	data 3000000 >f
	fails 1 $axe copy f m/f || { umount m; false; }
	test -z "$(ls -A m)" || { umount m; false; }
	umount m
	says 'is the file system full?'
}

# ---- info, stat, and the rest

info_shows_the_device()
{
	$axe info >out
	grep '^  compress .* raw zlib gzip .* 1-9' out
	name=$(sed -n 1p out)
	$axe info "$name" | grep -x "$name"
	$axe info -d "$name" | grep -x "$name"
	$axe info --json | python3 -c '
import json, sys
devices = json.load(sys.stdin)
assert devices[0]["name"] == sys.argv[1]
op = {op["name"]: op for op in devices[0]["ops"]}["compress"]
assert op["formats"] == ["raw", "zlib", "gzip"] and op["max_level"] == 9
assert devices[0]["odp_implicit"] and devices[0]["engines"]' "$name"
	fails 1 $axe info nosuch0
	says 'there is no device nosuch0'
}

stat_counts_commands()
{
	test -z "$fake" || skip "needs a real device"
	dev=$($axe info | sed -n 1p)
	data 3000000 >f
	$axe stat --json "$dev" >before
	$axe compress -b 512K -o f.gz f
	$axe stat --json "$dev" >after
	python3 -c '
import json, os
before, after = (json.load(open(f))["counters"] for f in ("before", "after"))
change = {name: after[name] - before[name] for name in after}
print(change)
assert change["compress_cmds"] == 6 and change["compress_errors"] == 0
assert change["compress_bytes_in"] == 3000000
assert 0 < change["compress_bytes_out"] < os.stat("f.gz").st_size
assert change["pages_faulted"] + change["prefetched_pages"] >= 733
'
	$axe stat "$dev" | grep '^compress '
	$axe stat -i 0.1 -n 2 "$dev" | grep -c 'COMMANDS/s' | grep -x 2
	fails 1 $axe stat nosuch0
}

no_device_says_what_to_do()
{
	if [ -n "$fake" ]; then
		export AXE_FAKE_NONE=1
		set -- "$axe"
	else
		unshare -n true 2>/dev/null || skip "no network namespaces"
		# another namespace sees no devices if they are not shared
		rdma system show | grep -q 'netns exclusive' || skip "devices are seen in all network namespaces"
		set -- unshare -n mount -t sysfs sysfs /sys \; "$axe"
	fi
	echo x >f
	for command in info 'compress f' 'decompress f' 'checksum f' 'copy f g' stat; do
		# shellcheck disable=SC2086
		fails 1 "$@" $command
		says 'modprobe axe && rdma link add axe0 type axe netdev eth0'
	done
	only f
}

no_permission_says_for_what()
{
	test -z "$fake" || skip "needs a real device"
	test "$(id -u)" = 0 || skip "needs root"
	dev=$($axe info | sed -n 1p)
	node=$(grep -lxF "$dev" /sys/class/infiniband_verbs/*/ibdev)
	node=/dev/infiniband/$(basename "$(dirname "$node")")
	mode=$(stat -c %a "$node")
	chmod 600 "$node"
	fails 1 setpriv --reuid 65534 --clear-groups "$axe" info "$dev"
	chmod "$mode" "$node"
	says "no permission to open $dev"
	says "the right to read and write $node"
}

device_removed_meanwhile()
{
	data 3000000 >f
	if [ -n "$fake" ]; then
		AXE_FAKE_REMOVE_AFTER=3 fails 1 $axe compress -b 64K f
		says 'fake0 was removed while it was in use'
		only f
		return
	fi
	test "$(id -u)" = 0 || skip "needs root"
	ip link add axetest0 type dummy || skip "no dummy network interface"
	rdma link add axetest0 type axe netdev axetest0
	mkfifo p
	$axe compress -d axetest0 -b 64K -o out.gz <p 2>err2 &
	pid=$!
	exec 3>p
	noise 4000000 >&3
	rdma link delete axetest0
	noise 1000000 >&3 || :
	exec 3>&-
	fails 1 wait $pid
	ip link delete axetest0
	cat err2
	grep 'axetest0 was removed while it was in use' err2
	rm err2
	only f p
}

wrong_device()
{
	echo x >f
	fails 1 $axe compress -d nosuch0 f
	says "there is no device nosuch0; 'axe info' shows those there are"
	test -z "$fake" || return 0
	test -d /sys/class/infiniband/rxe0 || return 0
	fails 1 $axe compress -d rxe0 f
	says 'rxe0 is an RDMA device, but not an axe device'
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

help_and_usage()
{
	$axe --help | grep decompress
	$axe --version | grep '^axe [0-9]'
	for command in info compress decompress checksum copy stat; do
		$axe $command --help | grep "^Usage: axe $command "
	done
	fails 64 $axe
	fails 64 $axe frobnicate
	says "there is no command 'frobnicate'"
	fails 64 $axe compress --frobnicate
	fails 64 $axe compress -b 3 f
	fails 64 $axe compress -b x f
}

verbose_and_quiet()
{
	data 300000 >f
	$axe compress -v -b 64K -f f 2>err
	says 'f: 300000 -> '
	says ', 5 commands'
	$axe compress -f f 2>err
	test ! -s err
}

progress_on_a_terminal_only()
{
	need script
	test -z "$fake" || skip "too quick for a bar"
	truncate -s 128M f
	script -qec "$axe compress -1 -o /dev/null f" tty >/dev/null
	grep -a 'f .*[0-9]% \[#.* left' tty
	script -qec "$axe compress -1 --no-progress -o /dev/null f" tty >/dev/null
	fails 1 grep -a left tty
	$axe compress -1 -o /dev/null f 2>err
	test ! -s err
}

make_data 3300000
tests=$(sed -n 's/^\([a-z_0-9]*\)()$/\1/p' "$self" | grep -E '^(compress|decompress|checksum|copy|info|stat|no|device|wrong|named|help|verbose|progress)_')
echo "1..$(echo "$tests" | wc -l)"
for test in $tests; do
	run "$test"
done
test "$failed" -eq 0
