# SPDX-License-Identifier: (GPL-2.0 OR Linux-OpenIB)

#cython: language_level=3

"""
axe direct verbs: accelerators as queues of an RDMA device.

An operand is a pyverbs SGE, or a tuple (address, length, lkey).
"""

from collections import namedtuple

from libc.stdint cimport uintptr_t
from libc.string cimport memcpy, memset

cimport pyverbs.providers.axe.axe_enums as dve
cimport pyverbs.providers.axe.libaxe as dv
cimport pyverbs.libibverbs as v

from pyverbs.cq cimport CQEX
from pyverbs.device cimport Context
from pyverbs.pd cimport PD
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.base import PyverbsRDMAErrno
from pyverbs.qp cimport QPEx, QPInitAttrEx
from pyverbs.wr cimport SGE


OpInfo = namedtuple('OpInfo', 'opcode name flags max_src max_dst formats min_level '
                              'max_level engines inline_max')
EngineInfo = namedtuple('EngineInfo', 'index name flags priority num_ops')


cdef int to_sge(object operand, v.ibv_sge *sge) except -1:
    if isinstance(operand, SGE):
        sge[0] = (<SGE>operand).sge[0]
    else:
        sge.addr, sge.length, sge.lkey = operand
    return 0


def is_supported(Context ctx not None):
    """
    Is this an axe device?
    :param ctx: A Context
    """
    return bool(dv.axedv_is_supported(ctx.context.device))


def code_str(code):
    """
    A sentence for an AXE_ERR code.
    """
    return dv.axedv_code_str(<dv.axe_code><int>code).decode()


cdef class AxeContext(Context):
    """
    The context of an axe device.
    """
    def query_ops(self):
        """
        What the device can do.
        :return: A list of OpInfo
        """
        cdef dv.axe_op_info ops[128]
        n = dv.axedv_query_ops(self.context, ops, 128)
        if n < 0:
            raise PyverbsRDMAError('Failed to query operations', -n)
        return [OpInfo(ops[i].opcode, (<bytes>ops[i].name).decode(), ops[i].flags,
                       ops[i].max_src, ops[i].max_dst, ops[i].formats,
                       ops[i].min_level, ops[i].max_level, ops[i].engines,
                       ops[i].inline_max) for i in range(min(n, 128))]

    def query_engines(self):
        """
        Who does it.
        :return: A list of EngineInfo
        """
        cdef dv.axe_engine_info engines[32]
        n = dv.axedv_query_engines(self.context, engines, 32)
        if n < 0:
            raise PyverbsRDMAError('Failed to query engines', -n)
        return [EngineInfo(engines[i].index, (<bytes>engines[i].name).decode(),
                           engines[i].flags, engines[i].priority,
                           engines[i].num_ops) for i in range(min(n, 32))]


cdef class AxeQPInitAttr(PyverbsObject):
    """
    How an accelerator queue works. What is not given is for the device to choose.
    """
    def __init__(self, mode=None, flags=None, lanes=None, poll_usecs=None, engine=None,
                 offload=None):
        """
        :param mode: Where commands run, AXE_QUEUE_*
        :param flags: AXE_QUEUE_UNORDERED or 0
        :param lanes: Most commands to run side by side
        :param poll_usecs: With AXE_QUEUE_POLL, how long to spin
        :param engine: Index of the engine to use
        :param offload: Whether commands go to an accelerator, AXE_OFFLOAD_*
        """
        super().__init__()
        memset(&self.attr, 0, sizeof(self.attr))
        if mode is not None:
            self.attr.mode = mode
            self.attr.comp_mask |= dve.AXEDV_QP_INIT_ATTR_MODE
        if flags is not None:
            self.attr.flags = flags
            self.attr.comp_mask |= dve.AXEDV_QP_INIT_ATTR_FLAGS
        if lanes is not None:
            self.attr.lanes = lanes
            self.attr.comp_mask |= dve.AXEDV_QP_INIT_ATTR_LANES
        if poll_usecs is not None:
            self.attr.poll_usecs = poll_usecs
            self.attr.comp_mask |= dve.AXEDV_QP_INIT_ATTR_POLL_USECS
        if engine is not None:
            self.attr.engine = engine
            self.attr.comp_mask |= dve.AXEDV_QP_INIT_ATTR_ENGINE
        if offload is not None:
            self.attr.offload = offload
            self.attr.comp_mask |= dve.AXEDV_QP_INIT_ATTR_OFFLOAD

    @property
    def comp_mask(self):
        return self.attr.comp_mask
    @comp_mask.setter
    def comp_mask(self, val):
        self.attr.comp_mask = val


cdef class AxeKey(PyverbsObject):
    """
    A key object, for operations that encrypt or authenticate. The protection domain
    cannot be closed before it.
    """
    def __init__(self, PD pd not None, algorithm, uses, bytes key not None):
        """
        :param pd: The PD whose queues may use it
        :param algorithm: AXE_KEY_AES_CBC and so on
        :param uses: A mask of AXE_KEY_ENCRYPT and so on
        :param key: Its bytes, which cannot be read back
        """
        super().__init__()
        self.key = dv.axedv_create_key(pd.pd, <dv.axe_key_algorithm><int>algorithm, uses,
                                       <char *>key, len(key))
        if self.key == NULL:
            raise PyverbsRDMAErrno('Failed to create a key')
        self.pd = pd

    def __dealloc__(self):
        self.close()

    cpdef close(self):
        if self.key == NULL:
            return
        ret = dv.axedv_destroy_key(self.key)
        if ret:
            raise PyverbsRDMAError('Failed to destroy a key', ret)
        self.key = NULL
        self.pd = None

    @property
    def number(self):
        """For wr_cmd()"""
        return dv.axedv_key_number(self.key)


cdef class AxeQP(QPEx):
    """
    An accelerator queue.
    """
    def __init__(self, Context ctx not None, QPInitAttrEx init_attr not None,
                 AxeQPInitAttr axe_attr=None):
        """
        :param ctx: Context of an axe device
        :param init_attr: qp_type IBV_QPT_DRIVER, with a PD and a send CQ
        :param axe_attr: How it works; None: as the device likes
        """
        cdef PD pd
        self.qp = dv.axedv_create_qp(ctx.context, &init_attr.attr,
                                     NULL if axe_attr is None else &axe_attr.attr)
        if self.qp == NULL:
            raise PyverbsRDMAErrno('Failed to create an accelerator queue')
        self.ctx = ctx
        self.context = ctx
        ctx.add_ref(self)
        if init_attr.pd is not None:
            pd = <PD>init_attr.pd
            pd.add_ref(self)
            self.pd = pd
        super().__init__(ctx, init_attr)
        self.ex = v.ibv_qp_to_qp_ex(self.qp)
        self.qp_ex = self.ex

    def _get_comp_mask(self, dst):
        return {'INIT': v.IBV_QP_PKEY_INDEX | v.IBV_QP_PORT, 'RTR': 0,
                'RTS': 0}[dst] | v.IBV_QP_STATE

    def wr_nop(self):
        dv.axedv_wr_nop(self.ex)

    def wr_copy(self, dst, src):
        cdef v.ibv_sge d, s
        to_sge(dst, &d)
        to_sge(src, &s)
        dv.axedv_wr_copy(self.ex, &d, &s)

    def wr_fill(self, dst, bytes pattern not None):
        cdef v.ibv_sge d
        to_sge(dst, &d)
        dv.axedv_wr_fill(self.ex, &d, <char *>pattern, len(pattern))

    def wr_compare(self, a, b):
        cdef v.ibv_sge sa, sb
        to_sge(a, &sa)
        to_sge(b, &sb)
        dv.axedv_wr_compare(self.ex, &sa, &sb)

    def wr_crc32(self, src, seed=0):
        cdef v.ibv_sge s
        to_sge(src, &s)
        dv.axedv_wr_crc32(self.ex, &s, seed)

    def wr_crc32c(self, src, seed=0):
        cdef v.ibv_sge s
        to_sge(src, &s)
        dv.axedv_wr_crc32c(self.ex, &s, seed)

    def wr_compress(self, dst, src, format=0, level=0, flags=0):
        cdef v.ibv_sge d, s
        to_sge(dst, &d)
        to_sge(src, &s)
        dv.axedv_wr_compress(self.ex, &d, &s, <dv.axe_deflate_format><int>format,
                             level, flags)

    def wr_decompress(self, dst, src, format=0, flags=0):
        cdef v.ibv_sge d, s
        to_sge(dst, &d)
        to_sge(src, &s)
        dv.axedv_wr_decompress(self.ex, &d, &s, <dv.axe_deflate_format><int>format,
                               flags)

    def wr_cmd(self, cmd, ext=None):
        """
        Any command as its bytes are.
        :param cmd: 64 bytes, struct axe_cmd
        :param ext: None, or the 64 bytes of its extension slot
        """
        cdef dv.axe_cmd c
        cdef dv.axe_cmd_ext e
        cdef const unsigned char[:] view = cmd
        if len(view) != sizeof(c) or (ext is not None and len(ext) != sizeof(e)):
            raise ValueError('A command and its extension have 64 bytes each')
        memcpy(&c, &view[0], sizeof(c))
        if ext is not None:
            view = ext
            memcpy(&e, &view[0], sizeof(e))
        dv.axedv_wr_cmd(self.ex, &c, NULL if ext is None else &e)

    def wr_set_result(self, key, address):
        """
        Have the result stored in memory, too.
        :param key: lkey of a memory region
        :param address: of 32 bytes, aligned to as many
        """
        dv.axedv_wr_set_result(self.ex, key, <dv.axe_result *><uintptr_t>address)


cdef class AxeCQ(CQEX):
    """
    An extended CQ, with what an axe device adds to the current completion.
    """
    def read_result(self, index):
        return dv.axedv_wc_read_result(self.cq, index)

    def read_code(self):
        return <int>dv.axedv_wc_read_code(self.cq)

    def read_op(self):
        return dv.axedv_wc_read_op(self.cq)

    def read_engine(self):
        return dv.axedv_wc_read_engine(self.cq)

    def is_fallback(self):
        return dv.axedv_wc_is_fallback(self.cq)
