# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Programs that use rsockets, sockets on RDMA. axe-test-timeout: 400"""

import filecmp
import os
import tempfile

import peers
from peers import Test, listens_cm
from test_rdmacm import BOTH, IPV6, UNBOUND, bound


def rcopy(size):
    """The client sends a file; the server goes on waiting for others."""
    def run(pair):
        port = next(peers.PORTS)
        with tempfile.TemporaryDirectory() as top:
            source, copy = top + "/source", top + "/copy"
            with open(source, "wb") as f:
                f.write(os.urandom(size))
            pair.converse(["rcopy", "-p", port],
                          ["rcopy", source, f"{pair.server.ip}:{copy}", "-p", port],
                          listens_cm(port), stays=True)
            if not filecmp.cmp(source, copy, shallow=False):
                raise AssertionError("the copy is another file")
    return run


TESTS = [
    Test("rcopy", rcopy(3333333), short="OneDevice OwnNamespaces", never=UNBOUND),
    Test("rstream", bound("rstream", "-S", 65536, "-C", 20, "-I", 1, "-T", "v"), short=BOTH),
    Test("rstream_ipv6", bound("rstream", "-f", "ipv6", "-S", 4096, "-C", 20, "-I", 1, ip="ip6"),
         short="", never=IPV6),
    Test("rstream_blocking", bound("rstream", "-S", 65536, "-C", 20, "-I", 1, "-T", "b"), short=""),
    # Not -T a: it polls before each receive and takes POLLHUP for a failure (do_poll() in
    # librdmacm/examples/common.c), also where the last data are still to be read. Its client
    # ends with 16, which is POLLHUP, whenever the server is quick to close.
    Test("rstream_all", bound("rstream", "-S", "all", "-I", 1), short=""),
    Test("riostream", bound("riostream", "-S", 65536, "-C", 20, "-I", 1, "-T", "v"), short=BOTH),
    Test("riostream_all", bound("riostream", "-S", "all", "-I", 1), short=""),
]

globals().update(peers.make(TESTS, (peers.OneDevice, peers.TwoDevices)))
