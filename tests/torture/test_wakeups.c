// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Programs and the device go to sleep and wake each other: nothing is lost in between. */

#include "torture.h"

/* Some of the time not at all, else up to 100 microseconds. */
static void pause_a_while(uint64_t *state)
{
	uint64_t end;

	if (torture_below(state, 4) == 0)
		return;
	end = now_ns() + torture_below(state, 100000);
	while (now_ns() < end)
		;
}

static void commands(struct torture_run *run)
{
	uint64_t state = torture_state(run, 0), done = 0;
	struct rig r;

	rig_open(&r, NULL);
	while (torture_goes_on(run)) {
		pause_a_while(&state);
		post(&r, done, IBV_SEND_SIGNALED, nop);
		rig_wait_for(&r, done++);
	}
	rig_close(&r);
	torture_say("%s: %llu commands", run->name, (unsigned long long)done);
}

static const struct torture cases[] = {
	{ "commands", commands, 2 },
};

TORTURE_MAIN("wakeups", cases)
