// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* 'axe ping' where the device is a thread: there is no network to it. */
#include "../commands.h"
#include "../message.h"

int cmd_ping(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return error("the device that is only pretended has no network");
}
