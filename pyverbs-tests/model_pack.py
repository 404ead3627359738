# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's compression: what the device packs others unpack, and the other way round."""

import struct
import zlib

import libraries
import vectors
from arena import Arena, Command

ZLIB = 1                # enum axe_deflate_format
LZ4_BLOCK, LZ4_FRAME = 0, 1


def fill_corpus(corpus, rng):
    """Streams of other people's making."""
    for i in range(20):
        plain = vectors.text(i * i * 10, i)
        corpus.add('decompress', zlib.compress(plain, i % 10), plain)
        corpus.add('zstd', libraries.zstd_frame(plain, rng.randrange(1, 20)), plain)
        corpus.add('lz4-block', libraries.lz4_block(plain), plain)
        corpus.add('lz4-frame', libraries.lz4_frame(
            plain, block_size=rng.randrange(4, 7), independent=rng.randrange(2),
            checksum=rng.randrange(2), block_checksum=rng.randrange(2),
            level=rng.randrange(10)), plain)


class Packing(Arena):

    def op_compress(self):
        src, = self.ranges(self.length())
        plain = self.get(src)
        return Command('compress', src, block=struct.pack('<BB', ZLIB, self.rng.randrange(10)),
                       expect=(None, zlib.adler32(plain), len(plain)),
                       check=lambda packed: zlib.decompress(packed) == plain)

    def unpacked(self, name, kind, block):
        """What results a command that unpacks has beside how much it took is its own affair."""
        src, plain = self.source(kind)
        dst, = self.ranges(len(plain) + self.rng.randrange(3))
        self.put(dst, plain)
        return Command(name, src, dst, block=block, expect=(len(plain), None, src[1]))

    def op_decompress(self):
        c = self.unpacked('decompress', 'decompress', bytes([ZLIB]))
        return c._replace(expect=(c.expect[0], zlib.adler32(self.get((c.dst[0], c.expect[0]))),
                                  c.expect[2]))

    def packed(self, name, block, unpack):
        src, = self.ranges(self.length())
        plain = self.get(src)
        return Command(name, src, block=block, expect=(None, None, len(plain)),
                       check=lambda packed: unpack(packed, len(plain)) == plain)

    def op_lz4_compress(self):
        if self.rng.random() < 0.5:
            return self.packed('lz4-compress', bytes([LZ4_BLOCK]), libraries.lz4_unblock)
        return self.packed('lz4-compress', bytes([LZ4_FRAME]), libraries.lz4_unframe)

    def op_lz4_decompress(self):
        if self.rng.random() < 0.5:
            return self.unpacked('lz4-decompress', 'lz4-block', bytes([LZ4_BLOCK]))
        return self.unpacked('lz4-decompress', 'lz4-frame', bytes([LZ4_FRAME]))

    def op_zstd_compress(self):
        return self.packed('zstd-compress', bytes([0, self.rng.randrange(13)]),
                           libraries.zstd_unframe)

    def op_zstd_decompress(self):
        return self.unpacked('zstd-decompress', 'zstd', b'')
