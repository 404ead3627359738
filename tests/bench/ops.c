// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe-bench: operations of 4 KiB, through axe and through AF_ALG; a chain and its steps
 *
 * The same algorithm of the same kernel on the same memory, one operation at a time:
 * axe with a queue that works in the doorbell's system call, and AF_ALG with what it
 * takes: send and recv for a hash, sendmsg and read for a cipher. Both ways in turns; a
 * row is the median of many rounds. The last column is what axe does when 32 commands
 * share a doorbell.
 *
 * Then a chain of 1 MiB, and the same steps as linked commands.
 */
#include <linux/if_alg.h>
#include <sys/socket.h>

#include "common.h"
#include "vectors.h"

#define LENGTH	4096
#define ROUNDS	31
#define EACH	50		/* operations a round */
#define BATCH	32

#ifndef SOL_ALG
#define SOL_ALG	279
#endif

static struct rig rig;
static uint8_t *src, *dst;
static const uint8_t key_bytes[16] = "0123456789abcde", iv[16];

struct row {
	const char *name;
	const char *type;		/* of AF_ALG */
	const char *algorithm;
	size_t out;			/* bytes that AF_ALG gives back */
	void (*build)(const struct row *row);
	enum axe_key_algorithm key;
	struct axedv_key *axe_key;
	int fd;
};

static void build_crc32c(const struct row *row)
{
	struct ibv_sge s = here(&rig, src, LENGTH);

	axedv_wr_crc32c(rig.qx, &s, 0);
}

static void build_sha256(const struct row *row)
{
	struct ibv_sge s = here(&rig, src, LENGTH), d = here(&rig, dst, 32);

	axedv_wr_hash(rig.qx, &d, &s, AXE_HASH_SHA256, 0);
}

static void build_cbc(const struct row *row)
{
	struct ibv_sge s = here(&rig, src, LENGTH), d = here(&rig, dst, LENGTH);

	axedv_wr_encrypt(rig.qx, &d, &s, row->axe_key, iv, 0);
}

static void build_gcm(const struct row *row)
{
	struct ibv_sge s = here(&rig, src, LENGTH), d = here(&rig, dst, LENGTH + 16);

	axedv_wr_seal(rig.qx, &d, &s, NULL, row->axe_key, iv, 12);
}

static struct row rows[] = {
	{ .name = "crc32c", .type = "hash", .algorithm = "crc32c", .out = 4,
	  .build = build_crc32c },
	{ .name = "sha256", .type = "hash", .algorithm = "sha256", .out = 32,
	  .build = build_sha256 },
	{ .name = "aes-cbc", .type = "skcipher", .algorithm = "cbc(aes)", .out = LENGTH,
	  .build = build_cbc, .key = AXE_KEY_AES_CBC },
	{ .name = "aes-gcm", .type = "aead", .algorithm = "gcm(aes)", .out = LENGTH + 16,
	  .build = build_gcm, .key = AXE_KEY_AES_GCM },
};

static void open_alg(struct row *row)
{
	struct sockaddr_alg addr = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strcpy((char *)addr.salg_type, row->type);
	strcpy((char *)addr.salg_name, row->algorithm);
	demand(fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr)), "AF_ALG: %s",
	       row->algorithm);
	if (row->key)
		demand(!setsockopt(fd, SOL_ALG, ALG_SET_KEY, key_bytes, sizeof(key_bytes)),
		       "AF_ALG's key");
	if (!strcmp(row->type, "aead"))
		demand(!setsockopt(fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, 16), "AF_ALG's tag");
	row->fd = accept(fd, NULL, 0);
	demand(row->fd >= 0, "AF_ALG: accept");
	close(fd);
}

static void alg_hash(const struct row *row)
{
	demand(send(row->fd, src, LENGTH, 0) == LENGTH, "send");
	demand(recv(row->fd, dst, row->out, 0) == (ssize_t)row->out, "recv");
}

static void alg_cipher(const struct row *row)
{
	size_t iv_len = row->out == LENGTH ? 16 : 12;
	uint8_t control[CMSG_SPACE(4) + CMSG_SPACE(sizeof(struct af_alg_iv) + 16)] = {};
	struct iovec iov = { src, LENGTH };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(4) + CMSG_SPACE(sizeof(struct af_alg_iv) + iv_len),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct af_alg_iv *alg_iv;
	uint32_t op = ALG_OP_ENCRYPT;

	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_OP;
	c->cmsg_len = CMSG_LEN(4);
	memcpy(CMSG_DATA(c), &op, 4);
	c = CMSG_NXTHDR(&msg, c);
	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_IV;
	c->cmsg_len = CMSG_LEN(sizeof(*alg_iv) + iv_len);
	alg_iv = (struct af_alg_iv *)CMSG_DATA(c);
	alg_iv->ivlen = iv_len;
	memcpy(alg_iv->iv, iv, iv_len);
	demand(sendmsg(row->fd, &msg, 0) == LENGTH, "sendmsg");
	demand(read(row->fd, dst, row->out) == (ssize_t)row->out, "read");
}

static void alg_one(const struct row *row)
{
	if (!strcmp(row->type, "hash"))
		alg_hash(row);
	else
		alg_cipher(row);
}

static void axe_some(const struct row *row, unsigned int n)
{
	struct wc wc;
	unsigned int i;

	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	for (i = 0; i < n; i++)
		row->build(row);
	rig_end(&rig);
	for (i = 0; i < n; i++) {
		while (!rig_poll(&rig, &wc))
			;
		demand(wc.code == AXE_OK, "%s: %s", row->name, axedv_code_str(wc.code));
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static double median_us(uint64_t *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2] / 1e3;
}

static void measure(const struct row *row)
{
	uint64_t alg[ROUNDS], one[ROUNDS], many[ROUNDS], start;
	double a, b, c;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		start = now_ns();
		for (j = 0; j < EACH; j++)
			alg_one(row);
		alg[i] = (now_ns() - start) / EACH;
		start = now_ns();
		for (j = 0; j < EACH; j++)
			axe_some(row, 1);
		one[i] = (now_ns() - start) / EACH;
		start = now_ns();
		axe_some(row, BATCH);
		many[i] = (now_ns() - start) / BATCH;
	}
	a = median_us(alg);
	b = median_us(one);
	c = median_us(many);
	printf("%-10s %10.1f %10.1f %8.2f %12.1f\n", row->name, a, b, a / b, c);
}

#define LONG	(1024 * 1024)

static void linked(uint8_t *a, uint8_t *b, uint8_t *c)
{
	struct ibv_sge from = here(&rig, a, LONG), mid = here(&rig, b, LONG);
	struct ibv_sge to = here(&rig, c, LONG);
	uint64_t id = ++rig.next_id;

	rig_begin(&rig, id, 0);
	axedv_wr_copy(rig.qx, &mid, &from);
	rig.qx->wr_flags = AXEDV_SEND_LINK;
	axedv_wr_crc32(rig.qx, &mid, 0);
	axedv_wr_copy(rig.qx, &to, &mid);
	rig.qx->wr_flags = AXEDV_SEND_LINK | IBV_SEND_SIGNALED;
	axedv_wr_crc32c(rig.qx, &to, 0);
	rig_end(&rig);
	demand(rig_wait_for(&rig, id).code == AXE_OK, "linked commands");
}

static void chained(uint8_t *a, uint8_t *c, struct axe_stage *stages)
{
	struct ibv_sge from = here(&rig, a, LONG), to = here(&rig, c, LONG);
	struct ibv_sge list = here(&rig, stages, 4 * sizeof(*stages));
	struct wc wc = run(&rig, chain, &to, &from, &list);

	demand(wc.code == AXE_OK, "chain: %s", axedv_code_str(wc.code));
}

static void measure_chain(void)
{
	static const enum axe_opcode ops[] = {
		AXE_OP_COPY, AXE_OP_CRC32, AXE_OP_COPY, AXE_OP_CRC32C,
	};
	uint8_t *a = pages(LONG), *b = pages(LONG), *c = pages(LONG);
	uint64_t apart[ROUNDS], together[ROUNDS], start;
	struct axe_stage *stages = pages(PAGE);
	double x, y;
	int i;

	for (i = 0; i < 4; i++)
		axedv_stage_init(&stages[i], ops[i]);
	for (i = 0; i < ROUNDS; i++) {
		start = now_ns();
		linked(a, b, c);
		apart[i] = now_ns() - start;
		start = now_ns();
		chained(a, c, stages);
		together[i] = now_ns() - start;
	}
	x = median_us(apart);
	y = median_us(together);
	printf("copy, crc32, copy, crc32c of 1 MiB: linked %.1f, as a chain %.1f: %.2f times\n",
	       x, y, x / y);
}

int main(void)
{
	struct rig_options options = { .mode = AXE_QUEUE_INLINE };
	unsigned int i;

	rig_open(&rig, &options);
	src = pages(2 * LENGTH);
	dst = pages(2 * LENGTH);
	fill_noise(src, LENGTH, 1);
	printf("4 KiB each, microseconds\n%-10s %10s %10s %8s %12s\n", "", "AF_ALG", "axe", "times",
	       "axe, 32 each");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct row *row = &rows[i];

		open_alg(row);
		if (row->key) {
			row->axe_key = axedv_create_key(rig.pd, row->key, AXE_KEY_ENCRYPT, key_bytes,
							sizeof(key_bytes));
			demand(row->axe_key, "axedv_create_key");
		}
		measure(row);
		if (row->axe_key)
			axedv_destroy_key(row->axe_key);
		close(row->fd);
	}
	rig_close_queue(&rig);
	rig_open_queue(&rig, &(struct rig_options){ .unsignaled = true });
	measure_chain();
	rig_close(&rig);
	return 0;
}
