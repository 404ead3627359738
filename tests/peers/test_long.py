# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Every test on every kind of pair: ./vm test peers/long.

axe-test-timeout: 7200
axe-test-only-by-name
"""

import peers
from test_netns import TESTS

globals().update(peers.make(TESTS, long=True))
