// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe-bench: AES-CBC of 64 KiB on virtio-crypto, through axe and through AF_ALG
 *
 * The same driver of the same device both ways, and the kernel's generic AES through
 * AF_ALG, one operation at a time: axe with a queue that works in the doorbell's system
 * call, AF_ALG with sendmsg and read. Then four at a time: of one axe queue, and of
 * four threads, each with a socket of its own, as AF_ALG has it. All in turns; a figure is the
 * median of many rounds.
 */
#include <linux/if_alg.h>
#include <pthread.h>
#include <sys/socket.h>

#include "common.h"
#include "vectors.h"

#define LENGTH	(64 * KIB)
#define ROUNDS	21
#define EACH	16		/* operations a round */
#define SIDE	4		/* at a time */

#ifndef SOL_ALG
#define SOL_ALG	279
#endif

static const uint8_t key_bytes[16] = "0123456789abcde", iv[16];
static struct rig one, many;
static struct axedv_key *key;
static uint8_t *src, *dst;

/* Returns -1 if there is no such algorithm. */
static int open_alg(const char *driver)
{
	struct sockaddr_alg addr = { .salg_family = AF_ALG, .salg_type = "skcipher" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), op;

	demand(fd >= 0, "AF_ALG");
	strcpy((char *)addr.salg_name, driver);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -1;
	}
	demand(!setsockopt(fd, SOL_ALG, ALG_SET_KEY, key_bytes, sizeof(key_bytes)), "its key");
	op = accept(fd, NULL, 0);
	demand(op >= 0, "accept");
	close(fd);
	return op;
}

static void alg_one(int fd, unsigned int i)
{
	uint8_t control[CMSG_SPACE(4) + CMSG_SPACE(sizeof(struct af_alg_iv) + 16)] = {};
	struct iovec iov = { src + i * LENGTH, LENGTH };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
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
	c->cmsg_len = CMSG_LEN(sizeof(*alg_iv) + 16);
	alg_iv = (struct af_alg_iv *)CMSG_DATA(c);
	alg_iv->ivlen = 16;
	memcpy(alg_iv->iv, iv, 16);
	demand(sendmsg(fd, &msg, 0) == (ssize_t)LENGTH, "sendmsg");
	demand(read(fd, dst + i * LENGTH, LENGTH) == (ssize_t)LENGTH, "read");
}

static void axe_post(struct rig *r, unsigned int i)
{
	struct ibv_sge s = here(r, src + i * LENGTH, LENGTH);
	struct ibv_sge d = here(r, dst + i * LENGTH, LENGTH);

	rig_begin(r, i, IBV_SEND_SIGNALED);
	axedv_wr_encrypt(r->qx, &d, &s, key, iv, 0);
	rig_end(r);
}

static unsigned int axe_take(struct rig *r)
{
	struct wc wc = rig_wait(r);

	demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	return wc.wr_id;
}

struct thread {
	pthread_t thread;
	unsigned int i;
	int fd;
};

static void *alg_thread(void *arg)
{
	struct thread *t = arg;
	unsigned int n;

	for (n = 0; n < EACH; n++)
		alg_one(t->fd, t->i);
	return NULL;
}

static uint64_t alg_side(struct thread *threads)
{
	uint64_t start = now_ns();
	unsigned int i;

	for (i = 0; i < SIDE; i++)
		demand(!pthread_create(&threads[i].thread, NULL, alg_thread, &threads[i]), "thread");
	for (i = 0; i < SIDE; i++)
		pthread_join(threads[i].thread, NULL);
	return (now_ns() - start) / (EACH * SIDE);
}

static uint64_t axe_side(void)
{
	uint64_t start = now_ns();
	unsigned int i;

	for (i = 0; i < SIDE; i++)
		axe_post(&many, i);
	for (; i < EACH * SIDE; i++)
		axe_post(&many, axe_take(&many));
	for (i = 0; i < SIDE; i++)
		axe_take(&many);
	return (now_ns() - start) / (EACH * SIDE);
}

static uint64_t alg_alone(int fd)
{
	uint64_t start = now_ns();
	unsigned int n;

	for (n = 0; n < EACH; n++)
		alg_one(fd, 0);
	return (now_ns() - start) / EACH;
}

static uint64_t axe_alone(void)
{
	uint64_t start = now_ns();
	unsigned int n;

	for (n = 0; n < EACH; n++) {
		axe_post(&one, 0);
		axe_take(&one);
	}
	return (now_ns() - start) / EACH;
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

static void say(const char *what, double us, double axe)
{
	printf("%-34s %10.1f %8.2f\n", what, us, us / axe);
}

static void measure(int device, int generic, struct thread *threads)
{
	uint64_t v[5][ROUNDS];
	double axe, axe4;
	unsigned int i;

	/* Once before it counts: memory is brought in, the key is given to the device. */
	axe_alone();
	axe_side();
	for (i = 0; i < ROUNDS; i++) {
		v[0][i] = axe_alone();
		v[1][i] = alg_alone(device);
		v[2][i] = alg_alone(generic);
		v[3][i] = axe_side();
		v[4][i] = alg_side(threads);
	}
	axe = median_us(v[0]);
	axe4 = median_us(v[3]);
	printf("%-34s %10s %8s\n", "AES-CBC of 64 KiB", "us each", "of axe's");
	say("axe on virtio-crypto", axe, axe);
	say("AF_ALG on virtio-crypto", median_us(v[1]), axe);
	say("AF_ALG, generic AES on the CPU", median_us(v[2]), axe);
	say("axe on virtio-crypto, 4 at a time", axe4, axe4);
	say("AF_ALG on virtio-crypto, 4 threads", median_us(v[4]), axe4);
}

static void open_queue(struct rig *r, enum axe_queue_mode mode)
{
	struct rig_options options = { .mode = mode, .offload = AXE_OFFLOAD_ONLY, .lanes = SIDE };

	rig_share(r, &one);
	rig_open_queue(r, &options);
}

int main(void)
{
	int device = open_alg("virtio_crypto_aes_cbc"), generic = open_alg("cbc(aes-generic)");
	struct rig_options options = { .mode = AXE_QUEUE_INLINE, .offload = AXE_OFFLOAD_ONLY };
	struct thread threads[SIDE];
	unsigned int i;

	if (generic < 0)
		generic = open_alg("cbc(aes-lib)");
	demand(generic >= 0, "no generic AES");
	demand(device >= 0, "this machine has no virtio-crypto, or no driver for it");
	must("modprobe axe_crypto");
	rig_open(&one, &options);
	open_queue(&many, AXE_QUEUE_WORKER);
	key = axedv_create_key(one.pd, AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT, key_bytes,
			       sizeof(key_bytes));
	demand(key, "no key");
	src = pages(SIDE * LENGTH);
	dst = pages(SIDE * LENGTH);
	fill_noise(src, SIDE * LENGTH, 1);
	for (i = 0; i < SIDE; i++)
		threads[i] = (struct thread) { .i = i, .fd = open_alg("virtio_crypto_aes_cbc") };
	measure(device, generic, threads);
	rig_close_queue(&many);
	demand(!axedv_destroy_key(key), "axedv_destroy_key");
	rig_close(&one);
	return 0;
}
