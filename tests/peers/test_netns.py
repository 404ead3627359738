# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The other modules' tests, between two network namespaces. axe-test-timeout: 400"""

import peers
import test_perftest
import test_pingpong
import test_rdmacm
import test_rsockets

TESTS = test_pingpong.TESTS + test_perftest.TESTS + test_rdmacm.TESTS + test_rsockets.TESTS

globals().update(peers.make(TESTS, (peers.SharedNamespaces, peers.OwnNamespaces)))
