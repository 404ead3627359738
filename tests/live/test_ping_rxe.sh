#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe ping with rxe0 as the transport: two devices, and one memory.
#
# axe-test-timeout: 1200

# shellcheck source=tests/live/ping_common.sh
. "$(dirname "$(realpath "$0")")/ping_common.sh"

round_trips_with_compress()
{
	serve -a $rxe
	ping $rxe -C "$count" --op compress
	all_well "$count"
	grep 'compress of 4096 bytes on axe0, over rxe0' out
	stop_server
	grep "^1 clients, $count pings, 0 failed" server.out
}

every_operation()
{
	try_every_operation $rxe
}

events_on_either_side()
{
	try_events $rxe
}

over_ipv6()
{
	serve -a $rxe6
	ping $rxe6 -C 20
	all_well 20
	ping $rxe6 -C 20 -I $rxe6 --op copy
	all_well 20
	grep -F "$rxe6 port $port: copy of 4096 bytes" out
	stop_server
}

on_all_addresses()
{
	serve
	ping $rxe -C 5
	all_well 5
	ping $rxe6 -C 5
	all_well 5
	stop_server
	grep "^2 clients, 10 pings" server.out
}

pinned()
{
	serve -a $rxe --pinned
	ping $rxe -C 50 --pinned --op compress
	all_well 50
	grep '(pinned buffers)' out
	stop_server
	grep '(pinned buffers)' server.out
}

# The accelerator pages though rxe may have to pin: faults show that it reached the
# same buffers by itself.
the_accelerator_pages()
{
	faults=$(cat /sys/class/infiniband/axe0/ports/1/hw_counters/page_faults)
	serve -a $rxe
	ping $rxe -C 5 -S 1M --op copy
	stop_server
	test "$(cat /sys/class/infiniband/axe0/ports/1/hw_counters/page_faults)" -gt "$faults"
}

several_clients_at_once()
{
	serve -a $rxe
	clients=
	for op in none crc32c copy compress compare decompress; do
		timeout 300 axe ping -c -a $rxe -p "$port" -C 100 --op $op >out.$op &
		clients="$clients $!"
	done
	for client in $clients; do
		wait "$client"
	done
	for op in none crc32c copy compress compare decompress; do
		cp out.$op out
		all_well 100
	done
	stop_server
	grep "^6 clients, 600 pings, 0 failed" server.out
}

a_server_that_counts()
{
	serve -a $rxe -C 30
	ping $rxe -C 10
	ping $rxe -C 20
	served 0
	grep "^2 clients, 30 pings, 0 failed" server.out
	# and one that has enough before its client
	serve -a $rxe -C 5
	cannot 1 -c -a $rxe -p "$port" -C 100000
	says 'disconnected' || says 'ended by the other side'
	served 0
}

the_server_has_a_default()
{
	serve -a $rxe --op compress
	ping $rxe -C 5
	grep ': compress of 4096' out
	ping $rxe -C 5 --op copy
	grep ': copy of 4096' out
	stop_server
}

a_server_without_accelerator()
{
	serve -a $rxe --op none
	ping $rxe -C 5
	grep ': none of 4096 bytes, over rxe0' out
	cannot 1 -c -a $rxe -p "$port" --op copy
	says "the server has no operation 'copy'"
	ping $rxe -C 5 --op none
	kill -INT $server
	wait $server
	server=
}

a_line_each()
{
	serve -a $rxe -v
	ping $rxe -C 7 -v -S 100
	test "$(grep -c '^[0-6]: 100 bytes, answer 0 bytes, [0-9.]* us, of which crc32c' out)" -eq 7
	stop_server
	test "$(grep -c ': ping [0-6]: crc32c of 100 bytes: done' server.out)" -eq 7
}

interrupted_client()
{
	serve -a $rxe
	client_in_the_middle axe ping -c -a $rxe -p "$port"
	kill -INT $client
	ended 0
	grep ' sent, .* answered, 0 errors' out
	grep '^latency' out
	test ! -s err
	stop_server
}

server_killed()
{
	server_goes $rxe KILL
}

server_interrupted()
{
	server_goes $rxe INT
}

server_stopped()
{
	server_hangs $rxe
}

client_killed()
{
	client_goes $rxe
}

run_tests
