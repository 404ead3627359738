# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The RDMA CM's own programs. axe-test-timeout: 400"""

import peers
from peers import Test, listens_cm, listens_tcp, says

BOTH = "OneDevice TwoDevices"
ALL = "OneDevice TwoDevices SharedNamespaces OwnNamespaces"

UDADDY_PORT = 7174      # it knows no other


def rping(*options, ip="ip"):
    def run(pair):
        port = next(peers.PORTS)
        server, client = getattr(pair.server, ip), getattr(pair.client, ip)
        command = ["rping", "-p", port, "-v", "-V", "-a", server, *options]
        _, output = pair.converse(command + ["-s"], command + ["-c", "-I", client],
                                  listens_cm(port))
        assert_in("ping data: rdma-ping-", output)
    return run


def assert_in(what, output):
    if what not in output:
        raise AssertionError(f"there is no '{what}' in what the client says:\n{output}")


def bound(program, *options, ip="ip", port=None):
    """Programs that are told both addresses in the same way."""
    def run(pair):
        number = port or next(peers.PORTS)
        command = [program, *options] + ([] if port else ["-p", number])
        server, client = getattr(pair.server, ip), getattr(pair.client, ip)
        # Some would bind the port as well, which the server may have.
        source = ["-b", client] if client != server else []
        pair.converse(command + ["-b", server], command + source + ["-s", server],
                      listens_cm(number))
    return run


def unbound(server, client, *options):
    """Programs whose client is told only whom to call."""
    def run(pair):
        port = next(peers.PORTS)
        pair.converse([server, "-p", port, *options],
                      [client, "-p", port, "-s", pair.server.ip, *options], listens_cm(port))
    return run


def cmtime(connections):
    """Newer ones know many peers, and one of them, the server here, as controller."""
    def run(pair):
        port = next(peers.PORTS)
        server, client = pair.server.ip, pair.client.ip
        command = ["cmtime", "-c", connections, "-p", port]
        # It also connects QP numbers that nobody has: a server's must not be a client's.
        listen, call = ["-q", 100000, "-b", server], ["-b", client, "-s", server]
        if "controller" in peers.run("cmtime", "-h", check=False):
            listen, call = listen + ["-L", "-C", server], ["-b", client, "-C", server]
        pair.converse(command + listen, command + call, listens_tcp(port))
    return run


def mckey(*options):
    """The server receives what the client, which has the options, sends to the group."""
    def run(pair):
        command = ["mckey", "-m", "239.7.7.7", "-C", 20]
        pair.converse(command + ["-b", pair.server.ip],
                      command + ["-b", pair.client.ip, "-s", *options], says("joined dgid"))
    return run


def axe_ping(*options, ip="ip"):
    """Not by others, but here it meets all kinds of pairs, with the server's accelerator."""
    def run(pair):
        port = next(peers.PORTS)
        server, client = getattr(pair.server, ip), getattr(pair.client, ip)
        accel = pair.server.device if pair.server.device.startswith("axe") else "axe0"
        _, output = pair.converse(
            ["axe", "ping", "-s", "-p", port, "-a", server, "-C", 50, "--accel", accel],
            ["axe", "ping", "-c", "-p", port, "-a", server, "-I", client, "-C", 50, *options],
            says("listening on"))
        assert_in("50 sent, 50 answered, 0 errors", output)
        assert_in(f"over {pair.client.device} ", output)
    return run


# A client that cannot be told its own address ends up at the server's device.
UNBOUND = "TwoDevices"
# The kernel's CM looks for the route to the client through the server's interface, and
# for IPv6 it finds another one for an address of the same namespace.
IPV6 = "TwoDevices"

TESTS = [
    Test("rping", rping("-C", 20), short=ALL),
    Test("rping_ipv6", rping("-C", 20, ip="ip6"), short="OneDevice OwnNamespaces", never=IPV6),
    Test("rping_large", rping("-C", 10, "-S", 65000)),
    Test("rping_own_qp", rping("-C", 20, "-q")),
    Test("rping_many", rping("-C", 1000), short=""),
    Test("axe_ping", axe_ping("--op", "compress"), short="TwoDevices OwnNamespaces"),
    Test("axe_ping_ipv6", axe_ping("--op", "copy", "-S", "1M", ip="ip6"), short="", never=IPV6),
    Test("ucmatose", bound("ucmatose", "-c", 4, "-C", 20, "-S", 1000), short=BOTH),
    Test("ucmatose_ipv6", bound("ucmatose", "-f", "ipv6", "-C", 20, ip="ip6"), never=IPV6),
    Test("ucmatose_100", bound("ucmatose", "-c", 100, "-C", 10), short=""),
    Test("udaddy", bound("udaddy", "-c", 4, "-C", 20, "-S", 500, port=UDADDY_PORT), short=ALL),
    Test("udaddy_ipv6", bound("udaddy", "-f", "ipv6", "-C", 20, ip="ip6", port=UDADDY_PORT),
         never=IPV6),
    Test("mckey", mckey(), short="TwoDevices OwnNamespaces"),
    Test("mckey_send_only", mckey("-o"), short=""),
    Test("rdma_client", unbound("rdma_server", "rdma_client"), never=UNBOUND),
    Test("rdma_xclient", unbound("rdma_xserver", "rdma_xclient", "-c", "r"), never=UNBOUND),
    Test("cmtime", cmtime(30)),
    Test("cmtime_1000", cmtime(1000), short=""),
]

globals().update(peers.make(TESTS, (peers.OneDevice, peers.TwoDevices)))
