#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe ping over axe0: the same device is transport and accelerator.
#
# axe-test-timeout: 1200

# shellcheck source=tests/live/ping_common.sh
. "$(dirname "$(realpath "$0")")/ping_common.sh"

round_trips_with_compress()
{
	serve -a $axe0
	ping $axe0 -C "$count" --op compress
	all_well "$count"
	grep 'compress of 4096 bytes on axe0, over axe0 (all memory, on demand)' out
	stop_server
	grep "^1 clients, $count pings, 0 failed" server.out
	grep 'over axe0 (all memory, on demand)' server.out
}

every_operation()
{
	try_every_operation $axe0
}

events_on_either_side()
{
	try_events $axe0
}

from_the_other_device()
{
	serve -a $axe0
	ping $axe0 -I 10.0.0.2 -C 20 --op compress
	all_well 20
	grep 'on axe0, over axe1 ' out
	stop_server
}

over_ipv6()
{
	serve -a $axe0_6
	ping $axe0_6 -C 20
	all_well 20
	stop_server
}

pinned()
{
	serve -a $axe0 --pinned
	ping $axe0 -C 50 --pinned --op compress
	all_well 50
	grep '(pinned buffers)' out
	stop_server
}

server_killed()
{
	server_goes $axe0 KILL
}

# A device of its own, on the other end of rxe0's wire, that goes in the middle of
# pings: first both sides are on it, then only the accelerator.
device_removed()
{
	add_axe9
	serve -a 10.0.1.2 --accel axe9
	client_in_the_middle axe ping -c -a 10.0.1.2 -p "$port"
	rdma link del axe9
	ended 1
	grep -E 'device was removed|disconnected|ended by the other side|connection is lost|has failed' err
	served 1
	grep 'the RDMA device that the server listened on was removed' server.err
}

accelerator_removed()
{
	add_axe9
	serve -a $axe0 --accel axe9
	client_in_the_middle axe ping -c -a $axe0 -p "$port"
	rdma link del axe9
	ended 1
	says 'disconnected' || says 'ended by the other side'
	cannot 1 -c -a $axe0 -p "$port"
	says 'the server has no resources for another client'
	kill -INT $server
	wait $server
	server=
	grep 'axe9 was removed while it was in use' server.err
}

server_stopped()
{
	server_hangs $axe0
}

client_killed()
{
	client_goes $axe0
}

run_tests
