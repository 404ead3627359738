# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# What the tests of axe ping share: both sides in one guest, with the accelerator
# of axe0. Read by test_ping_*.sh; functions there are tests, functions here are not.
#
#	AXE_PING_COUNT=10000 test_ping_rxe.sh	the long form
#
# Every client has a time limit, far from what it needs: one that hangs fails its
# test and no other.

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

count=${AXE_PING_COUNT:-300}
rxe=10.0.1.1
rxe6=fd00:0:0:1::1
axe0=10.0.0.1
axe0_6=fd00::1

# No files are read.
make_data() { :; }

# cannot STATUS ARGUMENT...: an axe ping that must exit with it, soon
cannot()
{
	want=$1
	shift
	fails "$want" timeout 100 axe ping "$@"
}

# take_along: what must not outlive a test
server=
take_along()
{
	[ -z "$server" ] || kill -9 $server
	[ ! -e /sys/class/infiniband/axe9 ] || rdma link del axe9
}

# add_axe9: a device that a test may remove
add_axe9()
{
	trap take_along EXIT
	rdma link add axe9 type axe netdev eth3
}

# serve ARGUMENT...: a server that listens; its process is $server, its port $port,
# what it prints is in server.out. It goes with the test.
serve()
{
	rm -f pipe
	mkfifo pipe
	env --default-signal=INT axe ping -s -p 0 "$@" >pipe 2>server.err &
	server=$!
	trap take_along EXIT
	exec 3<pipe
	read -r line <&3
	echo "$line"
	port=$(expr "$line" : 'listening on .* port \([0-9]*\),')
	cat <&3 >server.out &
	printer=$!
	exec 3<&-
}

# served STATUS: the server ends with it by itself, and has said nothing bad
served()
{
	status=0
	wait $server || status=$?
	server=
	wait $printer
	cat server.out server.err
	test $status -eq "$1"
	test "$1" -ne 0 || test ! -s server.err
}

# stop_server: as with Ctrl-C
stop_server()
{
	kill -INT $server
	served 0
	grep ' clients, ' server.out
}

# ping ADDR ARGUMENT...: a client that has to succeed; what it prints is in out
ping()
{
	address=$1
	shift
	timeout 600 axe ping -c -a "$address" -p "$port" "$@" >out
	cat out
}

# all_well N: N pings were sent and answered well, and the percentiles rise
all_well()
{
	grep "^$1 sent, $1 answered, 0 errors, " out
	sed -n 's/^latency in us: //p' out | tr , '\n' | awk '
		$1 != "avg" { if ($2 < last) exit 1; last = $2; n++ }
		END { if (n != 6 || last <= 0) exit 1 }'
	grep '^throughput: ' out
}

# wait_for_pings: until a client that prints a line each is in the middle of its work
wait_for_pings()
{
	for _ in 1 2 3 4 5; do
		read -r line <&4
		echo "$line"
	done
}

# client_in_the_middle COMMAND...: started, and five pings later; $client is its process
client_in_the_middle()
{
	rm -f lines
	mkfifo lines
	env --default-signal=INT stdbuf -oL "$@" -v >lines 2>err &
	client=$!
	exec 4<lines
	wait_for_pings
	cat <&4 >out &
	reader=$!
	exec 4<&-
}

# ended STATUS: the client has ended with it
ended()
{
	status=0
	wait $client || status=$?
	wait $reader
	tail -n 5 out
	cat err
	test $status -eq "$1"
}

# try_every_operation ADDR: at several sizes
try_every_operation()
{
	serve -a "$1"
	for op in $(some none nop copy fill compare crc32 crc32c compress decompress); do
		ping "$1" --op $op -S 64K -C 3
		all_well 3
	done
	for op in crc32c compress decompress; do
		ping "$1" --op $op -S 1 -C 3
		all_well 3
	done
	ping "$1" --op compress -S 1M -C 2
	all_well 2
	stop_server
}

# try_events ADDR: one side sleeps, or the other, or both
try_events()
{
	serve -a "$1" --events
	ping "$1" -C 100 --events
	all_well 100
	ping "$1" -C 100
	all_well 100
	stop_server
	serve -a "$1"
	ping "$1" -C 100 --events --op compress
	all_well 100
	stop_server
}

# server_goes ADDR SIGNAL: in the middle of pings
server_goes()
{
	serve -a "$1"
	client_in_the_middle axe ping -c -a "$1" -p "$port" --op compress
	kill -"$2" $server
	wait $server || true
	server=
	ended 1
	grep -E 'disconnected|ended by the other side|connection is lost' err
	grep ' answered, 0 errors' out
}

# client_goes ADDR: killed in the middle of pings; the server goes on
client_goes()
{
	serve -a "$1"
	for _ in 1 2 3; do
		client_in_the_middle axe ping -c -a "$1" -p "$port"
		kill -KILL $client
		wait $client || true
		wait $reader
	done
	ping "$1" -C 20
	all_well 20
	kill -INT $server
	wait $server
	server=
	wait $printer
	grep '^4 clients' server.out
	test "$(grep -c ': disconnected after' server.out)" -eq 4
}

# server_hangs ADDR: stopped in the middle of pings, it is there but does not answer
server_hangs()
{
	serve -a "$1"
	client_in_the_middle axe ping -c -a "$1" -p "$port" -t 2
	kill -STOP $server
	ended 1
	grep 'no answer to ping [0-9]* within 2 s' err
	kill -CONT $server
	ping "$1" -C 5
	all_well 5
	stop_server
}
