# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Programs that others wrote, as server and client on two ends: what the tests share.

An *end* is a device with its addresses, perhaps in a network namespace of its own; a
*pair* is two of them. A module lists its tests (`Test`), each a function of a pair,
and `make()` gives them to unittest, once for each kind of pair:

  OneDevice         both sides on the first device
  TwoDevices        a device each, in one namespace
  SharedNamespaces  a device each, whose network interfaces are in two namespaces;
                    every namespace sees every RDMA device
  OwnNamespaces     the same, and a namespace sees only its own devices

AXE_TEST_DEVICES names the two devices, if they are not axe0 and axe1.
"""

import functools
import itertools
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

DEVICES = os.environ.get("AXE_TEST_DEVICES", "axe0 axe1").split()
# Seconds for one conversation; a slow guest sets AXE_TEST_SLOW.
DEADLINE = 60 * int(os.environ.get("AXE_TEST_SLOW", "1"))
PORTS = itertools.count(20000)


def run(*words, check=True, inside=None):
    """A command's output."""
    done = subprocess.run(enter(inside) + list(words), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=DEADLINE)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}")
    return done.stdout


def enter(netns):
    return ["ip", "netns", "exec", netns] if netns else []


class End:
    """A device, and what it has to be called by."""

    def __init__(self, device, netns=None):
        self.device = device
        self.netns = netns
        links = json.loads(run("rdma", "-j", "link", "show", inside=netns))
        self.netdev = next(link["netdev"] for link in links if link["ifname"] == device)
        addresses = json.loads(run("ip", "-j", "addr", "show", self.netdev, inside=netns))
        self.ip, self.ip6 = self.addresses(addresses[0]["addr_info"])

    @staticmethod
    def addresses(infos):
        return (next(a["local"] for a in infos if a["family"] == "inet"),
                next(a["local"] for a in infos
                     if a["family"] == "inet6" and a["scope"] == "global"))

    @functools.cached_property
    def gid(self):
        """The index of the RoCE v2 GID of the IPv4 address."""
        wanted = socket.inet_pton(socket.AF_INET6, "::ffff:" + self.ip)
        port = f"/sys/class/infiniband/{self.device}/ports/1"
        # One process, since it may have to enter the namespace.
        text = run("grep", "-s", "", "-r", port + "/gids", port + "/gid_attrs/types",
                   check=False, inside=self.netns)
        values = dict(line.split(":", 1) for line in text.splitlines())
        for index in range(256):
            gid = values.get(f"{port}/gids/{index}")
            if gid and socket.inet_pton(socket.AF_INET6, gid) == wanted and \
               values.get(f"{port}/gid_attrs/types/{index}") == "RoCE v2":
                return str(index)
        raise RuntimeError(f"{self.device} has no GID for {self.ip}")


class Side:
    """A program that runs at an end."""

    def __init__(self, end, command):
        self.end = end
        self.command = [str(word) for word in command]
        self.log = tempfile.TemporaryFile()
        # Line by line, so that what it says can be waited for. In a group of its own,
        # to be killed as a whole, but in our session, for those that kill us.
        self.process = subprocess.Popen(
            enter(end.netns) + ["stdbuf", "-oL"] + self.command, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT, process_group=0)

    def output(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def wait(self, end):
        """Its exit status; None if it has not ended in time."""
        try:
            return self.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()

    def story(self, name):
        status = self.process.poll()
        ended = "still runs" if status is None else f"exit status {status}"
        return f"--- {name}, {ended}: {' '.join(self.command)}\n{self.output()}"


# How a server shows that it can be called.

def listens_tcp(port):
    """A TCP port, as the kernel lists it."""
    def ready(side):
        for table in ("tcp", "tcp6"):
            with open(f"/proc/{side.process.pid}/net/{table}") as f:
                for line in f:
                    fields = line.split()
                    if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                        return True
        return False
    return ready


def listens_cm(port):
    """A port of the RDMA CM, as the rdma tool lists it."""
    def ready(side):
        ids = json.loads(run("rdma", "-j", "resource", "show", "cm_id",
                             inside=side.end.netns) or "[]")
        return any(cm_id.get("state") == "LISTEN" and
                   str(cm_id.get("src-addr", "")).rsplit(":", 1)[-1] == str(port)
                   for link in ids for cm_id in link.get("cm_id", [link]))
    return ready


def says(text):
    return lambda side: text in side.output()


class Pair:
    """Where server and client are."""

    def __init__(self, server, client):
        self.server = server
        self.client = client

    def converse(self, server, client, ready, stays=False):
        """Run both commands; they have to end well, the server of itself unless it stays.

        Returns their outputs.
        """
        end = time.monotonic() + DEADLINE
        sides = [Side(self.server, server)]
        try:
            self.await_server(sides[0], ready, end)
            sides.append(Side(self.client, client))
            status = sides[1].wait(end)
            if status != 0:
                self.fail("the client " + ("does not end" if status is None else "failed"), sides)
            if not stays:
                status = sides[0].wait(end)
                if status != 0:
                    self.fail("the server " + ("does not end" if status is None else "failed"),
                              sides)
            return sides[0].output(), sides[1].output()
        finally:
            for side in sides:
                side.stop()

    def await_server(self, side, ready, end):
        while True:
            ended = side.process.poll() is not None
            if not ended and ready(side):
                return
            if ended or time.monotonic() > end:
                self.fail("the server failed" if ended else "the server does not listen", [side])
            time.sleep(0.02)    # nothing tells that somebody listens

    @staticmethod
    def fail(what, sides):
        raise AssertionError("\n".join(
            [what] + [side.story(name) for side, name in zip(sides, ("server", "client"))]))


class Test:
    """A test and the kinds of pairs that it runs on, in short and in long."""

    def __init__(self, name, function, short="OneDevice", never=""):
        self.name = name
        self.function = function
        self.short = short.split()
        self.never = never.split()

    def runs_on(self, kind, long):
        return kind not in self.never and (long or kind in self.short)


class OneDevice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = Pair(End(DEVICES[0]), End(DEVICES[0]))


class TwoDevices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = Pair(End(DEVICES[0]), End(DEVICES[1]))


class SharedNamespaces(unittest.TestCase):
    MODE = "shared"

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(drop_namespace)
        cls.pair = Pair(*make_namespace(cls.MODE))


class OwnNamespaces(SharedNamespaces):
    MODE = "exclusive"


KINDS = (OneDevice, TwoDevices, SharedNamespaces, OwnNamespaces)
NETNS = "axepeers"


def make_namespace(mode):
    """Two new devices on two ends of a wire, the second in a namespace. Both ends."""
    kind = DEVICES[0].rstrip("0123456789")
    # The mode can be changed only as long as there is one namespace.
    run("rdma", "system", "set", "netns", mode)
    for line in (f"ip netns add {NETNS}",
                 "ip link add peers0 type veth peer name peers1",
                 f"ip link set peers1 netns {NETNS}",
                 "ip addr add 10.7.0.1/24 dev peers0",
                 "ip addr add fd00:7::1/64 dev peers0 nodad",
                 f"ip -n {NETNS} addr add 10.7.0.2/24 dev peers1",
                 f"ip -n {NETNS} addr add fd00:7::2/64 dev peers1 nodad",
                 f"ip -n {NETNS} link set lo up",
                 "ip link set peers0 up",
                 f"ip -n {NETNS} link set peers1 up",
                 f"rdma link add {kind}p0 type {kind} netdev peers0",
                 f"ip netns exec {NETNS} rdma link add {kind}p1 type {kind} netdev peers1"):
        run(*line.split())
    # Older kernels make every device in the first namespace.
    if mode == "exclusive" and os.path.exists(f"/sys/class/infiniband/{kind}p1"):
        run("rdma", "dev", "set", f"{kind}p1", "netns", NETNS)
    # The tests' own ends are at their places, so the server is in the namespace.
    return End(f"{kind}p1", NETNS), End(f"{kind}p0")


def drop_namespace():
    run("ip", "link", "delete", "peers0", check=False)
    run("ip", "netns", "delete", NETNS, check=False)
    # Both go some time after the command that deletes them.
    end = time.monotonic() + DEADLINE
    while run("rdma", "system", "set", "netns", "shared", check=False):
        if time.monotonic() > end:
            raise RuntimeError("there is still a network namespace")
        time.sleep(0.05)


def make(tests, kinds=KINDS, long=False):
    """The classes for unittest, by their names."""
    classes = {}
    for kind in kinds:
        methods = {"test_" + test.name: method(test.function)
                   for test in tests if test.runs_on(kind.__name__, long)}
        if methods:
            classes[kind.__name__] = type(kind.__name__, (kind,), methods)
    return classes


def method(function):
    return lambda self: function(self.pair)
