// SPDX-License-Identifier: GPL-2.0
/*
 * The engine "crypto": whatever hardware has a driver in the kernel's crypto API.
 *
 * A driver that goes, unbound from its device or with it, takes its algorithms along, and
 * must not be asked for any more then: so a device that is about to be unbound takes the
 * engine down first, and one that was bound brings it up again.
 */

#include <crypto/skcipher.h>
#include <linux/bits.h>
#include <linux/device/bus.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/suspend.h>
#include <linux/virtio.h>
#include <linux/workqueue.h>

#include "axe_engine.h"

MODULE_AUTHOR("The axe authors");
MODULE_DESCRIPTION("Accelerators of the kernel's crypto API for axe");
MODULE_LICENSE("GPL");

static char *drivers;
module_param(drivers, charp, 0444);
MODULE_PARM_DESC(drivers, "Algorithms to use, by the names of their drivers (default: those of hardware)");

static int priority = 200;
module_param(priority, int, 0444);
MODULE_PARM_DESC(priority, "Priority; that of the CPU is 100");

static unsigned int min_bytes = 16384;
module_param(min_bytes, uint, 0444);
MODULE_PARM_DESC(min_bytes, "Commands with a shorter source stay on the CPU");

static unsigned int max_keys = 64;
module_param(max_keys, uint, 0444);
MODULE_PARM_DESC(max_keys, "Keys that the hardware has at a time");

static unsigned int timeout_ms = 10000;
module_param(timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms, "Milliseconds after which a request will not end any more");

static const struct {
	u32 algorithm;
	const char *name;
} hw_algs[] = {
	{ AXE_KEY_AES_CBC, "cbc(aes)" },
	{ AXE_KEY_AES_CTR, "ctr(aes)" },
	{ AXE_KEY_AES_XTS, "xts(aes)" },
	{ AXE_KEY_SM4_CBC, "cbc(sm4)" },
	{ AXE_KEY_SM4_CTR, "ctr(sm4)" },
	{ AXE_KEY_SM4_XTS, "xts(sm4)" },
};

/**
 * struct hw_found - an algorithm that hardware has
 * @driver:	its name; empty: none has
 * @owner:	the module that the driver belongs to; only compared
 */
struct hw_found {
	char driver[CRYPTO_MAX_ALG_NAME];
	struct module *owner;
};

/* Protects all that follows. Not held where requests run. */
static DEFINE_MUTEX(hw_lock);
static struct hw_found hw_found[ARRAY_SIZE(hw_algs)];
static struct axe_engine *hw_engine;
static u32 hw_algorithms;	/* that the engine is registered with */
static size_t hw_reqsize;	/* likewise */
static bool hw_up;
static unsigned int hw_leaving;	/* devices that are being unbound */
static bool hw_asleep;

static struct hw_found *hw_find(u32 algorithm)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hw_algs); i++)
		if (hw_algs[i].algorithm == algorithm)
			return hw_found[i].driver[0] ? &hw_found[i] : NULL;
	return NULL;
}

/* What was found does not change while the engine is up, and only then are keys prepared. */
static int hw_key_prepare(void *priv, u32 algorithm, const u8 *bytes, size_t len, void **key)
{
	struct hw_found *found = hw_find(algorithm);
	struct crypto_skcipher *tfm;
	int ret;

	if (!found)
		return -ENOENT;
	tfm = crypto_alloc_skcipher(found->driver, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_skcipher_reqsize(tfm) > hw_reqsize ? -EMSGSIZE :
	      crypto_skcipher_setkey(tfm, bytes, len);
	if (ret) {
		crypto_free_skcipher(tfm);
		return ret;
	}
	*key = tfm;
	return 0;
}

static void hw_key_release(void *priv, void *key)
{
	crypto_free_skcipher(key);
}

static void hw_done(void *data, int err)
{
	/* It has left the backlog. */
	if (err == -EINPROGRESS)
		return;
	axe_engine_complete(data, err);
}

static int hw_submit(void *priv, struct axe_engine_request *req)
{
	struct skcipher_request *r = req->priv;
	int ret;

	skcipher_request_set_tfm(r, req->key);
	skcipher_request_set_callback(r, CRYPTO_TFM_REQ_MAY_BACKLOG | CRYPTO_TFM_REQ_MAY_SLEEP,
				      hw_done, req);
	skcipher_request_set_crypt(r, req->src, req->dst, req->len, req->iv);
	ret = req->opcode == AXE_OP_DECRYPT ? crypto_skcipher_decrypt(r) :
	      crypto_skcipher_encrypt(r);
	switch (ret) {
	case -EBUSY:
		/* Taken, but for later. */
		req->backlogged = true;
		return -EINPROGRESS;
	case -ENOSPC:
		return -EBUSY;
	default:
		return ret;
	}
}

/* cryptd and the like: it is the CPU that works in the end. */
static bool hw_is_software(const char *driver)
{
	return strstarts(driver, "cryptd(") || strstarts(driver, "pcrypt(") ||
	       strstarts(driver, "__");
}

static bool hw_is_named(const char *driver)
{
	size_t len = strlen(driver);
	const char *at = drivers;

	for (; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (!strncmp(at, driver, len) && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/*
 * A transform of hardware. There is no flag that says so: drivers of hardware complete
 * asynchronously, and allocate memory for it, or say that only the kernel can use them.
 */
static struct crypto_skcipher *hw_try(const char *name, u32 flag)
{
	struct crypto_skcipher *tfm;

	flag |= CRYPTO_ALG_ASYNC;
	/* Nobody has a module loaded for what may not exist. */
	tfm = crypto_alloc_skcipher(name, flag, flag | CRYPTO_NOLOAD);
	if (IS_ERR(tfm))
		return NULL;
	if (!hw_is_software(crypto_skcipher_driver_name(tfm)))
		return tfm;
	crypto_free_skcipher(tfm);
	return NULL;
}

/* Of the named ones, the first that is there. */
static struct crypto_skcipher *hw_try_named(const char *name)
{
	char driver[CRYPTO_MAX_ALG_NAME];
	struct crypto_skcipher *tfm;
	const char *at = drivers;

	for (; *at; at += strcspn(at, ","), at += *at == ',') {
		if (strcspn(at, ",") >= sizeof(driver))
			continue;
		strscpy(driver, at, strcspn(at, ",") + 1);
		tfm = crypto_alloc_skcipher(driver, 0, 0);
		if (IS_ERR(tfm))
			continue;
		if (!strcmp(crypto_tfm_alg_name(crypto_skcipher_tfm(tfm)), name) &&
		    hw_is_named(crypto_skcipher_driver_name(tfm)))
			return tfm;
		crypto_free_skcipher(tfm);
	}
	return NULL;
}

static struct crypto_skcipher *hw_transform(const char *name)
{
	struct crypto_skcipher *tfm;

	if (drivers && *drivers)
		return hw_try_named(name);
	tfm = hw_try(name, CRYPTO_ALG_ALLOCATES_MEMORY);
	return tfm ? tfm : hw_try(name, CRYPTO_ALG_KERN_DRIVER_ONLY);
}

/* What is there now. Returns the mask of its algorithms. */
static u32 hw_look(size_t *reqsize)
{
	u32 algorithms = 0;
	unsigned int i;

	lockdep_assert_held(&hw_lock);
	*reqsize = 0;
	for (i = 0; i < ARRAY_SIZE(hw_algs); i++) {
		struct crypto_skcipher *tfm = hw_transform(hw_algs[i].name);

		hw_found[i].driver[0] = '\0';
		hw_found[i].owner = NULL;
		if (!tfm)
			continue;
		strscpy(hw_found[i].driver, crypto_skcipher_driver_name(tfm));
		hw_found[i].owner = crypto_skcipher_tfm(tfm)->__crt_alg->cra_module;
		*reqsize = max_t(size_t, *reqsize, crypto_skcipher_reqsize(tfm));
		algorithms |= BIT(hw_algs[i].algorithm);
		crypto_free_skcipher(tfm);
	}
	return algorithms;
}

static void hw_register(u32 algorithms, size_t reqsize)
{
	struct axe_engine_ops ops = {
		.name = "crypto",
		.flags = AXE_ENGINE_ASYNC,
		.priority = priority,
		.min_bytes = min_bytes,
		.max_keys = max_keys,
		.timeout_ms = timeout_ms,
		.ops = { BIT_ULL(AXE_OP_ENCRYPT) | BIT_ULL(AXE_OP_DECRYPT) },
		.algorithms = algorithms,
		.req_size = sizeof(struct skcipher_request) + reqsize,
		.key_prepare = hw_key_prepare,
		.key_release = hw_key_release,
		.submit = hw_submit,
	};

	lockdep_assert_held(&hw_lock);
	BUILD_BUG_ON(AXE_OP_ENCRYPT >= 64 || AXE_OP_DECRYPT >= 64);
	hw_reqsize = reqsize;
	hw_engine = axe_register_engine(&ops, NULL);
	if (IS_ERR(hw_engine)) {
		pr_err("axe_crypto: cannot be an engine: %pe\n", hw_engine);
		hw_engine = NULL;
		return;
	}
	hw_algorithms = algorithms;
	hw_up = true;
}

static void hw_down(void)
{
	lockdep_assert_held(&hw_lock);
	if (!hw_up)
		return;
	hw_up = false;
	if (!axe_engine_down(hw_engine))
		pr_err("axe_crypto: requests have not ended\n");
}

/* The engine as the hardware is now, if that does not change just now. */
static void hw_probe(void)
{
	u32 algorithms;
	size_t reqsize;

	lockdep_assert_held(&hw_lock);
	if (hw_up || hw_leaving || hw_asleep)
		return;
	algorithms = hw_look(&reqsize);
	if (!algorithms)
		return;
	if (hw_engine && !(algorithms & ~hw_algorithms) && reqsize <= hw_reqsize) {
		hw_up = true;
		axe_engine_up(hw_engine);
		return;
	}
	/* It can more than before. */
	if (hw_engine)
		axe_unregister_engine(hw_engine);
	hw_register(algorithms, reqsize);
}

static void hw_probe_work(struct work_struct *work)
{
	mutex_lock(&hw_lock);
	hw_probe();
	mutex_unlock(&hw_lock);
}

static DECLARE_WORK(hw_work, hw_probe_work);

static bool hw_is_of(const struct device *dev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hw_found); i++)
		if (hw_found[i].owner && dev->driver && hw_found[i].owner == dev->driver->owner)
			return true;
	return false;
}

static int hw_bus_event(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case BUS_NOTIFY_UNBIND_DRIVER:
		mutex_lock(&hw_lock);
		/* Its algorithms are not looked for again until it is gone. */
		hw_leaving++;
		if (hw_is_of(data))
			hw_down();
		mutex_unlock(&hw_lock);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		mutex_lock(&hw_lock);
		hw_leaving -= !!hw_leaving;
		mutex_unlock(&hw_lock);
		fallthrough;
	case BUS_NOTIFY_BOUND_DRIVER:
		schedule_work(&hw_work);
		break;
	default:
		break;
	}
	return NOTIFY_OK;
}

/* Drivers of hardware take their algorithms away while the machine sleeps. */
static int hw_pm_event(struct notifier_block *nb, unsigned long event, void *data)
{
	mutex_lock(&hw_lock);
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		hw_asleep = true;
		hw_down();
		break;
	default:
		hw_asleep = false;
		schedule_work(&hw_work);
		break;
	}
	mutex_unlock(&hw_lock);
	return NOTIFY_OK;
}

static struct notifier_block hw_pm_nb = { .notifier_call = hw_pm_event };

/* A driver for nothing, for the bus has no name of its own. */
#if IS_REACHABLE(CONFIG_VIRTIO)
static const struct virtio_device_id hw_virtio_ids[] = { { 0 } };

static int hw_virtio_probe(struct virtio_device *vdev)
{
	return -ENODEV;
}

static void hw_virtio_remove(struct virtio_device *vdev)
{
}

static struct virtio_driver hw_virtio = {
	.driver.name = "axe_crypto",
	.id_table = hw_virtio_ids,
	.probe = hw_virtio_probe,
	.remove = hw_virtio_remove,
};
#endif

/* The buses that accelerators are on; a notifier for each. */
static struct {
	const struct bus_type *bus;
	struct notifier_block nb;
} hw_buses[3];

static int hw_buses_watch(void)
{
	unsigned int i, n = 0;
	int ret;

	hw_buses[n++].bus = &platform_bus_type;
#ifdef CONFIG_PCI
	hw_buses[n++].bus = &pci_bus_type;
#endif
#if IS_REACHABLE(CONFIG_VIRTIO)
	ret = register_virtio_driver(&hw_virtio);
	if (ret)
		return ret;
	hw_buses[n++].bus = hw_virtio.driver.bus;
#endif
	for (i = 0; i < n; i++) {
		hw_buses[i].nb.notifier_call = hw_bus_event;
		ret = bus_register_notifier(hw_buses[i].bus, &hw_buses[i].nb);
		if (WARN_ON(ret))
			hw_buses[i].bus = NULL;
	}
	return 0;
}

static void hw_buses_forget(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hw_buses); i++)
		if (hw_buses[i].bus)
			bus_unregister_notifier(hw_buses[i].bus, &hw_buses[i].nb);
#if IS_REACHABLE(CONFIG_VIRTIO)
	unregister_virtio_driver(&hw_virtio);
#endif
}

static int __init hw_init(void)
{
	int ret = hw_buses_watch();

	if (ret)
		return ret;
	ret = register_pm_notifier(&hw_pm_nb);
	if (ret) {
		hw_buses_forget();
		return ret;
	}
	/* So that it is there when modprobe returns. */
	hw_probe_work(NULL);
	return 0;
}

static void __exit hw_exit(void)
{
	unregister_pm_notifier(&hw_pm_nb);
	hw_buses_forget();
	cancel_work_sync(&hw_work);
	if (hw_engine)
		axe_unregister_engine(hw_engine);
}

module_init(hw_init);
module_exit(hw_exit);
