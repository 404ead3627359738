# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What operations do, in Python, and commands for them as bytes.

A model has an arena, bytes that stand for memory of the device's process. Each of
its methods op_NAME() makes up one command on the arena, does to the arena what the
command must do, and says what must come of it; or returns None, for another try.
Nothing here comes from the device or its sources: zlib, hashlib, OpenSSL, liblz4 and
libzstd are asked, and what they do not know is written from the standards, as plainly
as can be.
"""

import model_auth
import model_crypt
import model_pack
from arena import Corpus
from model_array import Arrays
from model_auth import Authenticating
from model_chain import Chaining
from model_dif import Protecting
from model_lanes import Lanes
from model_move import Moving


# What needs keys.
KEYED = ('encrypt', 'decrypt', 'seal', 'open', 'mac', 'mac-verify', 'esp-seal', 'esp-open')


class Model(Moving, Lanes, Arrays, Protecting, Authenticating, Chaining):

    def __init__(self, rng, corpus, ops, keys, hashes):
        """What there is beside memory: names of operations, keys, hashes by number."""
        super().__init__(rng, corpus)
        self.ops, self.keys, self.hashes = ops, keys, hashes

    def makers(self):
        """One for each operation that both have, and some for more than one thing it does."""
        names = [name for name in sorted(dir(self)) if name.startswith('op_')]
        return [getattr(self, name) for name in names if operation(name) in self.ops and
                (self.keys or operation(name) not in KEYED)]


def operation(maker):
    name = maker[len('op_'):].replace('_', '-')
    return name.split('-')[0] if name.startswith(('hash-', 'chain-')) else name


def make_corpus(rng, keys):
    corpus = Corpus()
    model_pack.fill_corpus(corpus, rng)
    model_crypt.fill_corpus(corpus, rng, keys)
    model_auth.fill_corpus(corpus, rng, keys)
    return corpus
