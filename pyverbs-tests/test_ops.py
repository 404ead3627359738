# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Operations, against independent vectors."""

import gzip
import shutil
import struct
import subprocess
import unittest

import vectors
from base import AxeTestCase, a, e
from pyverbs.pyverbs_error import PyverbsRDMAError

FORMATS = {a.AXE_FORMAT_RAW: vectors.RAW, a.AXE_FORMAT_ZLIB: vectors.ZLIB,
           a.AXE_FORMAT_GZIP: vectors.GZIP}


class OpsTest(AxeTestCase):

    def operands(self, data, room=None):
        src = self.memory(data)
        dst = self.memory(len(data) if room is None else room)
        return self.rig.sge(src), self.rig.sge(dst), dst

    # One method an operation: a new one of the device needs a new one here.

    def check_nop(self, data):
        wc = self.done(self.rig.run('nop'))
        self.assertEqual(wc.byte_len, 0)

    def check_copy(self, data):
        src, dst, memory = self.operands(data)
        wc = self.done(self.rig.run('copy', dst, src))
        self.assertEqual(wc.byte_len, len(data))
        self.assertEqual(memory.read(), data)

    def check_fill(self, data):
        for size in range(1, 9):
            pattern = vectors.noise(size, len(data))
            memory = self.memory(len(data))
            self.done(self.rig.run('fill', self.rig.sge(memory), pattern))
            self.assertEqual(memory.read(), (pattern * (len(data) // size + 1))[:len(data)])

    def check_compare(self, data):
        x, y = self.memory(data), self.memory(data)
        wc = self.done(self.rig.run('compare', self.rig.sge(x), self.rig.sge(y)))
        self.assertEqual(wc.result[0], 2 ** 64 - 1)
        for at in {0, len(data) // 2, len(data) - 1} if data else ():
            y.write(bytes([data[at] ^ 1]), at)
            wc = self.done(self.rig.run('compare', self.rig.sge(x), self.rig.sge(y)))
            self.assertEqual(wc.result[0], at)
            y.write(data[at:at + 1], at)

    def check_crc32(self, data):
        src = self.rig.sge(self.memory(data))
        for seed in 0, 0x12345678:
            wc = self.done(self.rig.run('crc32', src, seed))
            self.assertEqual(wc.result[0], vectors.crc32(data, seed))

    def check_crc32c(self, data):
        src = self.rig.sge(self.memory(data))
        wc = self.done(self.rig.run('crc32c', src, 0x12345678))
        self.assertEqual(wc.result[0], vectors.crc32c(data, 0x12345678))

    def check_compress(self, data):
        src, dst, memory = self.operands(data, len(data) + 1000)
        for format, wbits in FORMATS.items():
            wc = self.done(self.rig.run('compress', dst, src, format, 1 + len(data) % 9))
            self.assertEqual(vectors.inflate(memory.read(wc.byte_len), wbits), data)
            self.assertEqual(wc.result, (vectors.checksum(data, wbits), len(data)))

    def check_decompress(self, data):
        for format, wbits in FORMATS.items():
            packed = vectors.deflate(data, wbits, len(data) % 10)
            src, dst, memory = self.operands(packed, len(data))
            wc = self.done(self.rig.run('decompress', dst, src, format))
            self.assertEqual(wc.byte_len, len(data))
            self.assertEqual(memory.read(), data)
            self.assertEqual(wc.result, (vectors.checksum(data, wbits), len(packed)))

    def test_operations_that_pyverbs_builds(self):
        """That each of the device's has a test, the layer ops sees."""
        checks = {name[len('check_'):]: getattr(self, name)
                  for name in vars(OpsTest) if name.startswith('check_')}
        ops = [op for op in self.rig.ctx.query_ops() if op.name in checks]
        self.assertEqual(len(ops), len(checks))
        for op in ops:
            check = checks[op.name]
            for length in vectors.LENGTHS:
                if op.name == 'crc32c' and length > 70000:
                    continue        # our table is slow
                with self.subTest(op=op.name, length=length):
                    check(vectors.text(length, length))

    # What the operations promise beside that.

    def test_crc32_known_values(self):
        for data, crc in vectors.CRC32_KNOWN:
            self.assertEqual(vectors.crc32(data), crc)
            wc = self.done(self.rig.run('crc32', self.rig.sge(self.memory(data))))
            self.assertEqual(wc.result[0], crc)

    def test_crc32c_known_values(self):
        for data, crc in vectors.CRC32C_KNOWN:
            self.assertEqual(vectors.crc32c(data), crc)
            wc = self.done(self.rig.run('crc32c', self.rig.sge(self.memory(data))))
            self.assertEqual(wc.result[0], crc)

    def test_gzip_module_reads_what_is_compressed(self):
        data = vectors.text(200000)
        src, dst, memory = self.operands(data, 250000)
        wc = self.done(self.rig.run('compress', dst, src, a.AXE_FORMAT_GZIP, 9))
        self.assertEqual(gzip.decompress(memory.read(wc.byte_len)), data)

    def test_pieces_form_one_gzip_member(self):
        data = vectors.text(500000, 3)
        pieces = [data[i:i + 70001] for i in range(0, len(data), 70001)]
        out = [b'\x1f\x8b\x08\0\0\0\0\0\0\x03']
        for i, piece in enumerate(pieces):
            src, dst, memory = self.operands(piece, len(piece) + 1000)
            flags = 0 if i == len(pieces) - 1 else a.AXE_DEFLATE_NO_FINAL
            wc = self.done(self.rig.run('compress', dst, src, a.AXE_FORMAT_RAW, 6, flags))
            out.append(memory.read(wc.byte_len))
        out.append(struct.pack('<II', vectors.crc32(data), len(data)))
        self.assertEqual(vectors.inflate(b''.join(out), vectors.GZIP), data)

    def test_decompress_what_other_programs_write(self):
        data = vectors.text(300000, 5)
        for program in (['gzip', '-c', '-9'], ['pigz', '-c'], ['pigz', '-c', '-i'], ['bgzip', '-c']):
            if not shutil.which(program[0]):
                continue
            with self.subTest(program=' '.join(program)):
                packed = subprocess.run(program, input=data, stdout=subprocess.PIPE,
                                        check=True).stdout
                self.assertEqual(gzip.decompress(packed), data)
                src, dst = self.memory(packed), self.memory(len(data))
                at = done = 0
                # Member by member.
                while at < len(packed):
                    wc = self.done(self.rig.run(
                        'decompress', self.rig.sge(dst, offset=done),
                        self.rig.sge(src, offset=at), a.AXE_FORMAT_GZIP))
                    at += wc.result[1]
                    done += wc.byte_len
                self.assertEqual(dst.read(done), data)

    def test_decompress_stream(self):
        data = vectors.text(200000, 6)
        packed = vectors.deflate(data, vectors.GZIP)
        src, dst = self.memory(packed), self.memory(len(data))
        at = done = step = 0
        flags = a.AXE_DEFLATE_STREAM | a.AXE_DEFLATE_RESTART
        while True:
            step += 1
            wc = self.rig.run(
                'decompress',
                self.rig.sge(dst, min(step * 911 % 30011, len(data) - done), done),
                self.rig.sge(src, min(step * 37 % 4001, len(packed) - at), at),
                a.AXE_FORMAT_GZIP, flags)
            flags = a.AXE_DEFLATE_STREAM
            at += wc.result[1]
            done += wc.byte_len
            if wc.code != a.AXE_INFO_MORE:
                break
            self.assertLess(step, 10000)
        self.done(wc)
        self.assertEqual((at, done), (len(packed), len(data)))
        self.assertEqual(dst.read(), data)

    def test_bad_input(self):
        data = vectors.text(5000, 7)
        packed = vectors.deflate(data, vectors.GZIP)
        broken = bytearray(packed)
        broken[-6] ^= 1
        cases = (
            (packed[:-1], a.AXE_ERR_TRUNCATED), (packed[:100], a.AXE_ERR_TRUNCATED),
            (packed[:3], a.AXE_ERR_TRUNCATED), (b'', a.AXE_ERR_TRUNCATED),
            (bytes(broken), a.AXE_ERR_CHECKSUM), (b'PK\3\4' + packed, a.AXE_ERR_DATA),
            (packed[:10] + b'\x07' + packed[11:], a.AXE_ERR_DATA),
        )
        for bad, code in cases:
            src, dst, _ = self.operands(bad, len(data))
            self.check_code(self.rig.run('decompress', dst, src, a.AXE_FORMAT_GZIP), code)
        src, dst, _ = self.operands(packed, len(data) - 1)
        self.check_code(self.rig.run('decompress', dst, src, a.AXE_FORMAT_GZIP), a.AXE_ERR_FULL)
        src, dst, _ = self.operands(data, 20)
        self.check_code(self.rig.run('compress', dst, src), a.AXE_ERR_FULL)
        self.check_queue_works()

    def test_flipped_bits_are_noticed(self):
        """Any bit of a gzip member: an error, or the same data (unused header bits)."""
        data = vectors.text(100, 8)
        packed = vectors.deflate(data, vectors.GZIP)
        for bit in range(len(packed) * 8):
            broken = bytearray(packed)
            broken[bit // 8] ^= 1 << bit % 8
            src, dst, memory = self.operands(bytes(broken), 400)
            wc = self.rig.run('decompress', dst, src, a.AXE_FORMAT_GZIP)
            try:
                plain = vectors.inflate(bytes(broken), vectors.GZIP)
            except Exception:
                plain = None
            if wc.code == a.AXE_OK:
                self.assertEqual(memory.read(wc.byte_len), plain, f'bit {bit}')
            else:
                self.assertIsNone(plain, f'bit {bit}: code {wc.code}')

    def test_overlap(self):
        data = vectors.noise(300000, 9)
        for distance in 1, 100, 4096, 70000:
            for up in True, False:
                memory = self.memory(data + bytes(70000))
                first, second = self.rig.sge(memory, 200000), self.rig.sge(memory, 200000, distance)
                model = bytearray(memory.read())
                if up:
                    model[distance:distance + 200000] = model[:200000]
                    self.done(self.rig.run('copy', second, first))
                else:
                    model[:200000] = model[distance:distance + 200000]
                    self.done(self.rig.run('copy', first, second))
                self.assertEqual(memory.read(), model)
                self.check_code(self.rig.run('compress', second, first), a.AXE_ERR_OVERLAP)

    def test_what_makes_no_sense(self):
        data = self.rig.sge(self.memory(100))
        command = lambda opcode, flags=0, ext=0, block=b'': struct.pack(
            '<HBBIQ32s16s', opcode, ext, 0, flags, 0, b'', block)
        for cmd, code in (
                (command(a.AXE_OP_MAX), a.AXE_ERR_OPCODE),
                (command(0xffff), a.AXE_ERR_OPCODE),
                (command(a.AXE_OP_NOP, flags=1 << 20), a.AXE_ERR_RESERVED),
                (command(a.AXE_OP_NOP, block=b'\0\0\1'), a.AXE_ERR_RESERVED),
                (command(a.AXE_OP_FILL, block=b'\0' * 8 + b'\x09'), a.AXE_ERR_PARAM)):
            self.check_code(self.rig.run('cmd', cmd), code)
        self.check_code(self.rig.run('compress', data, self.rig.sge(self.memory(10)), 3),
                        a.AXE_ERR_PARAM)
        self.check_code(self.rig.run('copy', data, self.rig.sge(self.memory(10))),
                        a.AXE_ERR_LENGTH)
        with self.assertRaises(PyverbsRDMAError):
            self.rig.post('fill', data, b'123456789')
        self.check_queue_works()

    def test_result_record(self):
        record, data = self.memory(4096), self.memory(b'123456789')
        wc = self.done(self.rig.run('crc32c', self.rig.sge(data), record=record.addr))
        result0, result1, wr_id, length, code, status, valid = struct.unpack(
            '<QQQIHBB', record.read(32))
        self.assertEqual((result0, valid, code, status), (0xe3069283, 1, a.AXE_OK, 0))
        self.assertEqual((wr_id, length, result1), (wc.wr_id, wc.byte_len, wc.result[1]))

    def test_link(self):
        data = self.rig.sge(self.memory(64))
        bad = (4096, 8, 0x77777)
        link = e.IBV_SEND_SIGNALED | (1 << 31)
        self.assertEqual(a.AXEDV_SEND_LINK & 0xffffffff, 1 << 31)
        self.rig.post('crc32', data, wr_id=1)
        self.rig.post('crc32', bad, wr_id=2, flags=link)
        self.rig.post('nop', wr_id=3, flags=link)
        self.rig.post('nop', wr_id=4)
        for wr_id, code in ((1, a.AXE_OK), (2, a.AXE_ERR_KEY), (3, a.AXE_ERR_LINKED),
                            (4, a.AXE_OK)):
            wc = self.rig.wait()
            self.assertEqual(wc.wr_id, wr_id)
            self.check_code(wc, code)


class OpsOnWorkersTest(OpsTest):
    how = {'mode': a.AXE_QUEUE_WORKER}


class QueryTest(AxeTestCase):

    def test_operations(self):
        ops = {op.name: op for op in self.rig.ctx.query_ops()}
        self.assertEqual(len(ops), a.AXE_OP_MAX)
        self.assertEqual(ops['compress'].formats, 0b111)
        self.assertEqual((ops['compress'].min_level, ops['compress'].max_level), (1, 9))
        self.assertTrue(ops['copy'].flags & a.AXE_OP_CAN_OVERLAP)
        self.assertTrue(ops['decompress'].flags & a.AXE_OP_CAN_STREAM)

    def test_engines(self):
        engines = self.rig.ctx.query_engines()
        self.assertTrue(engines)
        wc = self.done(self.rig.run('nop'))
        self.assertIn(wc.engine, [engine.index for engine in engines])


if __name__ == '__main__':
    unittest.main()
