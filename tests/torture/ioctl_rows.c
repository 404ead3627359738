// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The fuzzer's table: what a process may ask of a device file. */

#include "ioctl_fuzz.h"

/* Part, and place in it. */
#define OF(s, f)	offsetof(struct s, f), sizeof(((struct s *)0)->f)

/* A field of a command; a handle or key in it; of its answer; of the driver's part. */
#define IN(s, f, type, usual)	{ #f, CORE, OF(s, f), type, NOTHING, false, usual }
#define REF(s, f, type, class)	{ #f, CORE, OF(s, f), type, class, false, 0 }
#define ANS(s, f, type)		{ #f, CORE, OF(s, f), type, NOTHING, false, 0 }
#define DRV(s, f, type, usual)	{ "uhw." #f, UHW, OF(s, f), type, NOTHING, false, usual }

/* An attribute of a number, of an object, of one that is made, of an answer. */
#define NUM(attr, size, type, usual)	{ #attr, UVERBS_ATTR_##attr, 0, size, type, NOTHING, \
					  false, usual }
#define OBJ(attr, class)	{ #attr, UVERBS_ATTR_##attr, 0, 8, HANDLE, class, false, 0 }
#define OPT(attr, class)	{ #attr, UVERBS_ATTR_##attr, 0, 8, HANDLE, class, true, 0 }
#define NEW(attr)		{ #attr, UVERBS_ATTR_##attr, 0, 8, OUT_HANDLE, NOTHING, false, 0 }
#define ROOM(attr, size)	{ #attr, UVERBS_ATTR_##attr, 0, size, OUT, NOTHING, false, 0 }
#define FILL(attr, size, type)	{ #attr, UVERBS_ATTR_##attr, 0, size, type, NOTHING, false, 0 }
/* A field of an attribute that is a structure; likewise of the driver's two. */
#define SUB(attr, s, f, type, class, usual) \
	{ #attr "." #f, UVERBS_ATTR_##attr, OF(s, f), type, class, false, usual }
#define UIN(s, f, type, usual)	\
	{ "uhw." #f, UVERBS_ATTR_UHW_IN, OF(s, f), type, NOTHING, false, usual }
#define UOUT(s, f, type)	{ "uhw." #f, UVERBS_ATTR_UHW_OUT, OF(s, f), type, NOTHING, false, 0 }
/* Something for us to know: a number, an object. */
#define KNOW(name, type, usual)	{ name, PSEUDO, 0, 8, type, NOTHING, false, usual }
#define WHICH(name, class)	{ name, PSEUDO, 0, 8, HANDLE, class, false, 0 }

#define FIELDS(name, ...)	static const struct field name##_fields[] = { __VA_ARGS__ }

/*---- commands ----*/

FIELDS(context, DRV(axe_alloc_ucontext_req, ring_version, VALUE, AXE_RING_VERSION),
	DRV(axe_alloc_ucontext_req, comp_mask, VALUE, 0),
	ANS(ib_uverbs_get_context_resp, async_fd, OUT_HANDLE));
FIELDS(query_port, IN(ib_uverbs_query_port, port_num, VALUE, 1));
FIELDS(query_device_ex, IN(ib_uverbs_ex_query_device, comp_mask, VALUE, 0),
	IN(ib_uverbs_ex_query_device, reserved, VALUE, 0));
FIELDS(alloc_pd, ANS(ib_uverbs_alloc_pd_resp, pd_handle, OUT_HANDLE));
FIELDS(dealloc_pd, REF(ib_uverbs_dealloc_pd, pd_handle, HANDLE, PD));
FIELDS(open_xrcd, IN(ib_uverbs_open_xrcd, fd, VALUE, 63),
	IN(ib_uverbs_open_xrcd, oflags, VALUE, 0100),
	ANS(ib_uverbs_open_xrcd_resp, xrcd_handle, OUT_HANDLE));
FIELDS(close_xrcd, REF(ib_uverbs_close_xrcd, xrcd_handle, HANDLE, XRCD));
FIELDS(reg_mr, IN(ib_uverbs_reg_mr, start, ADDR, 0),
	IN(ib_uverbs_reg_mr, length, VALUE, 0x10000),
	IN(ib_uverbs_reg_mr, hca_va, ADDR, 0),
	REF(ib_uverbs_reg_mr, pd_handle, HANDLE, PD),
	IN(ib_uverbs_reg_mr, access_flags, VALUE, 7),
	ANS(ib_uverbs_reg_mr_resp, mr_handle, OUT_HANDLE),
	ANS(ib_uverbs_reg_mr_resp, lkey, OUT_KEY));
FIELDS(rereg_mr, REF(ib_uverbs_rereg_mr, mr_handle, HANDLE, MR),
	IN(ib_uverbs_rereg_mr, flags, VALUE, 1),
	IN(ib_uverbs_rereg_mr, start, ADDR, 0),
	IN(ib_uverbs_rereg_mr, length, VALUE, 0x8000),
	IN(ib_uverbs_rereg_mr, hca_va, ADDR, 0),
	REF(ib_uverbs_rereg_mr, pd_handle, HANDLE, PD),
	IN(ib_uverbs_rereg_mr, access_flags, VALUE, 7));
FIELDS(dereg_mr, REF(ib_uverbs_dereg_mr, mr_handle, HANDLE, MR));
FIELDS(alloc_mw, REF(ib_uverbs_alloc_mw, pd_handle, HANDLE, PD),
	IN(ib_uverbs_alloc_mw, mw_type, VALUE, 1),
	ANS(ib_uverbs_alloc_mw_resp, mw_handle, OUT_HANDLE),
	ANS(ib_uverbs_alloc_mw_resp, rkey, OUT_KEY));
FIELDS(dealloc_mw, REF(ib_uverbs_dealloc_mw, mw_handle, HANDLE, MW));
FIELDS(create_channel, ANS(ib_uverbs_create_comp_channel_resp, fd, OUT_HANDLE));

/* An optional completion channel: 0 is none, as -1 says to the kernel. */
#define CQ_CHANNEL(s)	{ "comp_channel", CORE, OF(s, comp_channel), HANDLE, CHANNEL, true, 0 }
#define CQ_ANSWER(part)	part(axe_create_cq_resp, mmap_offset, OUT_OFFSET), \
			part(axe_create_cq_resp, mmap_length, OUT_LENGTH)
#define DANS(s, f, type)	DRV(s, f, type, 0)

FIELDS(create_cq, IN(ib_uverbs_create_cq, cqe, SIZE, 16),
	IN(ib_uverbs_create_cq, comp_vector, VALUE, 0),
	CQ_CHANNEL(ib_uverbs_create_cq),
	DRV(axe_create_cq_req, flags, VALUE, 0), DRV(axe_create_cq_req, comp_mask, VALUE, 0),
	ANS(ib_uverbs_create_cq_resp, cq_handle, OUT_HANDLE), CQ_ANSWER(DANS));
FIELDS(create_cq_ex, IN(ib_uverbs_ex_create_cq, cqe, SIZE, 16),
	IN(ib_uverbs_ex_create_cq, comp_vector, VALUE, 0),
	CQ_CHANNEL(ib_uverbs_ex_create_cq),
	IN(ib_uverbs_ex_create_cq, comp_mask, VALUE, 0),
	IN(ib_uverbs_ex_create_cq, flags, VALUE, 0),
	DRV(axe_create_cq_req, flags, VALUE, 0), DRV(axe_create_cq_req, comp_mask, VALUE, 0),
	ANS(ib_uverbs_ex_create_cq_resp, base.cq_handle, OUT_HANDLE), CQ_ANSWER(DANS));
FIELDS(resize_cq, REF(ib_uverbs_resize_cq, cq_handle, HANDLE, CQ),
	IN(ib_uverbs_resize_cq, cqe, SIZE, 64), CQ_ANSWER(DANS));
FIELDS(modify_cq, REF(ib_uverbs_ex_modify_cq, cq_handle, HANDLE, CQ),
	IN(ib_uverbs_ex_modify_cq, attr_mask, VALUE, 1),
	IN(ib_uverbs_ex_modify_cq, attr.cq_count, VALUE, 2),
	IN(ib_uverbs_ex_modify_cq, attr.cq_period, VALUE, 10),
	IN(ib_uverbs_ex_modify_cq, reserved, VALUE, 0));
FIELDS(req_notify, REF(ib_uverbs_req_notify_cq, cq_handle, HANDLE, CQ),
	IN(ib_uverbs_req_notify_cq, solicited_only, VALUE, 0));
FIELDS(destroy_cq, REF(ib_uverbs_destroy_cq, cq_handle, HANDLE, CQ));

#define QP_FIELDS(s)							\
	REF(s, pd_handle, HANDLE, PD), REF(s, send_cq_handle, HANDLE, CQ),	\
	REF(s, recv_cq_handle, HANDLE, CQ), REF(s, srq_handle, HANDLE, SRQ),	\
	IN(s, max_send_wr, SIZE, 8), IN(s, max_recv_wr, SIZE, 0),	\
	IN(s, max_send_sge, VALUE, 2), IN(s, max_recv_sge, VALUE, 2),	\
	IN(s, max_inline_data, VALUE, 64), IN(s, sq_sig_all, VALUE, 0),	\
	IN(s, qp_type, VALUE, 0xff), IN(s, is_srq, VALUE, 0)
#define QP_DRIVER(part)	part(axe_create_qp_req, comp_mask, VALUE, 0),	\
	part(axe_create_qp_req, mode, VALUE, AXE_QUEUE_INLINE),		\
	part(axe_create_qp_req, flags, VALUE, 0), part(axe_create_qp_req, lanes, VALUE, 0), \
	part(axe_create_qp_req, poll_usecs, VALUE, 0), part(axe_create_qp_req, engine, VALUE, 0)
#define QP_ANSWER(part)	part(axe_create_qp_resp, sq_mmap_offset, OUT_OFFSET),	\
	part(axe_create_qp_resp, sq_mmap_length, OUT_LENGTH),		\
	part(axe_create_qp_resp, rq_mmap_offset, OUT_OFFSET2),		\
	part(axe_create_qp_resp, rq_mmap_length, OUT_LENGTH2),		\
	part(axe_create_qp_resp, rq_stride, OUT_STRIDE)

FIELDS(create_qp, QP_FIELDS(ib_uverbs_create_qp), QP_DRIVER(DRV),
	ANS(ib_uverbs_create_qp_resp, qp_handle, OUT_HANDLE),
	ANS(ib_uverbs_create_qp_resp, qpn, OUT_KEY), QP_ANSWER(DANS));
FIELDS(create_qp_ex, QP_FIELDS(ib_uverbs_ex_create_qp),
	IN(ib_uverbs_ex_create_qp, comp_mask, VALUE, 0),
	IN(ib_uverbs_ex_create_qp, create_flags, VALUE, 0),
	IN(ib_uverbs_ex_create_qp, source_qpn, VALUE, 0), QP_DRIVER(DRV),
	ANS(ib_uverbs_ex_create_qp_resp, base.qp_handle, OUT_HANDLE),
	ANS(ib_uverbs_ex_create_qp_resp, base.qpn, OUT_KEY), QP_ANSWER(DANS));
/* An XRC QP to receive: the PD's field has the domain. */
FIELDS(create_xrc_qp, REF(ib_uverbs_create_qp, pd_handle, HANDLE, XRCD),
	IN(ib_uverbs_create_qp, qp_type, VALUE, 10),
	ANS(ib_uverbs_create_qp_resp, qp_handle, OUT_HANDLE),
	ANS(ib_uverbs_create_qp_resp, qpn, OUT_KEY));
FIELDS(open_qp, REF(ib_uverbs_open_qp, pd_handle, HANDLE, XRCD),
	REF(ib_uverbs_open_qp, qpn, KEY, QP), IN(ib_uverbs_open_qp, qp_type, VALUE, 10),
	ANS(ib_uverbs_create_qp_resp, qp_handle, OUT_HANDLE),
	ANS(ib_uverbs_create_qp_resp, qpn, OUT_KEY));

#define MODIFY(f, type, usual)	IN(ib_uverbs_modify_qp, f, type, usual)
#define MODIFY_FIELDS							\
	REF(ib_uverbs_modify_qp, qp_handle, HANDLE, QP),		\
	MODIFY(attr_mask, VALUE, 0x39), MODIFY(qp_state, VALUE, 1),	\
	MODIFY(cur_qp_state, VALUE, 0), MODIFY(qkey, VALUE, 0x1111),	\
	MODIFY(rq_psn, VALUE, 0), MODIFY(sq_psn, VALUE, 0),		\
	REF(ib_uverbs_modify_qp, dest_qp_num, KEY, QP),			\
	MODIFY(qp_access_flags, VALUE, 0xf), MODIFY(pkey_index, VALUE, 0), \
	MODIFY(path_mtu, VALUE, 3), MODIFY(path_mig_state, VALUE, 0),	\
	MODIFY(max_rd_atomic, VALUE, 4), MODIFY(max_dest_rd_atomic, VALUE, 4), \
	MODIFY(min_rnr_timer, VALUE, 1), MODIFY(port_num, VALUE, 1),	\
	MODIFY(timeout, VALUE, 1), MODIFY(retry_cnt, VALUE, 1),		\
	MODIFY(rnr_retry, VALUE, 1), MODIFY(en_sqd_async_notify, VALUE, 0), \
	MODIFY(dest.dgid, GID, 0), MODIFY(dest.sgid_index, VALUE, 0),	\
	MODIFY(dest.hop_limit, VALUE, 1), MODIFY(dest.traffic_class, VALUE, 0),	\
	MODIFY(dest.flow_label, VALUE, 0), MODIFY(dest.sl, VALUE, 0),	\
	MODIFY(dest.dlid, VALUE, 0), MODIFY(dest.is_global, VALUE, 1),	\
	MODIFY(dest.port_num, VALUE, 1), MODIFY(alt_port_num, VALUE, 0)

FIELDS(modify_qp, MODIFY_FIELDS);
FIELDS(modify_qp_ex, MODIFY_FIELDS, IN(ib_uverbs_ex_modify_qp, rate_limit, VALUE, 0));
FIELDS(query_qp, REF(ib_uverbs_query_qp, qp_handle, HANDLE, QP),
	IN(ib_uverbs_query_qp, attr_mask, VALUE, 0x1fffff));
FIELDS(destroy_qp, REF(ib_uverbs_destroy_qp, qp_handle, HANDLE, QP));
FIELDS(mcast, IN(ib_uverbs_attach_mcast, gid, GID, 64),
	REF(ib_uverbs_attach_mcast, qp_handle, HANDLE, QP),
	IN(ib_uverbs_attach_mcast, mlid, VALUE, 0));

#define SRQ_ANSWER(part)	part(axe_create_srq_resp, mmap_offset, OUT_OFFSET),	\
	part(axe_create_srq_resp, mmap_length, OUT_LENGTH),		\
	part(axe_create_srq_resp, stride, OUT_STRIDE), part(axe_create_srq_resp, srqn, OUT_KEY)

FIELDS(create_srq, REF(ib_uverbs_create_srq, pd_handle, HANDLE, PD),
	IN(ib_uverbs_create_srq, max_wr, SIZE, 8), IN(ib_uverbs_create_srq, max_sge, VALUE, 2),
	IN(ib_uverbs_create_srq, srq_limit, VALUE, 0),
	ANS(ib_uverbs_create_srq_resp, srq_handle, OUT_HANDLE), SRQ_ANSWER(DANS));
FIELDS(create_xsrq, IN(ib_uverbs_create_xsrq, srq_type, VALUE, 1),
	REF(ib_uverbs_create_xsrq, pd_handle, HANDLE, PD),
	IN(ib_uverbs_create_xsrq, max_wr, SIZE, 8), IN(ib_uverbs_create_xsrq, max_sge, VALUE, 2),
	IN(ib_uverbs_create_xsrq, srq_limit, VALUE, 0),
	IN(ib_uverbs_create_xsrq, max_num_tags, VALUE, 0),
	REF(ib_uverbs_create_xsrq, xrcd_handle, HANDLE, XRCD),
	REF(ib_uverbs_create_xsrq, cq_handle, HANDLE, CQ),
	ANS(ib_uverbs_create_srq_resp, srq_handle, OUT_HANDLE), SRQ_ANSWER(DANS));
FIELDS(modify_srq, REF(ib_uverbs_modify_srq, srq_handle, HANDLE, SRQ),
	IN(ib_uverbs_modify_srq, attr_mask, VALUE, 2), IN(ib_uverbs_modify_srq, max_wr, SIZE, 16),
	IN(ib_uverbs_modify_srq, srq_limit, VALUE, 1),
	DRV(axe_modify_srq_req, resp_addr, ADDR, 0x1000));
FIELDS(query_srq, REF(ib_uverbs_query_srq, srq_handle, HANDLE, SRQ));
FIELDS(destroy_srq, REF(ib_uverbs_destroy_srq, srq_handle, HANDLE, SRQ));
FIELDS(create_ah, REF(ib_uverbs_create_ah, pd_handle, HANDLE, PD),
	IN(ib_uverbs_create_ah, attr.grh.dgid, GID, 0),
	IN(ib_uverbs_create_ah, attr.grh.sgid_index, VALUE, 0),
	IN(ib_uverbs_create_ah, attr.grh.hop_limit, VALUE, 1),
	IN(ib_uverbs_create_ah, attr.grh.flow_label, VALUE, 0),
	IN(ib_uverbs_create_ah, attr.is_global, VALUE, 1),
	IN(ib_uverbs_create_ah, attr.port_num, VALUE, 1),
	IN(ib_uverbs_create_ah, attr.sl, VALUE, 0),
	IN(ib_uverbs_create_ah, attr.static_rate, VALUE, 0),
	ANS(ib_uverbs_create_ah_resp, ah_handle, OUT_HANDLE),
	DANS(axe_create_ah_resp, number, OUT_KEY));
FIELDS(destroy_ah, REF(ib_uverbs_destroy_ah, ah_handle, HANDLE, AH));

/*---- methods ----*/

FIELDS(m_context, UIN(axe_alloc_ucontext_req, ring_version, VALUE, AXE_RING_VERSION),
	UIN(axe_alloc_ucontext_req, comp_mask, VALUE, 0),
	ROOM(GET_CONTEXT_NUM_COMP_VECTORS, 4), ROOM(GET_CONTEXT_CORE_SUPPORT, 8),
	{ "uhw", UVERBS_ATTR_UHW_OUT, 0, 24, OUT, NOTHING, false, 0 });
FIELDS(m_query_context, ROOM(QUERY_CONTEXT_NUM_COMP_VECTORS, 4),
	ROOM(QUERY_CONTEXT_CORE_SUPPORT, 8));
FIELDS(m_handles, NUM(INFO_OBJECT_ID, 8, VALUE, UVERBS_OBJECT_QP), ROOM(INFO_TOTAL_HANDLES, 4),
	ROOM(INFO_HANDLES_LIST, 64));
FIELDS(m_query_port, NUM(QUERY_PORT_PORT_NUM, 8, VALUE, 1),
	ROOM(QUERY_PORT_RESP, sizeof(struct ib_uverbs_query_port_resp_ex)));
FIELDS(m_gid_table, NUM(QUERY_GID_TABLE_ENTRY_SIZE, 8, VALUE, sizeof(struct ib_uverbs_gid_entry)),
	NUM(QUERY_GID_TABLE_FLAGS, 4, VALUE, 0), ROOM(QUERY_GID_TABLE_RESP_ENTRIES, 240),
	ROOM(QUERY_GID_TABLE_RESP_NUM_ENTRIES, 8));
FIELDS(m_gid_entry, NUM(QUERY_GID_ENTRY_PORT, 8, VALUE, 1),
	NUM(QUERY_GID_ENTRY_GID_INDEX, 8, VALUE, 0), NUM(QUERY_GID_ENTRY_FLAGS, 4, VALUE, 0),
	ROOM(QUERY_GID_ENTRY_RESP_ENTRY, sizeof(struct ib_uverbs_gid_entry)));
FIELDS(m_events, NEW(ASYNC_EVENT_ALLOC_FD_HANDLE));
FIELDS(m_create_cq, NEW(CREATE_CQ_HANDLE), NUM(CREATE_CQ_CQE, 4, SIZE, 16),
	NUM(CREATE_CQ_USER_HANDLE, 8, VALUE, 0), OPT(CREATE_CQ_COMP_CHANNEL, CHANNEL),
	NUM(CREATE_CQ_COMP_VECTOR, 4, VALUE, 0), NUM(CREATE_CQ_FLAGS, 4, VALUE, 0),
	ROOM(CREATE_CQ_RESP_CQE, 4), OPT(CREATE_CQ_EVENT_FD, EVENTS),
	UIN(axe_create_cq_req, flags, VALUE, 0), UIN(axe_create_cq_req, comp_mask, VALUE, 0),
	CQ_ANSWER(UOUT));
FIELDS(m_destroy_cq, OBJ(DESTROY_CQ_HANDLE, CQ), ROOM(DESTROY_CQ_RESP, 8));
FIELDS(m_create_qp, NEW(CREATE_QP_HANDLE), OPT(CREATE_QP_XRCD_HANDLE, XRCD),
	OBJ(CREATE_QP_PD_HANDLE, PD), OPT(CREATE_QP_SRQ_HANDLE, SRQ),
	OBJ(CREATE_QP_SEND_CQ_HANDLE, CQ), OBJ(CREATE_QP_RECV_CQ_HANDLE, CQ),
	NUM(CREATE_QP_USER_HANDLE, 8, VALUE, 0),
	SUB(CREATE_QP_CAP, ib_uverbs_qp_cap, max_send_wr, SIZE, NOTHING, 8),
	SUB(CREATE_QP_CAP, ib_uverbs_qp_cap, max_recv_wr, SIZE, NOTHING, 8),
	SUB(CREATE_QP_CAP, ib_uverbs_qp_cap, max_send_sge, VALUE, NOTHING, 2),
	SUB(CREATE_QP_CAP, ib_uverbs_qp_cap, max_recv_sge, VALUE, NOTHING, 2),
	SUB(CREATE_QP_CAP, ib_uverbs_qp_cap, max_inline_data, VALUE, NOTHING, 64),
	NUM(CREATE_QP_TYPE, 8, VALUE, 2), NUM(CREATE_QP_FLAGS, 4, VALUE, 0),
	OPT(CREATE_QP_EVENT_FD, EVENTS), ROOM(CREATE_QP_RESP_CAP, sizeof(struct ib_uverbs_qp_cap)),
	FILL(CREATE_QP_RESP_QP_NUM, 4, OUT_KEY), QP_DRIVER(UIN), QP_ANSWER(UOUT));
FIELDS(m_destroy_qp, OBJ(DESTROY_QP_HANDLE, QP), ROOM(DESTROY_QP_RESP, 4));
FIELDS(m_create_srq, NEW(CREATE_SRQ_HANDLE), OBJ(CREATE_SRQ_PD_HANDLE, PD),
	NUM(CREATE_SRQ_TYPE, 8, VALUE, 0), NUM(CREATE_SRQ_USER_HANDLE, 8, VALUE, 0),
	NUM(CREATE_SRQ_MAX_WR, 4, SIZE, 8), NUM(CREATE_SRQ_MAX_SGE, 4, VALUE, 2),
	NUM(CREATE_SRQ_LIMIT, 4, VALUE, 0), OPT(CREATE_SRQ_XRCD_HANDLE, XRCD),
	OPT(CREATE_SRQ_CQ_HANDLE, CQ), OPT(CREATE_SRQ_EVENT_FD, EVENTS),
	ROOM(CREATE_SRQ_RESP_MAX_WR, 4), ROOM(CREATE_SRQ_RESP_MAX_SGE, 4),
	ROOM(CREATE_SRQ_RESP_SRQ_NUM, 4), SRQ_ANSWER(UOUT));
FIELDS(m_destroy_srq, OBJ(DESTROY_SRQ_HANDLE, SRQ), ROOM(DESTROY_SRQ_RESP, 4));
FIELDS(m_alloc_dm, NEW(ALLOC_DM_HANDLE), NUM(ALLOC_DM_LENGTH, 8, SIZE, 0x2000),
	NUM(ALLOC_DM_ALIGNMENT, 4, VALUE, 0),
	{ "ALLOC_DM_RESP_OFFSET", AXE_ATTR_ALLOC_DM_RESP_OFFSET, 0, 8, OUT_OFFSET,
	 NOTHING, false, 0 });
FIELDS(m_query_dm, { "DM_QUERY_HANDLE", AXE_ATTR_DM_QUERY_HANDLE, 0, 8, HANDLE, DM, false, 0 },
	{ "DM_QUERY_OFFSET", AXE_ATTR_DM_QUERY_RESP_OFFSET, 0, 8, OUT, NOTHING, false, 0 },
	{ "DM_QUERY_LENGTH", AXE_ATTR_DM_QUERY_RESP_LENGTH, 0, 8, OUT, NOTHING, false, 0 });
FIELDS(m_free_dm, OBJ(FREE_DM_HANDLE, DM));
FIELDS(m_reg_dm, NEW(REG_DM_MR_HANDLE), NUM(REG_DM_MR_OFFSET, 8, VALUE, 0),
	NUM(REG_DM_MR_LENGTH, 8, VALUE, 0x1000), OBJ(REG_DM_MR_PD_HANDLE, PD),
	NUM(REG_DM_MR_ACCESS_FLAGS, 4, VALUE, 0x27), OBJ(REG_DM_MR_DM_HANDLE, DM),
	FILL(REG_DM_MR_RESP_LKEY, 4, OUT_KEY), ROOM(REG_DM_MR_RESP_RKEY, 4));
FIELDS(m_reg_dmabuf, NEW(REG_DMABUF_MR_HANDLE), OBJ(REG_DMABUF_MR_PD_HANDLE, PD),
	NUM(REG_DMABUF_MR_OFFSET, 8, VALUE, 0), NUM(REG_DMABUF_MR_LENGTH, 8, VALUE, 0x1000),
	NUM(REG_DMABUF_MR_IOVA, 8, ADDR, 0), NUM(REG_DMABUF_MR_FD, 4, VALUE, 62),
	NUM(REG_DMABUF_MR_ACCESS_FLAGS, 4, VALUE, 7), FILL(REG_DMABUF_MR_RESP_LKEY, 4, OUT_KEY),
	ROOM(REG_DMABUF_MR_RESP_RKEY, 4));
FIELDS(m_query_mr, OBJ(QUERY_MR_HANDLE, MR), ROOM(QUERY_MR_RESP_LKEY, 4),
	ROOM(QUERY_MR_RESP_RKEY, 4), ROOM(QUERY_MR_RESP_LENGTH, 8), ROOM(QUERY_MR_RESP_IOVA, 8));
FIELDS(m_advise, OBJ(ADVISE_MR_PD_HANDLE, PD), NUM(ADVISE_MR_ADVICE, 8, VALUE, 0),
	NUM(ADVISE_MR_FLAGS, 4, VALUE, 1),
	SUB(ADVISE_MR_SGE_LIST, ib_uverbs_sge, addr, ADDR, NOTHING, 0),
	SUB(ADVISE_MR_SGE_LIST, ib_uverbs_sge, length, VALUE, NOTHING, 0x2000),
	SUB(ADVISE_MR_SGE_LIST, ib_uverbs_sge, lkey, KEY, MR, 0));
FIELDS(m_destroy_mr, OBJ(DESTROY_MR_HANDLE, MR));
FIELDS(m_destroy_mw, OBJ(DESTROY_MW_HANDLE, MW));
FIELDS(m_destroy_pd, OBJ(DESTROY_PD_HANDLE, PD));
FIELDS(m_destroy_ah, OBJ(DESTROY_AH_HANDLE, AH));
FIELDS(m_destroy_xrcd, OBJ(DESTROY_XRCD_HANDLE, XRCD));
FIELDS(m_doorbell, { "FD", AXE_ATTR_DOORBELL_CREATE_FD, 0, 8, OUT_HANDLE, NOTHING, false, 0 });
FIELDS(m_query_ops, { "ARRAY", AXE_ATTR_QUERY_OPS_ARRAY, 0, 128, OUT, NOTHING, false, 0 },
	{ "COUNT", AXE_ATTR_QUERY_OPS_COUNT, 0, 4, OUT, NOTHING, false, 0 });
FIELDS(m_query_engines, { "ARRAY", AXE_ATTR_QUERY_ENGINES_ARRAY, 0, 64, OUT, NOTHING, false, 0 },
	{ "COUNT", AXE_ATTR_QUERY_ENGINES_COUNT, 0, 4, OUT, NOTHING, false, 0 });

/*---- files, mappings, rings ----*/

FIELDS(mmap, WHICH("of", QP), KNOW("class", VALUE, QP), KNOW("ring", VALUE, 0),
	KNOW("pages", VALUE, 0), KNOW("shift", VALUE, 0), KNOW("prot", VALUE, 3),
	KNOW("private", VALUE, 0), KNOW("slot", VALUE, 0));
FIELDS(munmap, KNOW("addr", ADDR, ZONE_SLOTS), KNOW("length", VALUE, PAGE),
	KNOW("prot", VALUE, 0));
FIELDS(bell, WHICH("doorbell", DOORBELL), { "number", CORE, OF(axe_doorbell, number), KEY, QP,
					    false, 0 },
	IN(axe_doorbell, ring, VALUE, 0), KNOW("length", VALUE, 8));
FIELDS(file, WHICH("of", EVENTS), KNOW("class", VALUE, EVENTS), KNOW("length", VALUE, 64));
FIELDS(post_cmd, WHICH("of", QP), KNOW("class", VALUE, QP), KNOW("ring", VALUE, 0),
	KNOW("by", VALUE, 1),
	IN(axe_cmd, opcode, VALUE, AXE_OP_COPY), IN(axe_cmd, ext, VALUE, 0),
	IN(axe_cmd, reserved, VALUE, 0), IN(axe_cmd, flags, VALUE, AXE_CMD_SIGNALED),
	IN(axe_cmd, src.addr, ADDR, 0), IN(axe_cmd, src.length, VALUE, 0x100),
	REF(axe_cmd, src.key, KEY, MR), IN(axe_cmd, dst.addr, ADDR, 0x8000),
	IN(axe_cmd, dst.length, VALUE, 0x100), REF(axe_cmd, dst.key, KEY, MR),
	{ "op.0", CORE, 48, 8, VALUE, NOTHING, false, 0 },
	{ "op.8", CORE, 56, 8, VALUE, NOTHING, false, 0 },
	{ "result.addr", CORE, 64, 8, ADDR, NOTHING, false, 0 },
	{ "result.length", CORE, 72, 4, VALUE, NOTHING, false, 0 },
	{ "result.key", CORE, 76, 4, KEY, MR, false, 0 });
FIELDS(post_wr, WHICH("of", QP), KNOW("class", VALUE, QP), KNOW("ring", VALUE, 0),
	KNOW("by", VALUE, 1),
	IN(axe_send_wr, opcode, VALUE, 0), IN(axe_send_wr, ext, VALUE, 0),
	IN(axe_send_wr, num_sge, VALUE, 1), IN(axe_send_wr, flags, VALUE, AXE_WR_SIGNALED),
	REF(axe_send_wr, srqn, KEY, SRQ), REF(axe_send_wr, rkey, KEY, MR),
	IN(axe_send_wr, imm_data, VALUE, 0), IN(axe_send_wr, remote_addr, ADDR, 0x8000),
	{ "op.0", CORE, 32, 8, VALUE, NOTHING, false, 0 },
	{ "op.8", CORE, 40, 8, VALUE, NOTHING, false, 0 },
	IN(axe_send_wr, sge.addr, ADDR, 0), IN(axe_send_wr, sge.length, VALUE, 0x100),
	REF(axe_send_wr, sge.key, KEY, MR),
	{ "sge1.addr", CORE, 64, 8, ADDR, NOTHING, false, 0 },
	{ "sge1.length", CORE, 72, 4, VALUE, NOTHING, false, 0 },
	{ "sge1.key", CORE, 76, 4, KEY, MR, false, 0 });
FIELDS(post_ud, WHICH("of", QP), KNOW("class", VALUE, QP), KNOW("ring", VALUE, 0),
	KNOW("by", VALUE, 1), IN(axe_send_wr, opcode, VALUE, 2),
	IN(axe_send_wr, num_sge, VALUE, 1), IN(axe_send_wr, flags, VALUE, AXE_WR_SIGNALED),
	IN(axe_send_wr, imm_data, VALUE, 0), REF(axe_send_wr, op.ud.ah, KEY, AH),
	REF(axe_send_wr, op.ud.qp_num, KEY, QP), IN(axe_send_wr, op.ud.qkey, VALUE, 0x1111),
	IN(axe_send_wr, sge.addr, ADDR, 0), IN(axe_send_wr, sge.length, VALUE, 0x100),
	REF(axe_send_wr, sge.key, KEY, MR));
FIELDS(post_bind, WHICH("of", QP), KNOW("class", VALUE, QP), KNOW("ring", VALUE, 0),
	KNOW("by", VALUE, 1), IN(axe_send_wr, opcode, VALUE, 8),
	IN(axe_send_wr, flags, VALUE, AXE_WR_SIGNALED), REF(axe_send_wr, rkey, KEY, MW),
	REF(axe_send_wr, invalidate_rkey, KEY, MW), IN(axe_send_wr, remote_addr, ADDR, 0),
	IN(axe_send_wr, op.bind.length, VALUE, 0x1000), REF(axe_send_wr, op.bind.mr_key, KEY, MR),
	IN(axe_send_wr, op.bind.access, VALUE, 6));
FIELDS(post_recv, WHICH("of", QP), KNOW("class", VALUE, QP), KNOW("ring", VALUE, 1),
	KNOW("by", VALUE, 1), IN(axe_recv_wr, num_sge, VALUE, 1),
	IN(axe_recv_wr, reserved, VALUE, 0),
	{ "sge.addr", CORE, 16, 8, ADDR, NOTHING, false, 0x8000 },
	{ "sge.length", CORE, 24, 4, VALUE, NOTHING, false, 0x1000 },
	{ "sge.key", CORE, 28, 4, KEY, MR, false, 0 });
FIELDS(poke, WHICH("of", CQ), KNOW("class", VALUE, CQ), KNOW("ring", VALUE, 0),
	KNOW("offset", VALUE, 0), KNOW("value", VALUE, 0));

/*---- the table ----*/

#define COMMAND(how_, cmd, name_, fields_, in_, out_, uin, uout, makes_, ends_)	\
	{ .name = name_, .fields = fields_##_fields, .id = IB_USER_VERBS_##cmd,	\
	  .num_fields = ARRAY_SIZE(fields_##_fields), .how = how_, .in = in_,	\
	  .out = out_, .uhw_in = uin, .uhw_out = uout, .makes = makes_, .ends = ends_ }
#define SZ(s)	sizeof(struct s)
#define W(cmd, f, in, out, uin, uout, makes, ends) \
	COMMAND(BY_WRITE, CMD_##cmd, #cmd, f, in, out, uin, uout, makes, ends)
#define X(cmd, f, in, out, uin, uout, makes) \
	COMMAND(BY_WRITE_EX, EX_CMD_##cmd, "EX_" #cmd, f, in, out, uin, uout, makes, false)
#define METHOD(object, method, name_, f, makes_, ends_)			\
	{ .name = name_, .fields = f##_fields, .id = (object) << 16 | (method),	\
	  .num_fields = ARRAY_SIZE(f##_fields), .how = BY_METHOD, .makes = makes_, .ends = ends_ }
#define M(object, method, f, makes, ends) \
	METHOD(UVERBS_OBJECT_##object, UVERBS_METHOD_##method, "M_" #method, f, makes, ends)
#define OTHER(how_, f)	{ .name = #f, .fields = f##_fields, .how = how_, \
			  .num_fields = ARRAY_SIZE(f##_fields), .in = sizeof(struct axe_cmd) }
#define FILE_ROW(how_, name_)	{ .name = name_, .fields = file_fields, .how = how_, \
			  .num_fields = ARRAY_SIZE(file_fields) }
#define PART(how_, name_)	{ .name = name_, .fields = munmap_fields, .how = how_, \
			  .num_fields = ARRAY_SIZE(munmap_fields) }

const struct row rows[] = {
	W(GET_CONTEXT, context, 8, 8, 8, 24, EVENTS, false),
	W(QUERY_DEVICE, query_port, 8, SZ(ib_uverbs_query_device_resp), 0, 0, NOTHING, false),
	W(QUERY_PORT, query_port, 16, SZ(ib_uverbs_query_port_resp), 0, 0, NOTHING, false),
	W(ALLOC_PD, alloc_pd, 8, 4, 0, 0, PD, false),
	W(DEALLOC_PD, dealloc_pd, 4, 0, 0, 0, NOTHING, true),
	W(OPEN_XRCD, open_xrcd, 16, 4, 0, 0, XRCD, false),
	W(CLOSE_XRCD, close_xrcd, 4, 0, 0, 0, NOTHING, true),
	W(REG_MR, reg_mr, 40, 12, 0, 0, MR, false),
	W(REREG_MR, rereg_mr, 48, 8, 0, 0, NOTHING, false),
	W(DEREG_MR, dereg_mr, 4, 0, 0, 0, NOTHING, true),
	W(ALLOC_MW, alloc_mw, 16, 8, 0, 0, MW, false),
	W(DEALLOC_MW, dealloc_mw, 4, 0, 0, 0, NOTHING, true),
	W(CREATE_COMP_CHANNEL, create_channel, 8, 4, 0, 0, CHANNEL, false),
	W(CREATE_CQ, create_cq, SZ(ib_uverbs_create_cq), 8, 8, 16, CQ, false),
	W(RESIZE_CQ, resize_cq, 16, 8, 0, 16, NOTHING, false),
	W(REQ_NOTIFY_CQ, req_notify, 8, 0, 0, 0, NOTHING, false),
	W(DESTROY_CQ, destroy_cq, 16, 8, 0, 0, NOTHING, true),
	W(CREATE_QP, create_qp, SZ(ib_uverbs_create_qp), 32, 16, 48, QP, false),
	{ .name = "CREATE_XRC_QP", .fields = create_xrc_qp_fields, .how = BY_WRITE,
	  .num_fields = ARRAY_SIZE(create_xrc_qp_fields), .id = IB_USER_VERBS_CMD_CREATE_QP,
	  .in = SZ(ib_uverbs_create_qp), .out = 32, .makes = QP },
	W(OPEN_QP, open_qp, SZ(ib_uverbs_open_qp), 32, 0, 0, QP, false),
	W(MODIFY_QP, modify_qp, SZ(ib_uverbs_modify_qp), 0, 0, 0, NOTHING, false),
	W(QUERY_QP, query_qp, 16, SZ(ib_uverbs_query_qp_resp), 0, 0, NOTHING, false),
	W(DESTROY_QP, destroy_qp, 16, 4, 0, 0, NOTHING, true),
	W(ATTACH_MCAST, mcast, 24, 0, 0, 0, NOTHING, false),
	W(DETACH_MCAST, mcast, 24, 0, 0, 0, NOTHING, false),
	W(CREATE_SRQ, create_srq, SZ(ib_uverbs_create_srq), 16, 0, 24, SRQ, false),
	W(CREATE_XSRQ, create_xsrq, SZ(ib_uverbs_create_xsrq), 16, 0, 24, SRQ, false),
	W(MODIFY_SRQ, modify_srq, 16, 0, 8, 0, NOTHING, false),
	W(QUERY_SRQ, query_srq, 16, 16, 0, 0, NOTHING, false),
	W(DESTROY_SRQ, destroy_srq, 16, 4, 0, 0, NOTHING, true),
	W(CREATE_AH, create_ah, SZ(ib_uverbs_create_ah), 4, 0, 8, AH, false),
	W(DESTROY_AH, destroy_ah, 4, 0, 0, 0, NOTHING, true),
	X(QUERY_DEVICE, query_device_ex, 8, SZ(ib_uverbs_ex_query_device_resp), 0, 0, NOTHING),
	X(CREATE_CQ, create_cq_ex, SZ(ib_uverbs_ex_create_cq), 16, 8, 16, CQ),
	X(MODIFY_CQ, modify_cq, SZ(ib_uverbs_ex_modify_cq), 0, 0, 0, NOTHING),
	X(CREATE_QP, create_qp_ex, SZ(ib_uverbs_ex_create_qp), 40, 16, 48, QP),
	X(MODIFY_QP, modify_qp_ex, SZ(ib_uverbs_ex_modify_qp), 8, 0, 0, NOTHING),
	M(DEVICE, GET_CONTEXT, m_context, NOTHING, false),
	M(DEVICE, QUERY_CONTEXT, m_query_context, NOTHING, false),
	M(DEVICE, INFO_HANDLES, m_handles, NOTHING, false),
	M(DEVICE, QUERY_PORT, m_query_port, NOTHING, false),
	M(DEVICE, QUERY_GID_TABLE, m_gid_table, NOTHING, false),
	M(DEVICE, QUERY_GID_ENTRY, m_gid_entry, NOTHING, false),
	M(ASYNC_EVENT, ASYNC_EVENT_ALLOC, m_events, EVENTS, false),
	M(CQ, CQ_CREATE, m_create_cq, CQ, false), M(CQ, CQ_DESTROY, m_destroy_cq, NOTHING, true),
	M(QP, QP_CREATE, m_create_qp, QP, false), M(QP, QP_DESTROY, m_destroy_qp, NOTHING, true),
	M(SRQ, SRQ_CREATE, m_create_srq, SRQ, false),
	M(SRQ, SRQ_DESTROY, m_destroy_srq, NOTHING, true),
	M(DM, DM_ALLOC, m_alloc_dm, DM, false), M(DM, DM_FREE, m_free_dm, NOTHING, true),
	METHOD(UVERBS_OBJECT_DM, AXE_METHOD_DM_QUERY, "M_DM_QUERY", m_query_dm, NOTHING, false),
	M(MR, DM_MR_REG, m_reg_dm, MR, false), M(MR, REG_DMABUF_MR, m_reg_dmabuf, MR, false),
	M(MR, QUERY_MR, m_query_mr, NOTHING, false), M(MR, ADVISE_MR, m_advise, NOTHING, false),
	M(MR, MR_DESTROY, m_destroy_mr, NOTHING, true),
	M(MW, MW_DESTROY, m_destroy_mw, NOTHING, true),
	M(PD, PD_DESTROY, m_destroy_pd, NOTHING, true),
	M(AH, AH_DESTROY, m_destroy_ah, NOTHING, true),
	M(XRCD, XRCD_DESTROY, m_destroy_xrcd, NOTHING, true),
	METHOD(AXE_OBJECT_DOORBELL, AXE_METHOD_DOORBELL_CREATE, "M_DOORBELL", m_doorbell,
	       DOORBELL, false),
	METHOD(UVERBS_OBJECT_DEVICE, AXE_METHOD_QUERY_OPS, "M_OPS", m_query_ops, NOTHING, false),
	METHOD(UVERBS_OBJECT_DEVICE, AXE_METHOD_QUERY_ENGINES, "M_ENGINES", m_query_engines,
	       NOTHING, false),
	OTHER(BY_MMAP, mmap), PART(BY_MUNMAP, "munmap"), PART(BY_MPROTECT, "mprotect"),
	PART(BY_MADVISE, "madvise"), OTHER(BY_BELL, bell), FILE_ROW(BY_READ, "read"),
	FILE_ROW(BY_POLL, "poll"), FILE_ROW(BY_CLOSE, "close"), OTHER(BY_POST, post_cmd),
	OTHER(BY_POST, post_wr), OTHER(BY_POST, post_ud), OTHER(BY_POST, post_bind),
	OTHER(BY_POST, post_recv), OTHER(BY_POKE, poke),
};
const unsigned int num_rows = ARRAY_SIZE(rows);

bool field_is_out(const struct field *f)
{
	return f->type >= OUT;
}
