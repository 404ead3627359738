// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "message.h"
#include "options.h"

#define SYSFS_DEVICES "/sys/class/infiniband"

/* An ibv_advise_mr() call takes so much at a time: the length of an ibv_sge has 32 bits. */
#define PREFETCH_MAX (1U << 30)

/* The kernel knows such a device, though libibverbs did not list it. */
static bool kernel_has(const char *name)
{
	char path[sizeof(SYSFS_DEVICES) + 256];
	struct stat st;

	snprintf(path, sizeof(path), SYSFS_DEVICES "/%.250s", name);
	return !stat(path, &st);
}

static bool kernel_has_any(char name[256])
{
	DIR *dir = opendir(SYSFS_DEVICES);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		found = !strncmp(entry->d_name, "axe", 3);
		if (found)
			snprintf(name, 256, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void say_no_provider(const char *name)
{
	error("the kernel has the device %s, but libibverbs does not know its kind\n"
	      "Is the axe provider installed (libaxe and /etc/libibverbs.d/axe.driver), for this\n"
	      "version of libibverbs? 'IBV_SHOW_WARNINGS=1 ibv_devices' tells more", name);
}

static void say_no_device(const char *wanted)
{
	char found[256];

	if (wanted && kernel_has(wanted))
		say_no_provider(wanted);
	else if (wanted)
		error("there is no device %s; 'axe info' shows those there are", wanted);
	else if (kernel_has_any(found))
		say_no_provider(found);
	else
		error("no axe device found\n"
		      "Load the module and make one on a network interface, as root:\n"
		      "  modprobe axe && rdma link add axe0 type axe netdev eth0");
}

int device_list_get(struct device_list *list, const char *name)
{
	bool other = false;
	int n;

	memset(list, 0, sizeof(*list));
	list->all = ibv_get_device_list(&n);
	if (!list->all && errno != ENOSYS && errno != ENOENT) {
		error_errno("cannot list the RDMA devices");
		return -1;
	}
	if (!list->all)		/* no RDMA subsystem is loaded */
		n = 0;

	list->axe = calloc(n + 1, sizeof(*list->axe));
	if (!list->axe) {
		error_errno("cannot list the RDMA devices");
		goto free;
	}
	for (int i = 0; i < n; i++) {
		struct ibv_device *dev = list->all[i];

		if (name && strcmp(ibv_get_device_name(dev), name))
			continue;
		if (axedv_is_supported(dev))
			list->axe[list->count++] = dev;
		else
			other = true;
	}
	if (list->count)
		return 0;

	if (name && other)
		error("%s is an RDMA device, but not an axe device", name);
	else
		say_no_device(name);
free:
	device_list_free(list);
	return -1;
}

void device_list_free(struct device_list *list)
{
	free(list->axe);
	if (list->all)
		ibv_free_device_list(list->all);
	memset(list, 0, sizeof(*list));
}

struct ibv_context *device_context(struct ibv_device *dev)
{
	struct ibv_context *context = ibv_open_device(dev);
	const char *name = ibv_get_device_name(dev);
	int err = errno;
	char node[64];

	if (context)
		return context;

	/* libibverbs tries several ways, and tells the errno of the last. */
	snprintf(node, sizeof(node), "/dev/infiniband/%.40s", dev->dev_name);
	if (!access(node, R_OK | W_OK))
		errno = err;
	if (errno == EACCES || errno == EPERM)
		error("no permission to open %s\n"
		      "It takes the right to read and write %s", name, node);
	else if (errno == ENOENT)
		error("%s has no device node %s\nIs the module ib_uverbs loaded, and udev running?",
		      name, node);
	else
		error_errno("cannot open %s", name);
	return NULL;
}

static int device_setup(struct device *dev)
{
	dev->pd = ibv_alloc_pd(dev->context);
	if (!dev->pd) {
		error_errno("cannot make a protection domain on %s", device_name(dev));
		return -1;
	}
	dev->mr = ibv_reg_mr(dev->pd, NULL, SIZE_MAX,
			     IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	if (!dev->mr) {
		error_errno("%s cannot page memory on demand", device_name(dev));
		return -1;
	}
	dev->can_prefetch = true;
	return 0;
}

struct device *device_open(void)
{
	struct device_list list;
	struct device *dev;

	if (device_list_get(&list, options.device))
		return NULL;

	dev = calloc(1, sizeof(*dev));
	if (!dev)
		error_errno("cannot open a device");
	else
		dev->context = device_context(list.axe[0]);
	device_list_free(&list);

	if (!dev || !dev->context || device_setup(dev)) {
		device_close(dev);
		return NULL;
	}
	return dev;
}

void device_close(struct device *dev)
{
	if (!dev)
		return;
	if (dev->mr)
		ibv_dereg_mr(dev->mr);
	if (dev->pd)
		ibv_dealloc_pd(dev->pd);
	if (dev->context)
		ibv_close_device(dev->context);
	free(dev);
}

const char *device_name(const struct device *dev)
{
	return ibv_get_device_name(dev->context->device);
}

/* Only advice: a device that takes none, or cannot now, is not worth a message. */
void device_prefetch(struct device *dev, const void *addr, size_t length, bool write)
{
	enum ibv_advise_mr_advice advice = write ? IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE :
						   IBV_ADVISE_MR_ADVICE_PREFETCH;
	const uint8_t *p = addr;

	while (length && dev->can_prefetch) {
		uint32_t part = length < PREFETCH_MAX ? length : PREFETCH_MAX;
		struct ibv_sge sge = device_sge(dev, p, part);
		int ret = ibv_advise_mr(dev->pd, advice, 0, &sge, 1);

		if (ret == EOPNOTSUPP || ret == ENOSYS || ret == EPROTONOSUPPORT)
			dev->can_prefetch = false;
		p += part;
		length -= part;
	}
}
