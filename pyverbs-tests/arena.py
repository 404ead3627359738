# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What all parts of the model share: commands as bytes, and memory that they work on."""

import collections

BLOCK = 8192            # operands of a command lie in different blocks of the arena
BLOCKS = 64
NO = 2 ** 64 - 1        # what comparisons say of what is the same

# What a program does: operands are (offset, length) in the arena, lists lists of them,
# stages of a chain (name, block, ext or None). expect: byte_len and results, None where
# they do not matter. code: what comes of it, a name of enum axe_code less AXE_.
# check(): of a command whose output is for somebody else to read, is that good?
Command = collections.namedtuple(
    'Command', 'name src dst aux src_list dst_list stages block ext expect check code',
    defaults=(None, None, None, None, None, None, b'', b'', (None, None, None), None, 'OK'))


class Corpus:
    """Data behind the arena that nothing changes, to be read by commands."""

    def __init__(self):
        self.data = b''
        self.of = collections.defaultdict(list)

    def add(self, kind, data, *what):
        """For a command of this kind: its source, and what else there is to know."""
        where = BLOCKS * BLOCK + len(self.data), len(data)
        self.data += data
        self.of[kind].append((where, *what))
        return where


class Arena:
    """Memory, of which a part of the model has its operands."""

    def __init__(self, rng, corpus):
        self.rng = rng
        self.corpus = corpus
        self.arena = bytearray(rng.randbytes(BLOCKS * BLOCK))
        # Some of it the same all over, or comparisons would end at the first byte.
        for i in range(0, len(self.arena), 4 * BLOCK):
            self.arena[i:i + BLOCK] = bytes(BLOCK)

    def length(self):
        return self.rng.choice((0, 1, 2, 7, 8, 63, 64, 65, self.rng.randrange(600),
                                self.rng.randrange(600), self.rng.randrange(BLOCK // 2)))

    def ranges(self, *lengths):
        """Ranges of the arena that share nothing."""
        blocks = self.rng.sample(range(BLOCKS), len(lengths))
        return [(block * BLOCK + self.rng.randrange(BLOCK - length + 1), length)
                for block, length in zip(blocks, lengths)]

    def apart(self, length, *others):
        """A range that shares nothing with others."""
        free = [b for b in range(BLOCKS)
                if all(b not in (at // BLOCK, (at + n) // BLOCK) for at, n in others)]
        at = self.rng.choice(free) * BLOCK + self.rng.randrange(BLOCK - length + 1)
        return at, length

    def get(self, where):
        return bytes(self.arena[where[0]:where[0] + where[1]])

    def put(self, where, data):
        assert len(data) <= where[1]
        self.arena[where[0]:where[0] + len(data)] = data

    def source(self, kind):
        """Of the corpus, and what is known of it."""
        return self.rng.choice(self.corpus.of[kind])
