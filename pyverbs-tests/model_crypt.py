# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's encryption, by OpenSSL."""

import collections
import random
import struct

from arena import BLOCK, Arena, Command
from libraries import TAG, Cipher, ciphers_has

# Algorithms as enum axe_key_algorithm has them, less AXE_KEY_; bytes of keys.
ALGORITHMS = (
    ('AES_CBC', 'AES-128-CBC', 16), ('AES_CBC', 'AES-256-CBC', 32),
    ('AES_CTR', 'AES-128-CTR', 16), ('AES_CTR', 'AES-192-CTR', 24),
    ('AES_XTS', 'AES-128-XTS', 32), ('AES_XTS', 'AES-256-XTS', 64),
    ('SM4_CBC', 'SM4-CBC', 16), ('SM4_CTR', 'SM4-CTR', 16),
    ('AES_GCM', 'AES-128-GCM', 16), ('AES_GCM', 'AES-256-GCM', 32),
    ('AES_CCM', 'AES-128-CCM', 16), ('CHACHA20_POLY1305', 'ChaCha20-Poly1305', 32),
)
MODES = 'CBC', 'CTR', 'XTS'
AEAD = 'AES_GCM', 'AES_CCM', 'CHACHA20_POLY1305'

Key = collections.namedtuple('Key', 'algorithm cipher number')


def make_keys(make):
    """The keys that there can be: make(algorithm, bytes) returns a number, or None."""
    rng, keys = random.Random(1), []
    for algorithm, name, length in ALGORITHMS:
        secret = rng.randbytes(length)
        number = make(algorithm, secret) if ciphers_has(name) else None
        if number is not None:
            keys.append(Key(algorithm, Cipher(name, secret), number))
    return keys


def nonce_for(key, rng):
    return rng.randbytes(rng.randrange(7, 14) if key.algorithm == 'AES_CCM' else 12)


def fill_corpus(corpus, rng, keys):
    for key in keys:
        if key.algorithm not in AEAD:
            continue
        for n in 0, 1, 16, 300, 3000:
            plain, extra, nonce = rng.randbytes(n), rng.randbytes(n % 50), nonce_for(key, rng)
            corpus.add('sealed', key.cipher.seal(nonce, plain, extra), key, nonce,
                       corpus.add('extra', extra), plain)


class Crypting(Arena):
    keys = ()

    def cipher_parts(self, length, encrypt):
        """Of a command: block, parameters of the extension, what it makes of data."""
        key = self.rng.choice([k for k in self.keys if k.algorithm[-3:] in MODES])
        mode, unit = key.algorithm[-3:], 0
        if mode == 'XTS':
            unit = self.rng.choice([u for u in (16, 512, 4096) if length % u == 0] or (0,))
        if mode != 'CTR' and length % 16:
            return None
        iv = self.rng.choice((self.rng.randbytes(16), bytes([255] * 15 + [254])))

        def function(data):
            if mode != 'XTS':
                return key.cipher.crypt(iv, data, encrypt) if data else b''
            number = int.from_bytes(iv, 'little')
            return b''.join(
                key.cipher.crypt((number + i // unit & 2 ** 128 - 1).to_bytes(16, 'little'),
                                 data[i:i + unit], encrypt)
                for i in range(0, len(data), unit))
        return struct.pack('<II', key.number, unit), iv, function

    def crypt(self, name):
        n = self.rng.choice((self.length(), self.length() // 16 * 16, 512, 4096))
        parts = self.cipher_parts(n, name == 'encrypt')
        if not parts:
            return None
        src, dst = self.ranges(n, n)
        if self.rng.random() < 0.3:
            dst = src
        block, ext, function = parts
        self.put(dst, function(self.get(src)))
        return Command(name, src, dst, block=block, ext=ext, expect=(n, None, None))

    def op_encrypt(self):
        return self.crypt('encrypt')

    def op_decrypt(self):
        return self.crypt('decrypt')

    def aead(self, name, key, nonce, src, dst, aux, **kwargs):
        return Command(name, src, dst, aux, block=struct.pack('<IB', key.number, len(nonce)),
                       ext=nonce.ljust(16, b'\0'), **kwargs)

    def op_seal(self):
        key = self.rng.choice([k for k in self.keys if k.algorithm in AEAD])
        n = self.length()
        src, dst, aux = self.ranges(n, n + TAG, self.length() // 4)
        if self.rng.random() < 0.3 and src[0] % BLOCK + n + TAG <= BLOCK:
            dst = src[0], n + TAG
        nonce = nonce_for(key, self.rng)
        self.put(dst, key.cipher.seal(nonce, self.get(src), self.get(aux)))
        return self.aead('seal', key, nonce, src, dst, aux, expect=(dst[1], None, None))

    def op_open(self):
        src, key, nonce, aux, plain = self.source('sealed')
        dst, = self.ranges(len(plain))
        if self.rng.random() < 0.2:
            nonce = bytes([nonce[0] ^ 1]) + nonce[1:]
            return self.aead('open', key, nonce, src, dst, aux, code='ERR_AUTH')
        self.put(dst, plain)
        return self.aead('open', key, nonce, src, dst, aux, expect=(dst[1], None, None))
