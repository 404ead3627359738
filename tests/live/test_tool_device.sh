#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# The axe tool and its devices: what it shows of them, and what it says without one.
#
# axe-test-timeout: 300

# shellcheck source=tests/live/tool_common.sh
. "$(dirname "$(realpath "$0")")/tool_common.sh"

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

run_tests
