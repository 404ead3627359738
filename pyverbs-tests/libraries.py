# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Other people's code, which models ask: OpenSSL, liblz4, libzstd, through ctypes."""

import ctypes

TAG = 16        # bytes of a tag of authenticated encryption

# Of openssl/evp.h
SET_IVLEN, GET_TAG, SET_TAG = 0x09, 0x10, 0x11


def load(name, **functions):
    """A library whose functions return what is said of them, an int if nothing is."""
    library = ctypes.CDLL(name)
    for function, kind in functions.items():
        getattr(library, function).restype = kind
    return library


ssl = load('libcrypto.so.3', EVP_CIPHER_fetch=ctypes.c_void_p, EVP_CIPHER_CTX_new=ctypes.c_void_p)
lz4 = load('liblz4.so.1', LZ4F_compressFrame=ctypes.c_size_t, LZ4F_decompress=ctypes.c_size_t,
           LZ4F_compressFrameBound=ctypes.c_size_t)
zstd = load('libzstd.so.1', ZSTD_compress=ctypes.c_size_t, ZSTD_decompress=ctypes.c_size_t,
            ZSTD_compressBound=ctypes.c_size_t)


class Error(Exception):
    pass


class Cipher:
    """One of OpenSSL's, with a key. It may not have all: ciphers_has() tells."""

    fetched = {}

    @classmethod
    def fetch(cls, name):
        if name not in cls.fetched:
            pointer = ssl.EVP_CIPHER_fetch(None, name.encode(), None)
            cls.fetched[name] = ctypes.c_void_p(pointer) if pointer else None
        return cls.fetched[name]

    def __init__(self, name, key):
        self.cipher, self.key = self.fetch(name), key
        if not self.cipher:
            raise Error(f'OpenSSL has no {name}')
        self.ccm = name.endswith('CCM')
        self.context = ctypes.c_void_p(ssl.EVP_CIPHER_CTX_new())

    def must(self, result):
        if result != 1:
            raise Error('OpenSSL does not do it')

    def control(self, what, number, pointer=None):
        self.must(ssl.EVP_CIPHER_CTX_ctrl(self.context, what, number, pointer))

    def update(self, out, data):
        n = ctypes.c_int()
        self.must(ssl.EVP_CipherUpdate(self.context, out, ctypes.byref(n), data, len(data)))
        return n.value

    def finish(self, out, n):
        more = ctypes.c_int()
        self.must(ssl.EVP_CipherFinal_ex(self.context, ctypes.byref(out, n), ctypes.byref(more)))
        return out.raw[:n + more.value]

    def crypt(self, iv, data, encrypt=True):
        """Whole blocks, without padding."""
        self.must(ssl.EVP_CipherInit_ex(self.context, self.cipher, None, self.key, iv,
                                        int(encrypt)))
        ssl.EVP_CIPHER_CTX_set_padding(self.context, 0)
        out = ctypes.create_string_buffer(len(data) + 32)
        return self.finish(out, self.update(out, data))

    def seal(self, nonce, data, extra):
        """Encrypted, and its tag behind it."""
        self.must(ssl.EVP_CipherInit_ex(self.context, self.cipher, None, None, None, 1))
        self.control(SET_IVLEN, len(nonce))
        if self.ccm:
            self.control(SET_TAG, TAG)
        self.must(ssl.EVP_CipherInit_ex(self.context, None, None, self.key, nonce, 1))
        if self.ccm:    # wants to know before
            n = ctypes.c_int()
            self.must(ssl.EVP_CipherUpdate(self.context, None, ctypes.byref(n), None, len(data)))
        if extra:
            self.update(None, extra)
        out = ctypes.create_string_buffer(len(data) + 32)
        sealed = self.finish(out, self.update(out, data))
        tag = ctypes.create_string_buffer(TAG)
        self.control(GET_TAG, TAG, tag)
        return sealed + tag.raw


def ciphers_has(name):
    return bool(Cipher.fetch(name))


def lz4_block(data):
    out = ctypes.create_string_buffer(len(data) * 2 + 64)
    n = lz4.LZ4_compress_default(data, out, len(data), len(out))
    return out.raw[:n]


def lz4_unblock(packed, length):
    out = ctypes.create_string_buffer(length + 1)
    n = lz4.LZ4_decompress_safe(packed, out, len(packed), len(out))
    return out.raw[:n] if n >= 0 else None


class Preferences(ctypes.Structure):
    """LZ4F_preferences_t"""
    _fields_ = [('block_size', ctypes.c_int), ('independent', ctypes.c_int),
                ('checksum', ctypes.c_int), ('kind', ctypes.c_int),
                ('content_size', ctypes.c_ulonglong), ('dictionary', ctypes.c_uint),
                ('block_checksum', ctypes.c_int), ('level', ctypes.c_int),
                ('flush', ctypes.c_uint), ('fast', ctypes.c_uint),
                ('reserved', ctypes.c_uint * 3)]


def lz4_frame(data, **preferences):
    how = Preferences(**preferences)
    room = lz4.LZ4F_compressFrameBound(ctypes.c_size_t(len(data)), ctypes.byref(how))
    out = ctypes.create_string_buffer(room)
    n = lz4.LZ4F_compressFrame(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)),
                               ctypes.byref(how))
    return out.raw[:n]


def lz4_unframe(packed, length):
    """All of one frame, and nothing behind it; else None."""
    context = ctypes.c_void_p()
    if lz4.LZ4F_createDecompressionContext(ctypes.byref(context), 100):
        raise MemoryError
    out = ctypes.create_string_buffer(length + 1)
    done, taken = ctypes.c_size_t(len(out)), ctypes.c_size_t(len(packed))
    left = lz4.LZ4F_decompress(context, out, ctypes.byref(done), packed, ctypes.byref(taken), None)
    lz4.LZ4F_freeDecompressionContext(context)
    return out.raw[:done.value] if left == 0 and taken.value == len(packed) else None


def zstd_frame(data, level):
    room = zstd.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(room)
    n = zstd.ZSTD_compress(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), level)
    return out.raw[:n]


def zstd_unframe(packed, length):
    out = ctypes.create_string_buffer(length + 1)
    n = zstd.ZSTD_decompress(out, ctypes.c_size_t(len(out)), packed, ctypes.c_size_t(len(packed)))
    return None if zstd.ZSTD_isError(ctypes.c_size_t(n)) else out.raw[:n]
