// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe-bench: operations of 4 KiB and AF_ALG, of 64 KiB and a loop in the kernel; chains
 *
 * The same algorithm of the same kernel on the same memory, one operation at a time:
 * axe with a queue that works in the doorbell's system call, and AF_ALG with what it
 * takes: send and recv for a hash, sendmsg and read for a cipher. Then axe with 32
 * commands a doorbell, and with a queue of workers that has many to do. All in turns; a
 * row is the median of many rounds.
 */
#include <linux/if_alg.h>
#include <sys/socket.h>

#include "ops.h"
#include "vectors.h"

#define LENGTH	4096
#define ROUNDS	31
#define EACH	50		/* operations a round */
#define BATCH	32
#define AWAY	128		/* under way at a time */

#ifndef SOL_ALG
#define SOL_ALG	279
#endif

/* With a queue that works in the doorbell, and one with workers, on the same domain. */
static struct rig here_rig, away;
/* Where a command is built. */
static struct rig *on = &here_rig;
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
	struct ibv_sge s = here(on, src, LENGTH);

	axedv_wr_crc32c(on->qx, &s, 0);
}

static void build_sha256(const struct row *row)
{
	struct ibv_sge s = here(on, src, LENGTH), d = here(on, dst, 32);

	axedv_wr_hash(on->qx, &d, &s, AXE_HASH_SHA256, 0);
}

static void build_cbc(const struct row *row)
{
	struct ibv_sge s = here(on, src, LENGTH), d = here(on, dst, LENGTH);

	axedv_wr_encrypt(on->qx, &d, &s, row->axe_key, iv, 0);
}

static void build_gcm(const struct row *row)
{
	struct ibv_sge s = here(on, src, LENGTH), d = here(on, dst, LENGTH + 16);

	axedv_wr_seal(on->qx, &d, &s, NULL, row->axe_key, iv, 12);
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

	rig_begin(on, 1, IBV_SEND_SIGNALED);
	for (i = 0; i < n; i++)
		row->build(row);
	rig_end(on);
	for (i = 0; i < n; i++) {
		while (!rig_poll(on, &wc))
			;
		demand(wc.code == AXE_OK, "%s: %s", row->name, axedv_code_str(wc.code));
	}
}

/* By workers, on as many CPUs as there are, while the program sleeps. */
static void axe_away(const struct row *row, unsigned int n)
{
	struct wc wc;
	unsigned int i;

	on = &away;
	rig_begin(on, 1, 0);
	for (i = 0; i < n; i++) {
		if (i + 1 == n)
			on->qx->wr_flags = IBV_SEND_SIGNALED;
		row->build(row);
	}
	rig_end(on);
	wc = rig_wait(on);
	demand(wc.code == AXE_OK, "%s: %s", row->name, axedv_code_str(wc.code));
	on = &here_rig;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint64_t median(uint64_t *v, int n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

static void measure(const struct row *row)
{
	uint64_t alg[ROUNDS], one[ROUNDS], many[ROUNDS], far[ROUNDS], start;
	double a, b, c, d;
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
		start = now_ns();
		axe_away(row, AWAY);
		far[i] = (now_ns() - start) / AWAY;
	}
	a = median(alg, ROUNDS) / 1e3;
	b = median(one, ROUNDS) / 1e3;
	c = median(many, ROUNDS) / 1e3;
	d = median(far, ROUNDS) / 1e3;
	printf("| %s | %.1f | %.1f | %.2f | %.1f | %.2f | %.1f | %.2f |\n", row->name, a, b, a / b,
	       c, a / c, d, a / d);
}

static void bench_alg(void)
{
	unsigned int i;

	rig_open(&here_rig, &(struct rig_options){
		.mode = AXE_QUEUE_INLINE, .offload = AXE_OFFLOAD_NEVER });
	rig_share(&away, &here_rig);
	rig_open_queue(&away, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .unsignaled = true, .depth = 256,
		.offload = AXE_OFFLOAD_NEVER });
	src = pages(2 * LENGTH);
	dst = pages(2 * LENGTH);
	fill_noise(src, LENGTH, 1);
	printf("| 4 KiB, us each | AF_ALG | axe | ratio ");
	printf("| axe, 32 a doorbell | ratio | axe, workers | ratio |\n"
	       "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct row *row = &rows[i];

		open_alg(row);
		if (row->key) {
			row->axe_key = axedv_create_key(here_rig.pd, row->key, AXE_KEY_ENCRYPT,
							key_bytes, sizeof(key_bytes));
			demand(row->axe_key, "axedv_create_key");
		}
		measure(row);
		if (row->axe_key)
			axedv_destroy_key(row->axe_key);
		close(row->fd);
	}
	rig_close_queue(&away);
	rig_close(&here_rig);
}

/* All, or those parts that are named. */
static bool wanted(int argc, char **argv, const char *part)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], part))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	if (wanted(argc, argv, "alg"))
		bench_alg();
	if (wanted(argc, argv, "loop"))
		bench_loop();
	if (wanted(argc, argv, "chains"))
		bench_chains();
	return 0;
}
