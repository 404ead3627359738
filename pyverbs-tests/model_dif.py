# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The model's protection information of blocks, after T10's SBC-4."""

import collections
import struct

from arena import BLOCK, Arena, Command
from model_sum import crc16_t10

TUPLE = 8
CHECK_GUARD, CHECK_APP, CHECK_REF, GUARD_IP, KEEP_GUARD, KEEP_REF = (1 << i for i in range(6))

How = collections.namedtuple('How', 'size type flags ref app mask')
Made = collections.namedtuple('Made', 'data tuples how')   # places, tuples None: in the data


def internet_checksum(data):
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def guard(data, flags):
    return internet_checksum(data) if flags & GUARD_IP else crc16_t10(data)


def ref_of(how, i):
    return how.ref if how.type == 3 else how.ref + i & 0xffffffff


def new_tuple(data, how, i):
    return struct.pack('>HHI', guard(data, how.flags), how.app, ref_of(how, i))


class Wrong(Exception):
    pass


def is_checked(how, fields):
    return fields[1] != 0xffff or how.type == 3 and fields[2] != 0xffffffff


def check_block(data, fields, how, i):
    """Raises what is wrong: a code, what was expected, what was found."""
    if how.flags & CHECK_GUARD and guard(data, how.flags) != fields[0]:
        raise Wrong('ERR_DIF_GUARD', guard(data, how.flags), fields[0])
    if how.flags & CHECK_APP and (how.app ^ fields[1]) & how.mask:
        raise Wrong('ERR_DIF_APP', how.app & how.mask, fields[1] & how.mask)
    if how.flags & CHECK_REF and ref_of(how, i) != fields[2]:
        raise Wrong('ERR_DIF_REF', ref_of(how, i), fields[2])


class Protecting(Arena):
    made = None         # blocks that were protected once

    def dif_block(self, how):
        return struct.pack('<HBBIHH', how.size, how.type, how.flags, how.ref, how.app, how.mask)

    def dif_new(self):
        """How many blocks, of what kind."""
        size = self.rng.choice((512, 512, 520, 4096, 4104))
        num = self.rng.randrange(5) if size < 1000 else self.rng.randrange(2)
        ref = self.rng.choice((self.rng.getrandbits(32), 0xffffffff))
        app = self.rng.choice((self.rng.getrandbits(16), 0xffff))
        return num, How(size, self.rng.randrange(1, 4), self.rng.choice((0, GUARD_IP)), ref, app, 0)

    def dif_insert(self, apart):
        num, how = self.dif_new()
        src, dst, aux = self.ranges(num * how.size, num * (how.size + TUPLE), num * TUPLE)
        data, tuples = self.get(src), b''
        blocks = [data[i:i + how.size] for i in range(0, len(data), how.size)]
        tuples = [new_tuple(block, how, i) for i, block in enumerate(blocks)]
        if apart:
            self.put(aux, b''.join(tuples))
            self.made = Made(src, aux, how)
        else:
            self.put(dst, b''.join(map(b''.join, zip(blocks, tuples))))
            self.made = Made(dst, None, how)
        return num, how, src, aux if apart else dst

    def op_dif_insert(self):
        num, how, src, dst = self.dif_insert(apart=False)
        return Command('dif-insert', src, dst, block=self.dif_block(how),
                       expect=(dst[1], num, 0))

    def op_dix_insert(self):
        num, how, src, aux = self.dif_insert(apart=True)
        return Command('dix-insert', src, aux=aux, block=self.dif_block(how),
                       expect=(aux[1], num, 0))

    def dif_checks(self, how):
        """What to check of blocks that were made so, and now and then are not expected so."""
        flags = how.flags | self.rng.randrange(8)
        if how.type == 3:
            flags &= ~CHECK_REF
        mask = self.rng.getrandbits(16) if flags & CHECK_APP else 0
        kind = self.rng.randrange(20)
        return how._replace(flags=flags, mask=mask, ref=how.ref + (kind == 0) & 0xffffffff,
                            app=how.app ^ (kind == 1))

    def dif_blocks(self, made):
        """Pairs of data and the fields of its tuple."""
        step = made.how.size + (0 if made.tuples else TUPLE)
        data, pairs = self.get(made.data), []
        for i in range(len(data) // step):
            at = i * step
            fields = (self.get((made.tuples[0] + i * TUPLE, TUPLE)) if made.tuples
                      else data[at + made.how.size:at + step])
            pairs.append((data[at:at + made.how.size], struct.unpack('>HHI', fields)))
        return pairs

    def dif_verify(self, apart):
        """How, and what comes of it."""
        if not self.made or bool(self.made.tuples) != apart:
            return None
        how, escaped = self.dif_checks(self.made.how), 0
        pairs = self.dif_blocks(self.made)
        for i, (data, fields) in enumerate(pairs):
            if not is_checked(how, fields):
                escaped += 1
                continue
            try:
                check_block(data, fields, how, i)
            except Wrong as wrong:
                code, expected, found = wrong.args
                return how, {'code': code, 'expect': (None, i, expected << 32 | found)}
        return how, {'expect': (0, len(pairs), escaped)}

    def op_dif_verify(self):
        found = self.dif_verify(apart=False)
        return found and Command('dif-verify', self.made.data, block=self.dif_block(found[0]),
                                 **found[1])

    def op_dix_verify(self):
        found = self.dif_verify(apart=True)
        return found and Command('dix-verify', self.made.data, aux=self.made.tuples,
                                 block=self.dif_block(found[0]), **found[1])

    def op_dif_strip(self):
        found = self.dif_verify(apart=False)
        if not found or 'code' in found[1]:     # what it has written then is of no use
            return None
        how, kwargs = found
        data = b''.join(data for data, _ in self.dif_blocks(self.made))
        dst = self.apart(len(data), self.made.data)
        self.put(dst, data)
        kwargs['expect'] = (len(data), *kwargs['expect'][1:])
        return Command('dif-strip', self.made.data, dst, block=self.dif_block(how), **kwargs)

    def dif_renew(self, how):
        """For an update: new flags, type, tags."""
        flags = self.rng.choice((0, GUARD_IP, how.flags & GUARD_IP | KEEP_GUARD))
        return How(0, self.rng.randrange(1, 4), flags | self.rng.choice((0, KEEP_REF)),
                   self.rng.getrandbits(32), self.rng.getrandbits(16), self.rng.getrandbits(16))

    def op_dif_update(self):
        found = self.dif_verify(apart=False)
        if not found or 'code' in found[1]:
            return None
        how, kwargs = found
        to, out = self.dif_renew(how), b''
        for i, (data, (old_guard, app, ref)) in enumerate(self.dif_blocks(self.made)):
            if is_checked(how, (old_guard, app, ref)):
                app = app & ~to.mask | to.app & to.mask
                if not to.flags & KEEP_GUARD:
                    old_guard = guard(data, to.flags)
                if not to.flags & KEEP_REF:
                    ref = ref_of(to, i)
            out += data + struct.pack('>HHI', old_guard, app, ref)
        src = self.made.data
        dst = src if self.rng.random() < 0.3 else self.apart(len(out), src)
        self.put(dst, out)
        kwargs['expect'] = (len(out), *kwargs['expect'][1:])
        return Command('dif-update', src, dst, block=self.dif_block(how),
                       ext=struct.pack('<2xBBIHH', *to[1:]), **kwargs)
