# SPDX-License-Identifier: (GPL-2.0 OR Linux-OpenIB)

#cython: language_level=3

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libcpp cimport bool
cimport pyverbs.libibverbs as v


cdef extern from 'infiniband/axedv.h':

    cdef struct axedv_qp_init_attr:
        uint64_t comp_mask
        uint8_t mode
        uint8_t flags
        uint16_t lanes
        uint32_t poll_usecs
        uint32_t engine
        uint8_t offload

    cdef struct axe_buf:
        uint64_t addr
        uint32_t length
        uint32_t key

    cdef struct axe_cmd:
        uint8_t ext

    cdef struct axe_cmd_ext:
        axe_buf result

    cdef struct axe_result:
        uint8_t valid

    cdef struct axe_op_info:
        uint16_t opcode
        uint16_t flags
        uint32_t max_src
        uint32_t max_dst
        uint32_t formats
        uint8_t min_level
        uint8_t max_level
        uint32_t engines
        uint32_t inline_max
        char name[16]

    cdef struct axe_engine_info:
        uint32_t index
        uint32_t flags
        int32_t priority
        uint32_t num_ops
        char name[16]

    cdef enum axe_deflate_format:
        pass

    cdef enum axe_code:
        pass

    cdef struct axedv_key:
        pass

    cdef enum axe_key_algorithm:
        pass

    bool axedv_is_supported(v.ibv_device *device)
    v.ibv_qp *axedv_create_qp(v.ibv_context *context, v.ibv_qp_init_attr_ex *attr,
                              const axedv_qp_init_attr *axe_attr)

    axedv_key *axedv_create_key(v.ibv_pd *pd, axe_key_algorithm algorithm, uint32_t uses,
                                const void *bytes, size_t length)
    int axedv_destroy_key(axedv_key *key)
    uint32_t axedv_key_number(const axedv_key *key)

    void axedv_wr_nop(v.ibv_qp_ex *qp)
    void axedv_wr_copy(v.ibv_qp_ex *qp, const v.ibv_sge *dst, const v.ibv_sge *src)
    void axedv_wr_fill(v.ibv_qp_ex *qp, const v.ibv_sge *dst, const void *pattern,
                       size_t pattern_len)
    void axedv_wr_compare(v.ibv_qp_ex *qp, const v.ibv_sge *a, const v.ibv_sge *b)
    void axedv_wr_crc32(v.ibv_qp_ex *qp, const v.ibv_sge *src, uint32_t seed)
    void axedv_wr_crc32c(v.ibv_qp_ex *qp, const v.ibv_sge *src, uint32_t seed)
    void axedv_wr_compress(v.ibv_qp_ex *qp, const v.ibv_sge *dst, const v.ibv_sge *src,
                           axe_deflate_format format, int level, uint32_t flags)
    void axedv_wr_decompress(v.ibv_qp_ex *qp, const v.ibv_sge *dst, const v.ibv_sge *src,
                             axe_deflate_format format, uint32_t flags)
    void axedv_wr_cmd(v.ibv_qp_ex *qp, const axe_cmd *cmd, const axe_cmd_ext *ext)
    void axedv_wr_set_result(v.ibv_qp_ex *qp, uint32_t key, axe_result *record)

    uint64_t axedv_wc_read_result(v.ibv_cq_ex *cq, unsigned int index)
    axe_code axedv_wc_read_code(v.ibv_cq_ex *cq)
    int axedv_wc_read_op(v.ibv_cq_ex *cq)
    unsigned int axedv_wc_read_engine(v.ibv_cq_ex *cq)
    bool axedv_wc_is_fallback(v.ibv_cq_ex *cq)

    const char *axedv_code_str(axe_code code)
    int axedv_query_ops(v.ibv_context *context, axe_op_info *ops, unsigned int max)
    int axedv_query_engines(v.ibv_context *context, axe_engine_info *engines,
                            unsigned int max)
