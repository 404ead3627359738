# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""perftest's programs. axe-test-timeout: 400"""

import re

import peers
from peers import Test, listens_cm, listens_tcp

BOTH = "OneDevice TwoDevices"
ALL = "OneDevice TwoDevices SharedNamespaces OwnNamespaces"
LARGE = ("-s", 65536)


def perftest(program, *options, rounds=100):
    """Exchange of addresses over TCP, or (-R) all by the RDMA CM."""
    def run(pair):
        port = next(peers.PORTS)
        command = [f"ib_{program}", "-F", "-n", rounds, "-p", port, *options]
        cm = "-R" in options
        server = command + at(pair.server, cm)
        client = command + at(pair.client, cm) + [pair.server.ip]
        _, output = pair.converse(server, client, (listens_cm if cm else listens_tcp)(port))
        assert_figures(output)
    return run


def at(end, cm):
    # The CM finds the device by the address.
    return ["-d", end.device] + (["--bind_source_ip", end.ip] if cm else ["-x", end.gid])


def assert_figures(output):
    """A line of figures is below the header: #bytes, #iterations, ..."""
    table = output.partition("#iterations")[2]
    if not re.search(r"^ *\d+ +\d+ +\d+\.\d+", table, re.M):
        raise AssertionError("the client reports no figures:\n" + output)


TESTS = [
    Test("send_bw", perftest("send_bw", *LARGE)),
    Test("send_lat", perftest("send_lat")),
    Test("write_bw", perftest("write_bw", *LARGE), short=BOTH),
    Test("write_lat", perftest("write_lat")),
    Test("read_bw", perftest("read_bw", *LARGE), short=ALL),
    Test("read_lat", perftest("read_lat"), short=""),
    Test("atomic_bw", perftest("atomic_bw")),
    Test("atomic_lat", perftest("atomic_lat")),
    Test("atomic_lat_cmp_and_swap", perftest("atomic_lat", "-A", "CMP_AND_SWAP"), short=""),
    Test("send_bw_both_ways", perftest("send_bw", "-b", *LARGE), short=""),
    Test("write_bw_both_ways", perftest("write_bw", "-b", *LARGE)),
    Test("read_bw_both_ways", perftest("read_bw", "-b", *LARGE), short=""),
    Test("atomic_bw_both_ways", perftest("atomic_bw", "-b"), short=""),
    Test("write_bw_32_qps", perftest("write_bw", "-q", 32, "-s", 4096)),
    Test("send_bw_32_qps", perftest("send_bw", "-q", 32, "-s", 4096), short=""),
    Test("read_bw_32_qps", perftest("read_bw", "-q", 32), short=""),
    Test("send_bw_8_qps_of_srq", perftest("send_bw", "-q", 8, "--use-srq", "-s", 4096)),
    Test("write_bw_all_sizes", perftest("write_bw", "-a"), short=""),
    Test("send_bw_all_sizes", perftest("send_bw", "-a"), short=""),
    Test("read_bw_all_sizes", perftest("read_bw", "-a"), short=""),
    Test("write_bw_1000_qps", perftest("write_bw", "-q", 1000, rounds=20), short=""),
    Test("send_bw_uc", perftest("send_bw", "-c", "UC", *LARGE)),
    Test("send_lat_uc", perftest("send_lat", "-c", "UC"), short=""),
    Test("write_bw_uc", perftest("write_bw", "-c", "UC", *LARGE), short=""),
    Test("write_lat_uc", perftest("write_lat", "-c", "UC"), short=""),
    Test("send_bw_ud", perftest("send_bw", "-c", "UD", "-s", 1024, "-r", 512)),
    Test("send_lat_ud", perftest("send_lat", "-c", "UD", "-s", 1024)),
    Test("send_bw_xrc", perftest("send_bw", "-c", "XRC", *LARGE), short=""),
    Test("write_bw_xrc", perftest("write_bw", "-c", "XRC", *LARGE)),
    Test("read_lat_xrc", perftest("read_lat", "-c", "XRC"), short=""),
    Test("send_bw_events", perftest("send_bw", "-e"), short=""),
    Test("send_lat_events", perftest("send_lat", "-e")),
    Test("read_bw_events", perftest("read_bw", "-e"), short=""),
    Test("write_lat_inline", perftest("write_lat", "-s", 32, "-I", 32)),
    Test("send_lat_inline", perftest("send_lat", "-s", 32, "-I", 32), short=""),
    Test("write_bw_cm", perftest("write_bw", "-R", *LARGE), short=ALL),
    Test("send_bw_cm", perftest("send_bw", "-R", *LARGE), short=""),
    Test("read_bw_cm", perftest("read_bw", "-R", *LARGE), short=""),
    Test("send_lat_cm", perftest("send_lat", "-R"), short=""),
    Test("send_lat_cm_ud", perftest("send_lat", "-R", "-c", "UD")),
    Test("write_bw_odp", perftest("write_bw", "--odp", *LARGE), short=BOTH),
    Test("read_bw_odp", perftest("read_bw", "--odp", *LARGE), short=""),
    Test("send_bw_odp", perftest("send_bw", "--odp", *LARGE), short=""),
    Test("atomic_lat_odp", perftest("atomic_lat", "--odp")),
]

globals().update(peers.make(TESTS, (peers.OneDevice, peers.TwoDevices)))
