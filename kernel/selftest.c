// SPDX-License-Identifier: GPL-2.0
/*
 * What does an operation cost without a device around it?
 *
 * /sys/kernel/debug/axe/selftest, for root: a command is written, and run many times in a
 * loop on copies of its operands, in the kernel's memory. What comes back is how long that
 * took. With @direct it is the kernel's own routine that is called, for operations that
 * are little more than one.
 */

#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/compiler.h>
#include <linux/crc32.h>
#include <linux/crc32c.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "key.h"
#include "selftest.h"
#include "task.h"

#define AXE_SELFTEST_MAX	(1024 * 1024)
/* No two operands begin at the same place of a cache, or of an emulator's TLB. */
#define AXE_SELFTEST_SKEW	(37 * PAGE_SIZE)
#define AXE_SELFTEST_LANES	64
#define AXE_SELFTEST_ROUNDS	100000

/**
 * struct axe_selftest - what is written
 * @rounds:	how often the command is to run
 * @direct:	call the kernel's routine instead, of those in axe_selftest_direct()
 * @key:	enum axe_key_algorithm of the key that the command is to have; its number is
 *		not looked at
 * @key_len:	of that key, at most 64; its bytes are arbitrary
 * @cmd:	the command; keys of memory are not looked at
 * @ext:	its extension slot
 */
struct axe_selftest {
	u32 rounds;
	u32 direct;
	u32 key;
	u32 key_len;
	struct axe_cmd cmd;
	struct axe_cmd_ext ext;
};

/* A command's operand, or all @num of a list, of which the last has @lane_len bytes. */
struct axe_copied {
	u8 *all;
	u8 *mem;
	size_t len;
	unsigned int num;
	size_t lane_len;
};

struct axe_selftest_run {
	struct axe_selftest t;
	struct axe_task task;
	struct axe_key key;
	bool has_key;
	struct axe_copied src;
	struct axe_copied dst;
	struct axe_copied aux;
	u64 ns;
	u32 sum;	/* so that nothing is left out for want of a reader */
	u8 *lanes[AXE_SELFTEST_LANES];
};

static int axe_copied_add(struct axe_copied *c, const struct axe_buf *buf)
{
	size_t len = le32_to_cpu(buf->length);

	if (len > AXE_SELFTEST_MAX - c->len)
		return -EINVAL;
	if (copy_from_user(c->mem + c->len, u64_to_user_ptr(le64_to_cpu(buf->addr)), len))
		return -EFAULT;
	c->len += len;
	c->lane_len = len;
	c->num++;
	return 0;
}

static int axe_copied_make(struct axe_copied *c, unsigned int which, const struct axe_buf *buf,
			   bool list)
{
	struct axe_buf entry;
	unsigned int num = le32_to_cpu(buf->length) / sizeof(entry), i;
	int ret = 0;

	/* Contiguous, and aligned as the crypto API likes it. */
	c->all = kzalloc(AXE_SELFTEST_MAX + 2 * AXE_SELFTEST_SKEW, GFP_KERNEL);
	if (!c->all)
		return -ENOMEM;
	c->mem = c->all + which * AXE_SELFTEST_SKEW;
	if (!list)
		return axe_copied_add(c, buf);
	if (num > AXE_SELFTEST_LANES)
		return -EINVAL;
	for (i = 0; !ret && i < num; i++) {
		u64 at = le64_to_cpu(buf->addr) + i * sizeof(entry);

		if (copy_from_user(&entry, u64_to_user_ptr(at), sizeof(entry)))
			return -EFAULT;
		ret = axe_copied_add(c, &entry);
	}
	return ret;
}

static int axe_selftest_operands(struct axe_selftest_run *run)
{
	const struct axe_op *op = run->task.op;
	unsigned int i, n = 0;
	int ret;

	ret = axe_copied_make(&run->src, 0, &run->task.cmd.src, op->max_src_list);
	if (!ret)
		ret = axe_copied_make(&run->dst, 1, &run->task.cmd.dst, op->max_dst_list);
	if (!ret)
		ret = axe_copied_make(&run->aux, 2, &run->task.x.ext->aux, false);
	if (ret || !op->lanes)
		return ret;
	if (run->src.num + run->dst.num > AXE_SELFTEST_LANES)
		return -EINVAL;
	for (i = 0; i < run->src.num; i++)
		run->lanes[n++] = run->src.mem + i * run->src.lane_len;
	for (i = 0; i < run->dst.num; i++)
		run->lanes[n++] = run->dst.mem + i * run->dst.lane_len;
	return 0;
}

/* All of all operands, untouched. */
static void axe_selftest_rewind(struct axe_selftest_run *run)
{
	struct axe_exec *x = &run->task.x;

	x->src = run->src.mem;
	x->src_len = run->src.len;
	x->dst = run->dst.mem;
	x->dst_len = run->dst.len;
	x->aux = run->aux.mem;
	x->aux_len = run->aux.len;
	x->lanes = run->lanes;
	x->lane_len = run->src.lane_len;
	x->num_src = run->src.num;
	x->num_dst = run->dst.num;
	x->src_end = true;
	x->dst_end = true;
	x->aux_end = true;
	x->lane_end = true;
	x->done = 0;
	x->result[0] = 0;
	x->result[1] = 0;
}

/* Of private memory, which is there, as in a device that has run the command before. */
static enum axe_code axe_selftest_once(struct axe_selftest_run *run)
{
	const struct axe_op *op = run->task.op;
	enum axe_code code = AXE_OK;
	int ret;

	axe_selftest_rewind(run);
	if (op->begin)
		code = op->begin(&run->task.x);
	if (code != AXE_OK)
		return code;
	do {
		ret = op->exec(&run->task.x);
	} while (ret == AXE_EXEC_AGAIN || ret == AXE_EXEC_MORE);
	return ret;
}

static int axe_selftest_loop(struct axe_selftest_run *run)
{
	const struct axe_op *op = run->task.op;
	struct axe_exec *x = &run->task.x;
	enum axe_code code = AXE_OK;
	u32 i;

	axe_selftest_rewind(run);
	if (axe_op_has_priv(op)) {
		x->priv_len = op->priv_need ? op->priv_need(x) : op->priv_size();
		x->priv = kvmalloc(x->priv_len, GFP_KERNEL);
		if (!x->priv)
			return -ENOMEM;
	}
	for (i = 0; i < run->t.rounds && code == AXE_OK; i++) {
		code = axe_selftest_once(run);
		cond_resched();
		if (fatal_signal_pending(current))
			code = AXE_ERR_FLUSHED;
	}
	kvfree_sensitive(x->priv, x->priv_len);
	return code == AXE_OK ? 0 : -EIO;
}

static int axe_direct_hash(struct axe_selftest_run *run)
{
	struct crypto_shash *tfm = crypto_alloc_shash("sha256", 0, 0);
	int ret = 0;
	u32 i;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	for (i = 0; i < run->t.rounds && !ret; i++)
		ret = crypto_shash_tfm_digest(tfm, run->src.mem, run->src.len, run->dst.mem);
	crypto_free_shash(tfm);
	return ret;
}

static int axe_direct_cipher(struct axe_selftest_run *run)
{
	SYNC_SKCIPHER_REQUEST_ON_STACK(req, run->key.cipher);
	struct scatterlist src, dst;
	u8 iv[16] = {};
	int ret = 0;
	u32 i;

	sg_init_one(&src, run->src.mem, run->src.len);
	sg_init_one(&dst, run->dst.mem, run->src.len);
	skcipher_request_set_sync_tfm(req, run->key.cipher);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	for (i = 0; i < run->t.rounds && !ret; i++) {
		skcipher_request_set_crypt(req, &src, &dst, run->src.len, iv);
		ret = crypto_skcipher_encrypt(req);
	}
	skcipher_request_zero(req);
	return ret;
}

/* The routines that operations are made of, if that is one. */
static int axe_selftest_direct(struct axe_selftest_run *run)
{
	struct axe_copied *src = &run->src, *dst = &run->dst;
	u32 i, rounds = run->t.rounds, sum = 0;

	switch (run->task.opcode) {
	case AXE_OP_COPY:
		for (i = 0; i < rounds; i++) {
			memcpy(dst->mem, src->mem, src->len);
			barrier();
		}
		break;
	case AXE_OP_COMPARE:
		for (i = 0; i < rounds; i++) {
			sum += memcmp(dst->mem, src->mem, src->len);
			barrier();
		}
		break;
	case AXE_OP_CRC32:
		for (i = 0; i < rounds; i++)
			sum += crc32_le(i, src->mem, src->len);
		break;
	case AXE_OP_CRC32C:
		for (i = 0; i < rounds; i++)
			sum += crc32c(i, src->mem, src->len);
		break;
	case AXE_OP_HASH:
		return axe_direct_hash(run);
	case AXE_OP_ENCRYPT:
		return axe_direct_cipher(run);
	default:
		return -EOPNOTSUPP;
	}
	run->sum = sum;
	return 0;
}

static int axe_selftest_key(struct axe_selftest_run *run)
{
	u8 bytes[64];
	unsigned int i;
	int ret;

	if (!(run->task.op->flags & AXE_OP_HAS_KEY))
		return 0;
	if (run->t.key_len > sizeof(bytes))
		return -EINVAL;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	ret = axe_key_init(&run->key, run->t.key, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, bytes,
			   run->t.key_len);
	if (ret)
		return ret;
	run->has_key = true;
	run->task.x.key = &run->key;
	return axe_key_fits(&run->key, run->task.op) ? 0 : -EINVAL;
}

static int axe_selftest_run(struct axe_selftest_run *run)
{
	ktime_t start;
	int ret;

	run->task.cmd = run->t.cmd;
	run->task.ext = run->t.ext;
	axe_task_check(&run->task);
	if (run->task.code != AXE_OK || run->task.stream != AXE_STREAM_NONE ||
	    run->task.op->chain || run->task.op->run || run->t.rounds > AXE_SELFTEST_ROUNDS)
		return -EINVAL;
	ret = axe_selftest_key(run);
	if (!ret)
		ret = axe_selftest_operands(run);
	if (ret)
		return ret;
	start = ktime_get();
	ret = run->t.direct ? axe_selftest_direct(run) : axe_selftest_loop(run);
	run->ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	return ret;
}

static void axe_selftest_free(struct axe_selftest_run *run)
{
	kfree(run->src.all);
	kfree(run->dst.all);
	kfree(run->aux.all);
	if (run->has_key)
		axe_key_fini(&run->key);
	kfree(run);
}

/* Its private data is how long the last loop took, in nanoseconds. */
static ssize_t axe_selftest_write(struct file *file, const char __user *from, size_t len,
				  loff_t *pos)
{
	struct axe_selftest_run *run;
	int ret = -EFAULT;

	if (len != sizeof(run->t))
		return -EINVAL;
	run = kzalloc(sizeof(*run), GFP_KERNEL);
	if (!run)
		return -ENOMEM;
	if (copy_from_user(&run->t, from, sizeof(run->t)))
		goto free_run;
	ret = axe_selftest_run(run);
	file->private_data = (void *)(uintptr_t)run->ns;
free_run:
	axe_selftest_free(run);
	return ret ? ret : len;
}

static ssize_t axe_selftest_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	u64 ns = (uintptr_t)file->private_data;
	loff_t start = 0;

	return simple_read_from_buffer(to, len, &start, &ns, sizeof(ns));
}

static const struct file_operations axe_selftest_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = axe_selftest_read,
	.write = axe_selftest_write,
};

static struct dentry *axe_selftest_dir;

/**
 * axe_selftest_init - offer it
 */
void __init axe_selftest_init(void)
{
	axe_selftest_dir = debugfs_create_dir("axe", NULL);
	debugfs_create_file("selftest", 0600, axe_selftest_dir, NULL, &axe_selftest_fops);
}

/**
 * axe_selftest_exit - nobody uses it any more
 */
void axe_selftest_exit(void)
{
	debugfs_remove(axe_selftest_dir);
}
