# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The ping-pong programs of libibverbs. axe-test-timeout: 400"""

import peers
from peers import Test, listens_tcp

ROUNDS = 100


def pingpong(kind, *options, rounds=ROUNDS):
    def run(pair):
        port = next(peers.PORTS)
        command = [f"ibv_{kind}_pingpong", "-n", rounds, "-p", port, *options]
        pair.converse(command + at(pair.server), command + at(pair.client) + [pair.server.ip],
                      listens_tcp(port))
    return run


def at(end):
    return ["-d", end.device, "-g", end.gid]


BOTH = "OneDevice TwoDevices"
ALL = "OneDevice TwoDevices SharedNamespaces OwnNamespaces"

TESTS = [
    Test("rc", pingpong("rc", "-c"), short=ALL),
    Test("rc_events", pingpong("rc", "-e", "-c")),
    Test("rc_odp", pingpong("rc", "-o", "-c"), short=BOTH),
    Test("rc_odp_prefetch", pingpong("rc", "-o", "-P", "-c"), short=""),
    Test("rc_odp_implicit", pingpong("rc", "-O", "-c")),
    Test("rc_odp_implicit_prefetch", pingpong("rc", "-O", "-P", "-c"), short=""),
    Test("rc_timestamps", pingpong("rc", "-t", "-c")),
    Test("rc_new_send", pingpong("rc", "-N", "-c"), short=""),
    Test("rc_device_memory", pingpong("rc", "-j", "-c")),
    Test("rc_device_memory_new_send", pingpong("rc", "-j", "-N", "-c"), short=""),
    # Without -e: with -t the program takes an event for an empty queue as an error, and
    # between arming and polling there is one now and then.
    Test("rc_all", pingpong("rc", "-O", "-P", "-t", "-N", "-c")),
    Test("rc_large", pingpong("rc", "-c", "-s", 1 << 20, "-r", 4, rounds=20)),
    Test("rc_many", pingpong("rc", rounds=10000), short=""),
    Test("uc", pingpong("uc", "-c"), short=BOTH),
    Test("uc_events", pingpong("uc", "-e", "-c"), short=""),
    Test("ud", pingpong("ud", "-c", "-s", 1024), short=ALL),
    Test("ud_events", pingpong("ud", "-c", "-e", "-s", 1024), short=""),
    Test("srq", pingpong("srq", "-c"), short=BOTH),
    Test("srq_events", pingpong("srq", "-c", "-e")),
    Test("srq_odp", pingpong("srq", "-c", "-o"), short=""),
    Test("srq_many_qps", pingpong("srq", "-c", "-q", 64, rounds=10)),
    Test("xsrq", pingpong("xsrq", rounds=20), short=BOTH),
    Test("xsrq_events", pingpong("xsrq", "-e", rounds=20), short=""),
    Test("xsrq_odp", pingpong("xsrq", "-o", rounds=20)),
]

globals().update(peers.make(TESTS, (peers.OneDevice, peers.TwoDevices)))
