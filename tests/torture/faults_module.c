// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Failing: the module as it is loaded and unloaded. It must be nobody's. */

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "faults.h"

static int module_fd = -1;

static bool is_loaded(void)
{
	return !access("/sys/module/axe", F_OK);
}

static int load(void)
{
	return syscall(SYS_finit_module, module_fd, "", 0) ? errno : 0;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "axe", O_NONBLOCK) ? errno : 0;
}

/* What the kernel does before, jump labels for one, cannot be failed without a warning. */
static void without_module(void)
{
	demand(!is_loaded() || !unload(), "delete_module");
	demand(!is_loaded(), "the module is still there");
	faults_only("do_init_module");
}

static void with_module(void)
{
	demand(is_loaded() || !load(), "finit_module");
	demand(is_loaded(), "the module is not there");
	faults_axe_only();
}

static void open_module(void)
{
	struct utsname name;
	char path[512];

	demand(!uname(&name), "uname");
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/axe.ko", name.release);
	module_fd = open(path, O_RDONLY | O_CLOEXEC);
	demand(module_fd >= 0, "%s", path);
}

/* Devices that other programs find again afterwards. */
static void delete_devices(void)
{
	must("rdma link delete axe0 && rdma link delete axe1");
}

static void add_devices(void)
{
	must("rdma link add axe0 type axe netdev eth0 && rdma link add axe1 type axe netdev eth1");
}

void faults_module(struct torture_run *run)
{
	static const struct step steps[] = {
		{ "finit_module", without_module, load, without_module, false, 0 },
		{ "delete_module", with_module, unload, NULL, false, 0 },
	};
	bool goes_on = torture_goes_on(run);
	unsigned int i;

	faults_open(run);
	close_node(NULL);
	open_module();
	faults_note();
	delete_devices();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		for (i = 0; i < ARRAY_SIZE(steps); i++)
			fail_step_in_time(&steps[i], run);
	}
	with_module();
	faults_spare_default();
	add_devices();
	faults_check();
	close(module_fd);
	faults_close();
}
