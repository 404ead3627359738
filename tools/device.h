/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Finding and opening a device. */
#ifndef AXE_TOOL_DEVICE_H
#define AXE_TOOL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/axedv.h>

/**
 * struct device - an open device that can reach all memory of this process
 * @mr:		one implicit on-demand-paging region: its lkey serves for every pointer
 * @can_prefetch: ibv_advise_mr() has not refused yet
 */
struct device {
	struct ibv_context *context;
	struct ibv_pd *pd;
	struct ibv_mr *mr;
	bool can_prefetch;
};

/* Of the device that the options name, else of the first. NULL after an error message. */
struct device *device_open(void);
void device_close(struct device *dev);

const char *device_name(const struct device *dev);

/*
 * All axe devices, for those who only look: a list as of ibv_get_device_list()
 * with the others left out, NULL-terminated and never empty; or the one named.
 * NULL after an error message that says what to do. device_list_free() ends it.
 */
struct device_list {
	struct ibv_device **all;
	struct ibv_device **axe;
	unsigned int count;
};

int device_list_get(struct device_list *list, const char *name);
void device_list_free(struct device_list *list);

/* Opens one of them; NULL after an error message. */
struct ibv_context *device_context(struct ibv_device *dev);

/* Has the pages in these bytes brought in soon, by someone else, to be read or written. */
void device_prefetch(struct device *dev, const void *addr, size_t length, bool write);

static inline struct ibv_sge device_sge(const struct device *dev, const void *addr, uint32_t length)
{
	return (struct ibv_sge){
		.addr = (uintptr_t)addr,
		.length = length,
		.lkey = dev->mr->lkey,
	};
}

#endif
