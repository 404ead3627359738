# SPDX-License-Identifier: (GPL-2.0 OR Linux-OpenIB)

#cython: language_level=3

cimport pyverbs.providers.axe.libaxe as dv
cimport pyverbs.libibverbs as v

from pyverbs.base cimport PyverbsObject
from pyverbs.cq cimport CQEX
from pyverbs.device cimport Context
from pyverbs.qp cimport QPEx


cdef class AxeContext(Context):
    pass


cdef class AxeQPInitAttr(PyverbsObject):
    cdef dv.axedv_qp_init_attr attr


cdef class AxeKey(PyverbsObject):
    cdef object pd
    cdef dv.axedv_key *key
    cpdef close(self)


cdef class AxeQP(QPEx):
    cdef object ctx
    cdef v.ibv_qp_ex *ex


cdef class AxeCQ(CQEX):
    pass
