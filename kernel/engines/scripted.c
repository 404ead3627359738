// SPDX-License-Identifier: GPL-2.0
/*
 * The engine "scripted": does what its parameters say, well or badly. For the tests, and
 * an example of an engine (docs/engines.md). Its ciphers are the CPU's.
 */

#include <crypto/skcipher.h>
#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "axe_engine.h"

MODULE_AUTHOR("The axe authors");
MODULE_DESCRIPTION("An engine of axe for tests");
MODULE_LICENSE("GPL");

static int priority = 300;
module_param(priority, int, 0444);

static unsigned int depth;
module_param(depth, uint, 0444);

static unsigned int max_keys;
module_param(max_keys, uint, 0444);

static unsigned int min_bytes = 1024;
module_param(min_bytes, uint, 0444);

static unsigned int max_bytes;
module_param(max_bytes, uint, 0444);

static unsigned int timeout_ms = 1000;
module_param(timeout_ms, uint, 0444);

/* Of all these, 0: none. */
static unsigned int delay_us;
module_param(delay_us, uint, 0644);
MODULE_PARM_DESC(delay_us, "Microseconds that a request takes");

static unsigned int refuse;
module_param(refuse, uint, 0644);
MODULE_PARM_DESC(refuse, "So many requests are refused, by -EBUSY");

static unsigned int fail_at;
module_param(fail_at, uint, 0644);
MODULE_PARM_DESC(fail_at, "The so many-th request from now fails");

static unsigned int lose;
module_param(lose, uint, 0644);
MODULE_PARM_DESC(lose, "So many requests do not end before the module goes");

static bool inline_done;
module_param(inline_done, bool, 0644);
MODULE_PARM_DESC(inline_done, "Requests are done when submit() returns");

static bool bad_key;
module_param(bad_key, bool, 0644);
MODULE_PARM_DESC(bad_key, "No key is taken");

static bool sick;
module_param(sick, bool, 0644);
MODULE_PARM_DESC(sick, "Not well");

static unsigned int keys;
module_param(keys, uint, 0444);
MODULE_PARM_DESC(keys, "Keys that are prepared now");

/**
 * struct scripted_request - a request's own memory
 * @work:	does it
 * @node:	in scripted_lost
 * @req:	the request
 */
struct scripted_request {
	struct work_struct work;
	struct list_head node;
	struct axe_engine_request *req;
};

static struct axe_engine *scripted_engine;
static struct workqueue_struct *scripted_wq;
static DEFINE_SPINLOCK(scripted_lock);	/* protects the list and what counts down */
static LIST_HEAD(scripted_lost);

static const char *scripted_name(u32 algorithm)
{
	switch (algorithm) {
	case AXE_KEY_AES_CBC:
		return "cbc(aes)";
	case AXE_KEY_AES_CTR:
		return "ctr(aes)";
	default:
		return "xts(aes)";
	}
}

static int scripted_key_prepare(void *priv, u32 algorithm, const u8 *bytes, size_t len,
				void **key)
{
	struct crypto_sync_skcipher *tfm;
	int ret;

	if (READ_ONCE(bad_key))
		return -EINVAL;
	tfm = crypto_alloc_sync_skcipher(scripted_name(algorithm), 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_sync_skcipher_setkey(tfm, bytes, len);
	if (ret) {
		crypto_free_sync_skcipher(tfm);
		return ret;
	}
	spin_lock_bh(&scripted_lock);
	keys++;
	spin_unlock_bh(&scripted_lock);
	*key = tfm;
	return 0;
}

static void scripted_key_release(void *priv, void *key)
{
	crypto_free_sync_skcipher(key);
	spin_lock_bh(&scripted_lock);
	keys--;
	spin_unlock_bh(&scripted_lock);
}

static int scripted_do(struct axe_engine_request *req, struct crypto_sync_skcipher *tfm)
{
	SYNC_SKCIPHER_REQUEST_ON_STACK(r, tfm);

	skcipher_request_set_sync_tfm(r, tfm);
	skcipher_request_set_callback(r, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	skcipher_request_set_crypt(r, req->src, req->dst, req->len, req->iv);
	return req->opcode == AXE_OP_DECRYPT ? crypto_skcipher_decrypt(r) :
	       crypto_skcipher_encrypt(r);
}

/* Whose turn is it, of what counts down? */
static bool scripted_count(unsigned int *count)
{
	bool last;

	lockdep_assert_held(&scripted_lock);
	last = *count == 1;
	if (*count)
		WRITE_ONCE(*count, *count - 1);
	return last;
}

/* Those that nobody waits for any more, late. */
static void scripted_end_lost(void)
{
	struct scripted_request *r, *next;
	LIST_HEAD(lost);

	spin_lock_bh(&scripted_lock);
	list_splice_init(&scripted_lost, &lost);
	spin_unlock_bh(&scripted_lock);
	list_for_each_entry_safe(r, next, &lost, node)
		axe_engine_complete(r->req, -EIO);
}

static bool scripted_keep(struct scripted_request *r)
{
	bool kept;

	spin_lock_bh(&scripted_lock);
	kept = lose;
	if (kept) {
		lose--;
		list_add_tail(&r->node, &scripted_lost);
	}
	spin_unlock_bh(&scripted_lock);
	return kept;
}

static int scripted_run(struct axe_engine_request *req)
{
	unsigned int us = READ_ONCE(delay_us);
	bool fails;

	if (us)
		fsleep(us);
	spin_lock_bh(&scripted_lock);
	fails = scripted_count(&fail_at);
	spin_unlock_bh(&scripted_lock);
	return fails ? -EIO : scripted_do(req, req->key);
}

static void scripted_work(struct work_struct *work)
{
	struct scripted_request *r = container_of(work, struct scripted_request, work);

	if (scripted_keep(r))
		return;
	axe_engine_complete(r->req, scripted_run(r->req));
}

static int scripted_submit(void *priv, struct axe_engine_request *req)
{
	struct scripted_request *r = req->priv;
	bool full;

	spin_lock_bh(&scripted_lock);
	full = refuse;
	if (full)
		refuse--;
	spin_unlock_bh(&scripted_lock);
	if (full)
		return -EBUSY;
	if (READ_ONCE(inline_done))
		return scripted_run(req);
	r->req = req;
	INIT_WORK(&r->work, scripted_work);
	queue_work(scripted_wq, &r->work);
	return -EINPROGRESS;
}

static bool scripted_health(void *priv)
{
	return !READ_ONCE(sick);
}

static int __init scripted_init(void)
{
	struct axe_engine_ops ops = {
		.name = "scripted",
		.flags = AXE_ENGINE_SOFTWARE | AXE_ENGINE_ASYNC,
		.priority = priority,
		.min_bytes = min_bytes,
		.max_bytes = max_bytes,
		.depth = depth,
		.max_keys = max_keys,
		.timeout_ms = timeout_ms,
		.ops = { BIT_ULL(AXE_OP_ENCRYPT) | BIT_ULL(AXE_OP_DECRYPT) },
		.algorithms = BIT(AXE_KEY_AES_CBC) | BIT(AXE_KEY_AES_CTR) | BIT(AXE_KEY_AES_XTS),
		.req_size = sizeof(struct scripted_request),
		.key_prepare = scripted_key_prepare,
		.key_release = scripted_key_release,
		.submit = scripted_submit,
		.health = scripted_health,
	};

	scripted_wq = alloc_workqueue("axe_scripted", WQ_UNBOUND, 0);
	if (!scripted_wq)
		return -ENOMEM;
	scripted_engine = axe_register_engine(&ops, NULL);
	if (IS_ERR(scripted_engine)) {
		destroy_workqueue(scripted_wq);
		return PTR_ERR(scripted_engine);
	}
	return 0;
}

static void __exit scripted_exit(void)
{
	/* What was kept is owed before the engine can go. */
	axe_engine_down(scripted_engine);
	scripted_end_lost();
	axe_unregister_engine(scripted_engine);
	destroy_workqueue(scripted_wq);
}

module_init(scripted_init);
module_exit(scripted_exit);
