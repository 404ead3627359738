# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# What the tests of the axe tool share: each test_tool_*.sh begins by reading this
# file, goes on with functions, each of which is a test, and ends with run_tests.
# TAP on stdout. What the tool writes is judged by others: gunzip, zcat, Python, cksum;
# what it reads was written by gzip, pigz, bgzip and Python.
#
#	test_tool_NOUN.sh [TOOL]
#
# Without TOOL: 'axe', on the first device, as root. With TOOL: that program, which
# may be the one that is built with tools/tests/fake.c; what needs a real device
# is skipped then.
#
# No test sleeps. Where something has to happen in the middle of a run, the run is
# held up by a pipe that nobody reads or writes, or something is waited for that
# /proc shows.

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

# some WORD...: all of them with the fake device, whose processes start in no time, and
# in a long run (AXE_LIVE_LONG); else, in a guest, the first and the last.
some()
{
	if [ -n "$fake$AXE_LIVE_LONG" ]; then
		printf '%s\n' "$@"
	else
		printf '%s\n' "$1"
		shift $(($# - 1))
		printf '%s\n' "$1"
	fi
}

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

# It takes seconds in a guest, and is the same for all: made once.
make_data()
{
	made=${TMPDIR:-/tmp}/test_tool.data.$1
	if [ ! -e "$made" ]; then
		write_data "$1" >"$top/data"
		mv "$top/data" "$made"
	fi
	ln -s "$made" "$top/data"
}

write_data()
{
	python3 -c '
import random, sys
r = random.Random(1)
words = [bytes(r.choices(range(97, 123), k=r.randint(1, 12))) for _ in range(5000)]
size = int(sys.argv[1])
while size > 0:
    part = r.randbytes(3000) if r.random() < 0.02 else b" ".join(r.choices(words, k=300))
    size -= sys.stdout.buffer.write(part)' "$1"
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

# run_tests: every function of the program, in their order
run_tests()
{
	make_data 3300000
	tests=$(sed -n 's/^\([a-z_0-9]*\)()$/\1/p' "$self")
	echo "1..$(echo "$tests" | wc -l)"
	for test in $tests; do
		run "$test"
	done
	test "$failed" -eq 0
}
