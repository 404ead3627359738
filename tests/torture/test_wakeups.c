// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Programs and the device go to sleep and wake each other: nothing is lost in between. */

#include "wakeups.h"

static const struct torture cases[] = {
	{ "alone", wakeups_alone, 3 },
	{ "together", wakeups_together, 2 },
	{ "fed", wakeups_fed, 3 },
	{ "messages", wakeups_messages, 3 },
	{ "timers", wakeups_timers, 1 },
	{ "limit", wakeups_limit, 1 },
	{ "mads", wakeups_mads, 1 },
};

TORTURE_MAIN("wakeups", cases)
