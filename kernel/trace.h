/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: the path of a command, and what paging does meanwhile. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM axe

#if !defined(AXE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define AXE_TRACE_H

#include <linux/tracepoint.h>
#include <rdma/ib_verbs.h>

#include "mirror.h"
#include "queue.h"

TRACE_EVENT(axe_submit,
	TP_PROTO(const struct axe_queue *q, const struct axe_task *task),
	TP_ARGS(q, task),
	TP_STRUCT__entry(
		__string(device, dev_name(&q->ibqp->device->dev))
		__field(u32, qp_num)
		__field(u64, wr_id)
		__field(u32, opcode)
		__field(u32, flags)
		__field(u32, src_len)
		__field(u32, dst_len)
		__field(u32, code)
	),
	TP_fast_assign(
		__assign_str(device);
		__entry->qp_num = q->ibqp->qp_num;
		__entry->wr_id = le64_to_cpu(task->cmd.wr_id);
		__entry->opcode = le16_to_cpu(task->cmd.opcode);
		__entry->flags = task->flags;
		__entry->src_len = le32_to_cpu(task->cmd.src.length);
		__entry->dst_len = le32_to_cpu(task->cmd.dst.length);
		__entry->code = task->code;
	),
	TP_printk("%s qp %u wr_id %llu op %u flags %#x src %u dst %u check %u",
		  __get_str(device), __entry->qp_num, __entry->wr_id, __entry->opcode,
		  __entry->flags, __entry->src_len, __entry->dst_len, __entry->code)
);

TRACE_EVENT(axe_complete,
	TP_PROTO(const struct axe_queue *q, const struct axe_task *task),
	TP_ARGS(q, task),
	TP_STRUCT__entry(
		__string(device, dev_name(&q->ibqp->device->dev))
		__field(u32, qp_num)
		__field(u64, wr_id)
		__field(u32, opcode)
		__field(u32, code)
		__field(u64, done)
		__field(u64, result0)
		__field(u64, result1)
	),
	TP_fast_assign(
		__assign_str(device);
		__entry->qp_num = q->ibqp->qp_num;
		__entry->wr_id = le64_to_cpu(task->cmd.wr_id);
		__entry->opcode = le16_to_cpu(task->cmd.opcode);
		__entry->code = task->code;
		__entry->done = task->x.done;
		__entry->result0 = task->x.result[0];
		__entry->result1 = task->x.result[1];
	),
	TP_printk("%s qp %u wr_id %llu op %u code %u bytes %llu results %#llx %#llx",
		  __get_str(device), __entry->qp_num, __entry->wr_id, __entry->opcode,
		  __entry->code, __entry->done, __entry->result0, __entry->result1)
);

TRACE_EVENT(axe_fault,
	TP_PROTO(const struct axe_mirror *mirror, unsigned long va, size_t length,
		 unsigned int flags, long ret),
	TP_ARGS(mirror, va, length, flags, ret),
	TP_STRUCT__entry(
		__field(const void *, mirror)
		__field(unsigned long, va)
		__field(size_t, length)
		__field(unsigned int, flags)
		__field(long, ret)
	),
	TP_fast_assign(
		__entry->mirror = mirror;
		__entry->va = va;
		__entry->length = length;
		__entry->flags = flags;
		__entry->ret = ret;
	),
	TP_printk("mirror %p va %#lx length %zu flags %#x ret %ld", __entry->mirror,
		  __entry->va, __entry->length, __entry->flags, __entry->ret)
);

TRACE_EVENT(axe_invalidate,
	TP_PROTO(const struct axe_mirror *mirror, unsigned long start, unsigned long end,
		 unsigned int pages),
	TP_ARGS(mirror, start, end, pages),
	TP_STRUCT__entry(
		__field(const void *, mirror)
		__field(unsigned long, start)
		__field(unsigned long, end)
		__field(unsigned int, pages)
	),
	TP_fast_assign(
		__entry->mirror = mirror;
		__entry->start = start;
		__entry->end = end;
		__entry->pages = pages;
	),
	TP_printk("mirror %p va %#lx-%#lx pages %u", __entry->mirror, __entry->start,
		  __entry->end, __entry->pages)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
