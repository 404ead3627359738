#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# Where the axe tool writes to, and that nothing is left there when it cannot go on.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

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

compress_refuses_a_terminal()
{
	need script
	echo x >f
	fails 1 script -qec "$axe compress -c f 2>err2" /dev/null
	grep 'not written to a terminal' err2
	script -qec "$axe compress -f -c f >tty" /dev/null
	test -s tty
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

run_tests
