// SPDX-License-Identifier: GPL-2.0
/*
 * Any work request, any command, any scatter list: requests are refused or within
 * bounds (wr.c, task.c), and what a list names is copied as a loop over single bytes
 * would (access.c, cursor.c), on regions of all kinds, whose pages come and go.
 *
 * Input: a request (64), a command (128), four regions, two lists, lengths, and then
 * what happens at each page fault. Regions 0 and 1 are read, 2 and 3 are written.
 */
#include "access.h"
#include "axe.h"
#include "cursor.h"
#include "fault.h"
#include "fuzz.h"
#include "peer.h"
#include "region.h"
#include "task.h"
#include "wr.h"

#define NUM_REGIONS	4
#define MAX_LENGTH	(3 * PAGE_SIZE)
#define NUM_PAGES	4	/* that so many bytes can touch */
#define MAX_SGE		6
/* Faults in one copy, after which no page goes away any more. */
#define MAX_UNREST	64

struct memory {
	struct axe_region rgn;
	struct axe_mirror mirror;
	struct axe_span span[2];
	unsigned long ptes[2][AXE_SPAN_PAGES];
	struct page *pages[NUM_PAGES];
	u8 absent;		/* pages that no fault brings */
	u8 *bytes;		/* what is there, as one piece */
};

static struct {
	struct memory memory[NUM_REGIONS];
	struct ib_pd pd, foreign;
	struct axe_dev dev;
	struct fuzz_in in;
	unsigned int faults;
	int holds;
} fuzz;

struct axe_region axe_region_kernel = { .kind = AXE_REGION_LINEAR };

/*---- what the sources under test call ----*/

struct axe_region *axe_region_get(struct axe_dev *dev, struct ib_pd *pd, u32 key)
{
	struct axe_region *rgn = &fuzz.memory[axe_key_index(key) % NUM_REGIONS].rgn;

	if (rgn->key != key || rgn->pd != pd)
		return NULL;
	return refcount_inc_not_zero(&rgn->users) ? rgn : NULL;
}

struct axe_region *axe_region_get_remote(struct axe_dev *dev, struct ib_pd *pd, u64 qp_id, u32 key)
{
	return axe_region_get(dev, pd, key);
}

struct mm_struct *axe_region_mm(const struct axe_region *rgn)
{
	return NULL;
}

void axe_mirror_put(struct axe_mirror *mirror)
{
}

struct axe_span *axe_mirror_span(struct axe_mirror *mirror, unsigned long va)
{
	struct memory *m = container_of(mirror, struct memory, mirror);

	for (int i = 0; i < 2; i++)
		if (m->span[i].base == (va & ~(AXE_SPAN_SIZE - 1)))
			return &m->span[i];
	return NULL;
}

/* As kernel/mirror.c has it. */
unsigned int axe_span_hold(struct axe_span *span, struct axe_hold *hold, unsigned int first,
			   unsigned int last, bool write)
{
	unsigned long need = AXE_PTE_VALID | (write ? AXE_PTE_WRITE : 0);
	unsigned int i;

	fuzz_check(first <= last && last < AXE_SPAN_PAGES, "pages %u to %u", first, last);
	for (i = first; i <= last && (span->ptes[i] & need) == need; i++)
		;
	if (i == first)
		return 0;
	fuzz.holds++;
	hold->span = span;
	return i - first;
}

void axe_span_release(struct axe_hold *hold)
{
	fuzz.holds--;
	hold->span = NULL;
}

static unsigned long *pte_of(struct memory *m, unsigned int page)
{
	unsigned long va = (m->rgn.va & PAGE_MASK) + page * PAGE_SIZE;
	struct axe_span *span = axe_mirror_span(&m->mirror, va);

	return &span->ptes[(va - span->base) >> PAGE_SHIFT];
}

static unsigned int pages_of(const struct memory *m)
{
	return (offset_in_page(m->rgn.va) + m->rgn.length + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* Brings the first page, perhaps more; meanwhile others may go. */
long axe_fault(struct axe_mirror *mirror, unsigned long va, size_t length, unsigned int flags)
{
	struct memory *m = container_of(mirror, struct memory, mirror);
	unsigned int page = (va >> PAGE_SHIFT) - (m->rgn.va >> PAGE_SHIFT), n = 0, more;
	u8 what = fuzz_u8(&fuzz.in);

	fuzz_check(!fuzz.holds, "a fault while pages are held");
	fuzz_check(page < pages_of(m), "page %u of %u", page, pages_of(m));
	fuzz_check(length && va + length <= m->rgn.va + m->rgn.length, "%zu bytes", length);
	if (fuzz.faults++ < MAX_UNREST && what & 8)
		for (unsigned int i = 0; i < NUM_REGIONS; i++)
			if (fuzz.memory[i].rgn.kind == AXE_REGION_MIRROR && what >> 4 & 1 << i)
				*pte_of(&fuzz.memory[i], 0) = 0;
	if (m->absent & 1 << page)
		return -EFAULT;
	for (more = what & 3; page < pages_of(m) && n <= more && !(m->absent & 1 << page); n++) {
		*pte_of(m, page) = (unsigned long)m->pages[page] | AXE_PTE_VALID |
				   (flags & AXE_FAULT_WRITE ? AXE_PTE_WRITE : 0);
		page++;
	}
	return n;
}

/* Of what only the other half of wr.c needs. */
bool axe_cq_post(struct axe_cq *cq, const struct axe_cqe *cqe, bool solicited)
{
	return true;
}

/*---- regions ----*/

static void make_region(struct memory *m, unsigned int number)
{
	struct axe_region *rgn = &m->rgn;

	memset(m, 0, sizeof(*m));
	rgn->key = number << AXE_KEY_SHIFT | (fuzz_u8(&fuzz.in) & 1);
	rgn->pd = fuzz_u8(&fuzz.in) & 7 ? &fuzz.pd : &fuzz.foreign;
	rgn->users.count = 1;
	rgn->access = fuzz_u8(&fuzz.in) & 7 ? IB_ACCESS_LOCAL_WRITE : 0;
	rgn->kind = fuzz_u8(&fuzz.in) % 3;
	rgn->length = 1 + fuzz_u16(&fuzz.in) % MAX_LENGTH;
	rgn->iova = fuzz_u8(&fuzz.in) & 1 ? fuzz_u16(&fuzz.in) : -(u64)rgn->length;
	m->bytes = fuzz_alloc(rgn->length);
	for (u64 i = 0; i < rgn->length; i++)
		m->bytes[i] = i * 7 + (i >> 8) + number * 61;
	if (rgn->kind == AXE_REGION_LINEAR) {
		rgn->va = (uintptr_t)fuzz_alloc(rgn->length);
		memcpy((void *)rgn->va, m->bytes, rgn->length);
		return;
	}
	/* Near the end of a span, so that some go on in the next one. */
	rgn->va = (number + 1) * 8 * AXE_SPAN_SIZE - (fuzz_u16(&fuzz.in) & 0x3fff);
	m->absent = fuzz_u8(&fuzz.in) & fuzz_u8(&fuzz.in) & fuzz_u8(&fuzz.in);
	rgn->mirror = &m->mirror;
	rgn->pages = m->pages;
	m->mirror.dev = &fuzz.dev;
	for (int i = 0; i < 2; i++) {
		m->span[i].ptes = m->ptes[i];
		m->span[i].mirror = &m->mirror;
		m->span[i].base = (rgn->va & ~(AXE_SPAN_SIZE - 1)) + i * AXE_SPAN_SIZE;
	}
	for (unsigned int i = 0; i < pages_of(m); i++) {
		m->pages[i] = fuzz_alloc(sizeof(struct page));
		m->pages[i]->addr = fuzz_alloc(PAGE_SIZE);
	}
	for (u64 i = 0; i < rgn->length; i++) {
		u64 at = offset_in_page(rgn->va) + i;

		((u8 *)m->pages[at >> PAGE_SHIFT]->addr)[offset_in_page(at)] = m->bytes[i];
	}
}

static u8 byte_of(const struct memory *m, u64 i)
{
	u64 at = offset_in_page(m->rgn.va) + i;

	if (m->rgn.kind == AXE_REGION_LINEAR)
		return ((u8 *)m->rgn.va)[i];
	return ((u8 *)m->pages[at >> PAGE_SHIFT]->addr)[offset_in_page(at)];
}

static void free_region(struct memory *m)
{
	if (m->rgn.kind == AXE_REGION_LINEAR) {
		free((void *)m->rgn.va);
	} else {
		for (unsigned int i = 0; i < pages_of(m); i++) {
			free(m->pages[i]->addr);
			free(m->pages[i]);
		}
	}
	free(m->bytes);
}

/*---- the loop over single bytes ----*/

struct list {
	struct axe_buf sge[MAX_SGE];
	u32 num;
	bool write;
};

static void make_list(struct list *list, bool write)
{
	list->num = fuzz_u8(&fuzz.in) % (MAX_SGE + 1);
	list->write = write;
	for (u32 i = 0; i < list->num; i++) {
		struct axe_region *rgn = &fuzz.memory[(fuzz_u8(&fuzz.in) & 1) + 2 * write].rgn;
		u8 odd = fuzz_u8(&fuzz.in);
		u64 offset = fuzz_u16(&fuzz.in), length = fuzz_u16(&fuzz.in);

		if (odd & 0xe0) {	/* mostly it fits */
			offset %= rgn->length;
			length %= rgn->length - offset + 1;
		}
		list->sge[i].addr = cpu_to_le64(rgn->iova + offset);
		list->sge[i].length = cpu_to_le32(length);
		list->sge[i].key = cpu_to_le32(odd & 0x1f ? rgn->key : rgn->key ^ odd >> 5);
	}
}

/* Byte @i of the list: which region, where in it; or why it cannot be had. */
static enum axe_code find_byte(const struct list *list, u64 i, struct memory **m, u64 *at)
{
	for (u32 k = 0; k < list->num; k++) {
		const struct axe_buf *sge = &list->sge[k];
		u32 length = le32_to_cpu(sge->length), key = le32_to_cpu(sge->key);
		u64 offset;

		if (i >= length) {
			i -= length;
			continue;
		}
		*m = &fuzz.memory[axe_key_index(key) % NUM_REGIONS];
		if ((*m)->rgn.key != key || (*m)->rgn.pd != &fuzz.pd)
			return AXE_ERR_KEY;
		if (list->write && !(*m)->rgn.access)
			return AXE_ERR_ACCESS;
		offset = le64_to_cpu(sge->addr) - (*m)->rgn.iova;
		if (offset + length > (*m)->rgn.length)
			return AXE_ERR_RANGE;
		*at = offset + i;
		if ((*m)->rgn.kind == AXE_REGION_MIRROR &&
		    (*m)->absent & 1 << ((offset_in_page((*m)->rgn.va) + *at) >> PAGE_SHIFT))
			return AXE_ERR_FAULT;
		return AXE_OK;
	}
	return AXE_ERR_LENGTH;
}

/* Does it in m->bytes; returns how far that goes. */
static u64 copy_bytes(const struct list *to, const struct list *from, u64 skip, u64 length,
		      enum axe_code *from_code, enum axe_code *to_code)
{
	struct memory *src, *dst;
	u64 i, s, d;

	*from_code = AXE_OK;
	*to_code = AXE_OK;
	for (i = 0; i < length; i++) {
		*from_code = find_byte(from, skip + i, &src, &s);
		*to_code = find_byte(to, i, &dst, &d);
		if (*from_code != AXE_OK || *to_code != AXE_OK)
			break;
		dst->bytes[d] = src->bytes[s];
	}
	return i;
}

/*---- a copy ----*/

/* Returns why it ends, AXE_OK if it is all done. */
static enum axe_code run_copy(struct axe_cursor *to, struct axe_cursor *from, u64 length,
			      u64 *done)
{
	enum axe_code code = AXE_OK;
	unsigned int rounds = 0;

	while (1) {
		fuzz_check(rounds++ < 1000, "no end");
		switch (axe_copy(to, from, length, done, &code)) {
		case AXE_COPY_DONE:
			return AXE_OK;
		case AXE_COPY_MORE:
			break;
		case AXE_COPY_FAULT_TO:
			code = axe_operand_fault(&to->opnd);
			break;
		case AXE_COPY_FAULT_FROM:
			code = axe_operand_fault(&from->opnd);
			break;
		default:
			fuzz_check(code != AXE_OK, "an error without a code");
		}
		fuzz_check(!fuzz.holds, "%d pieces are held", fuzz.holds);
		if (code != AXE_OK)
			return code;
	}
}

static void try_copy(void)
{
	struct axe_cursor to_cur, from_cur;
	enum axe_code code, from_code, to_code;
	struct list to, from;
	u64 length, skip, done = 0, expected;
	u8 shape = fuzz_u8(&fuzz.in);

	make_list(&from, false);
	make_list(&to, true);
	length = fuzz_u16(&fuzz.in) % (shape & 1 ? 600 : 20000);
	skip = shape & 2 ? fuzz_u16(&fuzz.in) % 5000 : 0;
	axe_cursor_list(&to_cur, &fuzz.dev, &fuzz.pd, to.sge, to.num, 0, true);
	axe_cursor_list(&from_cur, &fuzz.dev, &fuzz.pd, from.sge, from.num, skip, false);
	code = run_copy(&to_cur, &from_cur, length, &done);
	axe_cursor_close(&to_cur);
	axe_cursor_close(&from_cur);
	expected = copy_bytes(&to, &from, skip, length, &from_code, &to_code);
	fuzz_check(done == expected, "%llu bytes, not %llu", (unsigned long long)done,
		   (unsigned long long)expected);
	fuzz_check(code == from_code || code == to_code, "code %u, not %u or %u", code, from_code,
		   to_code);
	for (unsigned int i = 0; i < NUM_REGIONS; i++)
		fuzz_check(fuzz.memory[i].rgn.users.count == 1, "%d users",
			   fuzz.memory[i].rgn.users.count - 1);
}

static void check_memory(const struct memory *m, unsigned int number)
{
	for (u64 i = 0; i < m->rgn.length; i++)
		fuzz_check(byte_of(m, i) == m->bytes[i], "byte %llu of region %u",
			   (unsigned long long)i, number);
}

/*---- forms ----*/

static void try_request(void)
{
	static const enum ib_qp_type types[] = { IB_QPT_RC, IB_QPT_UC, IB_QPT_UD, IB_QPT_XRC_INI };
	struct axe_peer *peer = calloc(1, sizeof(*peer));
	struct axe_wr *wr = &peer->wr;
	const struct axe_buf *sges = axe_wr_sges(wr);
	u64 sum = 0;

	fuzz_take(&fuzz.in, &wr->cmd, sizeof(wr->cmd));
	fuzz_take(&fuzz.in, wr->ext, sizeof(struct axe_buf) * AXE_WR_EXT_SGE);
	peer->type = types[fuzz_u8(&fuzz.in) % ARRAY_SIZE(types)];
	axe_wr_check(peer);
	fuzz_check((wr->code == AXE_OK) == (wr->status == IB_WC_SUCCESS), "code %u, status %u",
		   wr->code, wr->status);
	if (wr->code == AXE_OK) {
		for (u32 i = 0; i < wr->cmd.num_sge; i++) {
			fuzz_check((u8 *)&sges[i + 1] <= wr->ext + wr->cmd.ext * AXE_SLOT_SIZE,
				   "entry %u of %u is not there", i, wr->cmd.num_sge);
			sum += le32_to_cpu(sges[i].length);
		}
		if (wr->cmd.flags & AXE_WR_INLINE)
			sum = le32_to_cpu(wr->cmd.sge.length);
		fuzz_check(wr->length == sum && sum <= AXE_MAX_MSG, "length");
		fuzz_check(!(wr->cmd.flags & AXE_WR_INLINE) || sum <= sizeof(wr->ext), "inline");
	}
	free(peer);
}

static void try_command(void)
{
	struct axe_task *task = calloc(1, sizeof(*task));
	struct axe_cqe cqe;

	fuzz_take(&fuzz.in, &task->cmd, sizeof(task->cmd));
	fuzz_take(&fuzz.in, &task->ext, sizeof(task->ext));
	axe_task_check(task);
	fuzz_check((task->code == AXE_OK) == !!task->op, "code %u", task->code);
	if (task->op) {
		fuzz_check(task->opcode < AXE_OP_MAX && task->op == axe_ops[task->opcode],
			   "opcode %u", task->opcode);
		fuzz_check(!(task->flags & ~AXE_CMD_FLAGS_ALL), "flags %#x", task->flags);
		fuzz_check(task->cmd.ext <= AXE_MAX_EXT && !task->cmd.reserved, "form");
		fuzz_check(le32_to_cpu(task->cmd.src.length) <= task->op->max_src &&
			   le32_to_cpu(task->cmd.dst.length) <= task->op->max_dst, "lengths");
		fuzz_check(!(task->flags & AXE_CMD_RESULT) ||
			   (task->cmd.ext == 1 && le32_to_cpu(task->ext.result.length) == 32),
			   "a result without a place");
	}
	axe_task_complete(task, 1, &cqe);
	fuzz_check((cqe.status == IB_WC_SUCCESS) == (task->code == AXE_OK), "status %u", cqe.status);
	free(task);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int i;

	fuzz.in = (struct fuzz_in){ data, size };
	fuzz.faults = 0;
	try_request();
	try_command();
	for (i = 0; i < NUM_REGIONS; i++)
		make_region(&fuzz.memory[i], i);
	try_copy();
	for (i = 0; i < NUM_REGIONS; i++)
		check_memory(&fuzz.memory[i], i);
	for (i = 0; i < NUM_REGIONS; i++)
		free_region(&fuzz.memory[i]);
	return 0;
}
