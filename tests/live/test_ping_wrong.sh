#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# axe ping where there is no server, or another one, or none that can.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/ping_common.sh
. "$(dirname "$(realpath "$0")")/ping_common.sh"

nobody_listens()
{
	cannot 1 -c -a $rxe -p 9
	says "$rxe port 9: connection refused: nobody listens there"
}

nobody_has_the_address()
{
	cannot 1 -c -a 10.0.1.77 -t 5
	says '10.0.1.77 port 7174: nobody has that address'
	# no RDMA device there
	cannot 1 -c -a 192.0.2.1 -t 5
	says 'no RDMA device reaches that address'
	cannot 1 -c -a fd00:0:0:77::1 -t 5
	says 'no RDMA device reaches that address'
	cannot 1 -c -a no.such.name.invalid
	says "'no.such.name.invalid' is no address"
	cannot 1 -s -a 10.0.1.77
	says 'no RDMA device has that address'
}

port_in_use()
{
	serve -a $rxe
	cannot 1 -s -a $rxe -p "$port"
	says 'Address already in use'
	stop_server
}

other_version()
{
	serve -a $rxe
	cannot 1 -c -a $rxe -p "$port" --protocol 9
	says 'the server speaks version 1 of axe ping, this is version 9'
	# no harm was done
	ping $rxe -C 5
	kill -INT $server
	wait $server
	server=
	grep 'refused' server.err
}

other_programs()
{
	command -v rping >/dev/null || skip 'rping is not installed'
	# a client that is none
	serve -a $rxe
	fails 255 rping -c -a $rxe -p "$port" -C 1 || fails 1 rping -c -a $rxe -p "$port" -C 1
	ping $rxe -C 5
	kill -INT $server
	wait $server
	server=
	grep 'is no axe ping client' server.err
	# a server that is none: who listens first has to be waited for
	rping -s -a $rxe -p 9999 &
	other=$!
	until rdma resource show cm_id | grep -E 'state LISTEN .*pid '"$other "; do
		kill -0 $other
	done
	cannot 1 -c -a $rxe -p 9999 -t 5
	says 'that is no axe ping server'
	wait $other || true
}

usage()
{
	cannot 64
	cannot 64 -s -c -a $rxe
	cannot 64 -c
	cannot 64 -c -a $rxe --op frobnicate
	says "there is no operation 'frobnicate'; there are: none, nop, copy"
	cannot 64 -c -a $rxe -S 5M
	cannot 64 -c -a $rxe -S 0
	cannot 64 -c -a $rxe -p 70000
	cannot 64 -c $rxe
	cannot 64 -c -a $rxe --accel axe0
	cannot 1 -s -a $rxe --accel rxe0
	says 'rxe0 is an RDMA device, but not an axe device'
	cannot 1 -s -a $rxe --accel axe7
	says 'there is no device axe7'
}

run_tests
