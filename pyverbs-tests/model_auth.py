# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's message authentication, and packets of IPsec ESP."""

import hashlib
import hmac
import random
import struct

from arena import BLOCK, Arena, Command
from libraries import Cipher, ciphers_has
from model_crypt import Key

# Algorithms as enum axe_key_algorithm has them, less AXE_KEY_.
HMACS = {'HMAC_SHA1': 'sha1', 'HMAC_SHA224': 'sha224', 'HMAC_SHA256': 'sha256',
         'HMAC_SHA384': 'sha384', 'HMAC_SHA512': 'sha512', 'HMAC_SHA3_224': 'sha3_224',
         'HMAC_SHA3_256': 'sha3_256', 'HMAC_SHA3_384': 'sha3_384', 'HMAC_SHA3_512': 'sha3_512',
         'HMAC_SM3': 'sm3'}
BLAKES = {'BLAKE2B_256': 32, 'BLAKE2B_512': 64}
# OpenSSL's name, bytes of the key less its salt, and of the ICV.
TUNNELS = {'ESP_AES_GCM_16': ('AES-128-GCM', 16, 16), 'ESP_AES_GCM_12': ('AES-192-GCM', 24, 12),
           'ESP_AES_GCM_8': ('AES-256-GCM', 32, 8),
           'ESP_CHACHA20_POLY1305': ('ChaCha20-Poly1305', 32, 16)}
SIGNERS = (*HMACS, *BLAKES, 'AES_CMAC')
ESN, CHECK_SPI = 1, 2       # enum axe_esp_flags
# The shortest tags that there are.
LEAST = dict.fromkeys(HMACS, 10) | BLAKES | {'AES_CMAC': 8}


def cmac(secret):
    """NIST SP 800-38B, by what CBC leaves in the last block."""
    cipher = Cipher('AES-128-CBC', secret)

    def double(block):
        number = int.from_bytes(block, 'big') << 1
        return (number & 2 ** 128 - 1 ^ (0x87 if number >> 128 else 0)).to_bytes(16, 'big')

    def tag(data):
        subkey = double(cipher.crypt(bytes(16), bytes(16)))
        last = data[(len(data) - 1) // 16 * 16:] if data else b''
        if len(last) < 16:
            subkey = double(subkey)
            padded = (last + b'\x80').ljust(16, b'\0')
        else:
            padded = last
        end = bytes(x ^ y for x, y in zip(padded, subkey))
        return cipher.crypt(bytes(16), data[:len(data) - len(last)] + end)[-16:]
    return tag


def signer(name, secret):
    """What makes a tag of data; None if Python does not have it."""
    if name == 'AES_CMAC':
        return cmac(secret)
    if name in BLAKES:
        return lambda data: hashlib.blake2b(data, key=secret, digest_size=BLAKES[name]).digest()
    if HMACS[name] not in hashlib.algorithms_available:
        return None
    return lambda data: hmac.new(secret, data, HMACS[name]).digest()


class Tunnel:
    def __init__(self, name, secret, icv):
        self.cipher, self.salt, self.icv = Cipher(name, secret[:-4]), secret[-4:], icv

    def packet(self, spi, seq, flags, iv, payload, next_header):
        """RFC 4303 and 4106."""
        pad = -(len(payload) + 2) % 4
        text = payload + bytes(range(1, pad + 1)) + bytes((pad, next_header))
        number = struct.pack('>Q', seq)
        extra = struct.pack('>I', spi) + number[0 if flags & ESN else 4:]
        sealed = self.cipher.seal(self.salt + iv, text, extra)
        return struct.pack('>I', spi) + number[4:] + iv + sealed[:len(text) + self.icv]


def make_keys(make):
    """As model_crypt.make_keys(); what a key's cipher is, is a function, or a tunnel."""
    rng, keys = random.Random(2), []
    for name in SIGNERS:
        secret = rng.randbytes(16 if name == 'AES_CMAC' else rng.choice((1, 32, 64)))
        function = signer(name, secret)
        number = make(name, secret) if function else None
        if number is not None:
            keys.append(Key(name, function, number))
    for name, (cipher, length, icv) in TUNNELS.items():
        secret = rng.randbytes(length + 4)
        number = make(name, secret) if ciphers_has(cipher) else None
        if number is not None:
            keys.append(Key(name, Tunnel(cipher, secret, icv), number))
    return keys


def number_for(rng):
    """Sequence number and flags."""
    return rng.choice(((rng.getrandbits(32), 0), (rng.getrandbits(64), ESN)))


def fill_corpus(corpus, rng, keys):
    for key in keys:
        for n in 0, 1, 16, 300, 3000:
            data = rng.randbytes(n)
            if key.algorithm in SIGNERS:
                tag = key.cipher(data)
                corpus.add('tagged', data, key, corpus.add('tag', tag), n)
            elif key.algorithm in TUNNELS:
                spi, (seq, flags) = rng.randrange(1, 2 ** 32), number_for(rng)
                packet = key.cipher.packet(spi, seq, flags, rng.randbytes(8), data, n % 256)
                corpus.add('packet', packet, key, (spi, seq, flags, n % 256), data)


class Authenticating(Arena):
    keys = ()

    def mac(self, name, key, tag_len, *operands, **kwargs):
        return Command(name, *operands, block=struct.pack('<IIB', key.number, 0, tag_len),
                       **kwargs)

    def op_mac(self):
        key = self.rng.choice([k for k in self.keys if k.algorithm in SIGNERS])
        n = self.length()
        src, dst = self.ranges(n, self.rng.choice((0, 64)))
        tag = key.cipher(self.get(src))
        if self.rng.random() < 0.5:
            tag = tag[:self.rng.randrange(LEAST[key.algorithm], len(tag) + 1)]
        if dst[1]:
            self.put(dst, tag)
        first = struct.unpack('<QQ', tag[:16].ljust(16, b'\0'))
        return self.mac('mac', key, len(tag), src, dst, expect=(dst[1] and len(tag), *first))

    def op_mac_verify(self):
        src, key, tag, n = self.source('tagged')
        if self.rng.random() < 0.3:
            tag = tag[0], self.rng.randrange(LEAST[key.algorithm], tag[1] + 1)
        if n and self.rng.random() < 0.2:
            return self.mac('mac-verify', key, tag[1], (src[0], n - 1), None, tag,
                            expect=(0, n - 1, None), code='ERR_AUTH')
        return self.mac('mac-verify', key, tag[1], src, None, tag, expect=(0, n, None))

    def esp(self, name, key, spi, seq, ext, *operands, **kwargs):
        return Command(name, *operands, block=struct.pack('<IIQ', key.number, spi, seq), ext=ext,
                       **kwargs)

    def op_esp_seal(self):
        key = self.rng.choice([k for k in self.keys if k.algorithm in TUNNELS])
        n = self.length()
        src, dst = self.ranges(n, n + 64)
        if self.rng.random() < 0.3 and dst[0] % BLOCK + n + 64 <= BLOCK:
            src = dst[0] + self.rng.randrange(64), n
        spi, iv = self.rng.randrange(1, 2 ** 32), self.rng.randbytes(8)
        seq, flags = number_for(self.rng)
        packet = key.cipher.packet(spi, seq, flags, iv, self.get(src), n % 256)
        self.put(dst, packet)
        return self.esp('esp-seal', key, spi, seq, iv + bytes((flags, n % 256)), src, dst,
                        expect=(len(packet), None, None))

    def op_esp_open(self):
        src, key, (spi, seq, flags, next_header), payload = self.source('packet')
        dst, = self.ranges(len(payload) + self.rng.randrange(8))
        check = self.rng.random() < 0.5
        ext = bytes(8) + bytes((flags | (CHECK_SPI if check else 0),))
        said = spi << 32 | seq & 0xffffffff
        if len(payload) > 4 and self.rng.random() < 0.2:
            return self.esp('esp-open', key, spi if check else 0, seq & ~0xffffffff, ext,
                            (src[0], src[1] - 4), dst, expect=(0, None, said), code='ERR_AUTH')
        self.put(dst, payload)
        return self.esp('esp-open', key, spi if check else 0, seq & ~0xffffffff, ext, src, dst,
                        expect=(len(payload), next_header, said))
