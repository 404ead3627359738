/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The differences between the supported kernels, 6.12 to 7.3, and nothing else:
 * the rest of the driver reads as if written for the newest of them.
 */
#ifndef AXE_COMPAT_H
#define AXE_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#error "axe needs Linux 6.12 or newer"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
#error "axe is not ported to this kernel: it knows Linux 6.12 to 6.16, 7.2 and 7.3"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 4, 0)
#error "axe is not ported to this kernel: the newest it knows is Linux 7.3"
#endif

#ifndef CONFIG_64BIT
#error "axe works on pages where the kernel has them mapped, so it needs 64 bits"
#endif

#include <linux/hrtimer.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>

struct ib_dmah;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define AXE_IMPORT_NS(ns)	MODULE_IMPORT_NS(ns)
/* Whose signatures are in DER. */
#define AXE_ECDSA(curve)	"ecdsa-nist-" curve

static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#else
#define AXE_IMPORT_NS(ns)	MODULE_IMPORT_NS(#ns)
#define AXE_ECDSA(curve)	"x962(ecdsa-nist-" curve ")"
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define crc64_nvme crc64_rocksoft_update
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
#define ib_umem_get_va ib_umem_get
/* Not known there, and so not told. */
#define IB_ODP_SUPPORT_FLUSH		0
#define IB_ODP_SUPPORT_ATOMIC_WRITE	0
#define AXE_REG_USER_MR_DMAH
#define AXE_OPS_QUERY_PORT_SPEED(op)
struct ib_port_speed_info {
	int rate;
};

static inline int ib_port_attr_to_speed_info(struct ib_port_attr *attr,
					     struct ib_port_speed_info *info)
{
	return -EOPNOTSUPP;
}

#define AXE_OPS_RESIZE_CQ	resize_cq
#define AXE_CQE_COUNT		int
#else
#define AXE_REG_USER_MR_DMAH	struct ib_dmah *dmah,
#define AXE_OPS_QUERY_PORT_SPEED(op)	.query_port_speed = (op),
#define AXE_OPS_RESIZE_CQ	resize_user_cq
#define AXE_CQE_COUNT		unsigned int
#endif

#endif
