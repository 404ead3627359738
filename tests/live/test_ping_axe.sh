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

client_killed()
{
	client_goes $axe0
}

run_tests
