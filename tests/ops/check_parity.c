// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Parity and erasure codes: against their definitions, in lanes.c. */

#include "lanes.h"

/* Lists lie in memory that the device sees, and stay while it works. */
static struct lanes l;
static uint8_t coef[MAX_DST][MAX_SRC];

/* Data, which may well overlap: each lane begins elsewhere in its page. */
static unsigned int set_data(const struct operands *o, unsigned int num)
{
	unsigned int i;

	memset(&l, 0, sizeof(l));
	l.length = o->length;
	fill_noise(src_p(o), 2 * o->length + PAGE, o->seed);
	for (i = 0; i < num; i++)
		lanes_add_src(&l, o->src, o->src_at + i * 1237 % (o->length + PAGE));
	return num;
}

/* Room for two lanes of this length, with edges. */
static size_t second(const struct operands *o, size_t at)
{
	return at + o->length + 2 * EDGE + 5;
}

static void set_dst(const struct operands *o, unsigned int num)
{
	lanes_add_dst(&l, o->dst, o->dst_at);
	if (num > 1)
		lanes_add_dst(&l, o->dst, second(o, o->dst_at));
	if (num > 2)
		lanes_add_dst(&l, o->aux, o->aux_at);
	if (num > 3)
		lanes_add_dst(&l, o->aux, second(o, o->aux_at));
}

/* What is made by @coef is put behind the data. */
static void set_parity(const struct operands *o, unsigned int num)
{
	unsigned int data = l.num_src, i;

	for (i = 0; i < num; i++) {
		lanes_add_src(&l, o->aux, i ? second(o, o->aux_at) : o->aux_at);
		lanes_sum(l.src_p[data + i], l.src_p, coef[i], data, l.length);
	}
}

static void coef_pq(unsigned int data)
{
	unsigned int i;

	for (i = 0; i < data; i++) {
		coef[0][i] = 1;
		coef[1][i] = gf_power(i);
	}
}

static void coef_cauchy(unsigned int data, unsigned int parity)
{
	unsigned int i, j;

	for (i = 0; i < parity; i++)
		for (j = 0; j < data; j++)
			coef[i][j] = gf_inverse((data + i) ^ j);
}

static void edges_before(void)
{
	unsigned int i;

	for (i = 0; i < l.num_dst; i++)
		edges_set(l.dst_p[i], l.length);
}

static void done(struct wc wc, const char *what)
{
	unsigned int i;

	assert_done(wc);
	assert_int_equal(wc.byte_len, l.num_dst * l.length);
	for (i = 0; i < l.num_dst; i++)
		edges_check(l.dst_p[i], l.length, what);
}

static void compare(struct wc wc, const char *what)
{
	unsigned int i;

	done(wc, what);
	for (i = 0; i < l.num_dst; i++) {
		lanes_sum(scratch, l.src_p, coef[i], l.num_src, l.length);
		demand(!memcmp(scratch, l.dst_p[i], l.length), "%s: destination %u of %u, %zu bytes",
		       what, i, l.num_dst, l.length);
	}
}

static void check_xor(const struct operands *o)
{
	unsigned int num = set_data(o, o->length > MIB ? 3 : 2 + o->seed % 6);
	struct ibv_sge src, dst;

	set_dst(o, 1);
	coef_pq(num);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	edges_before();
	compare(run(&rig, xor, &dst, &src), "xor");
}

static void check_pq_generate(const struct operands *o)
{
	unsigned int num = set_data(o, 1 + o->seed % 10);
	struct ibv_sge src, dst;

	set_dst(o, 2);
	coef_pq(num);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	edges_before();
	compare(run(&rig, pq_generate, &dst, &src), "pq-generate");
}

static void expect_at(struct wc wc, uint64_t result, size_t equal)
{
	assert_done(wc);
	demand(wc.result[0] == result, "wrong at %#llx, not %#llx",
	       (unsigned long long)wc.result[0], (unsigned long long)result);
	assert_int_equal(wc.byte_len, equal);
}

static void check_xor_check(const struct operands *o)
{
	struct ibv_sge src;
	size_t at;

	coef_pq(set_data(o, 1 + o->seed % 4));
	set_parity(o, 1);
	src = lanes_src(&l);
	expect_at(run(&rig, xor_check, &src), UINT64_MAX, l.length);
	for (at = 0; at < l.length; at += l.length / 3 + 1) {
		l.src_p[l.num_src - 1][at] ^= 4;
		expect_at(run(&rig, xor_check, &src), at, at);
		l.src_p[l.num_src - 1][at] ^= 4;
	}
}

static void check_pq_check(const struct operands *o)
{
	struct ibv_sge src;
	size_t at;

	coef_pq(set_data(o, 1 + o->seed % 4));
	set_parity(o, 2);
	src = lanes_src(&l);
	expect_at(run(&rig, pq_check, &src), UINT64_MAX, l.length);
	for (at = 0; at < l.length; at += l.length / 3 + 1) {
		l.src_p[l.num_src - 1 - at % 2][at] ^= 4;
		expect_at(run(&rig, pq_check, &src), at, at);
		l.src_p[l.num_src - 1 - at % 2][at] ^= 4;
	}
}

/* Take what is lost from the sources: it becomes what the destinations are to be. */
static void lose(uint64_t lost, uint8_t *want[2])
{
	unsigned int i, n = 0, k = 0;

	for (i = 0; i < l.num_src; i++) {
		if (lost >> i & 1) {
			want[k++] = l.src_p[i];
			continue;
		}
		l.src[n] = l.src[i];
		l.src_p[n++] = l.src_p[i];
	}
	l.num_src = n;
}

static void compare_lost(struct wc wc, uint8_t *const want[2], const char *what)
{
	unsigned int i;

	done(wc, what);
	for (i = 0; i < l.num_dst; i++)
		demand(!memcmp(want[i], l.dst_p[i], l.length), "%s: %u of %u, %zu bytes", what, i,
		       l.num_dst, l.length);
}

static void check_pq_recover(const struct operands *o)
{
	unsigned int data = set_data(o, 2 + o->seed % 5), a = o->seed % (data + 1), b;
	struct ibv_sge src, dst;
	uint8_t *want[2];

	b = o->seed % 4 ? a + 1 + o->seed % (data + 1 - a) : AXE_PQ_NONE;
	coef_pq(data);
	set_parity(o, 2);
	lose(1ULL << a | (b == AXE_PQ_NONE ? 0 : 1ULL << b), want);
	set_dst(o, b == AXE_PQ_NONE ? 1 : 2);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	edges_before();
	compare_lost(run(&rig, pq_recover, &dst, &src, data, a, b), want, "pq-recover");
}

static void check_erasure(const struct operands *o)
{
	unsigned int num = set_data(o, 1 + o->seed % 7), rows = 1 + o->seed % 4;
	uint8_t matrix[4 * 7];
	struct ibv_sge src, dst, aux = here(&rig, matrix, rows * num);
	unsigned int i;

	fill_noise(matrix, sizeof(matrix), o->seed + 1);
	for (i = 0; i < rows; i++)
		memcpy(coef[i], matrix + i * num, num);
	set_dst(o, rows);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	edges_before();
	compare(run(&rig, erasure, &dst, &src, &aux), "erasure");
}

static void check_rs_encode(const struct operands *o)
{
	unsigned int num = set_data(o, 1 + o->seed % 10), rows = 1 + o->seed % 4;
	struct ibv_sge src, dst;

	coef_cauchy(num, rows);
	set_dst(o, rows);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	edges_before();
	compare(run(&rig, rs_encode, &dst, &src), "rs-encode");
}

static void check_rs_recover(const struct operands *o)
{
	unsigned int data = set_data(o, 1 + o->seed % 6), a = o->seed % (data + 1), b;
	uint64_t lost, all = (1ULL << (data + 2)) - 1;
	struct ibv_sge src, dst;
	uint8_t *want[2];

	b = a + 1 + o->seed % (data + 1 - a);
	lost = 1ULL << a | 1ULL << b;
	coef_cauchy(data, 2);
	set_parity(o, 2);
	lose(lost, want);
	set_dst(o, 2);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	edges_before();
	compare_lost(run(&rig, rs_recover, &dst, &src, data, 2, all & ~lost, lost), want,
		     "rs-recover");
}

static const struct op_check parity[] = {
	{ AXE_OP_XOR, check_xor, .longest = 16 * MIB },
	{ AXE_OP_XOR_CHECK, check_xor_check, .longest = MIB },
	{ AXE_OP_PQ_GENERATE, check_pq_generate, .longest = MIB },
	{ AXE_OP_PQ_CHECK, check_pq_check, .longest = MIB },
	{ AXE_OP_PQ_RECOVER, check_pq_recover, .longest = MIB },
	{ AXE_OP_ERASURE, check_erasure, .longest = MIB },
	{ AXE_OP_RS_ENCODE, check_rs_encode, .longest = MIB },
	{ AXE_OP_RS_RECOVER, check_rs_recover, .longest = MIB },
};
OP_CHECKS(parity, parity);
