// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <time.h>

#include <linux/minmax.h>

#include "unit.h"

static u64 random_state;

u32 unit_random(u32 below)
{
	/* xorshift64*, by Vigna */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (u32)(random_state * 2685821657736338717ULL >> 32) % below;
}

void unit_seed(u64 seed)
{
	random_state = seed * 6364136223846793005ULL + 1442695040888963407ULL;
}

void unit_random_bytes(void *p, size_t len)
{
	u8 *b = p;

	while (len--)
		*b++ = unit_random(256);
}

u8 *unit_text(size_t len)
{
	static const char *const words[] = {
		"the ", "accelerator ", "queue ", "of ", "memory ", "region ", "a ", "key, ",
		"page ", "and ", "fault\n", "completion ", "0123456789", "is ", "\0\0\0\0",
	};
	u8 *buf = malloc(len + 1);
	size_t at = 0, n;

	assert_non_null(buf);
	while (at < len) {
		const char *word = words[unit_random(15)];

		n = min(strlen(word), len - at);
		switch (unit_random(16)) {
		case 0:
			n = min((size_t)unit_random(400), len - at);
			memset(buf + at, unit_random(256), n);
			break;
		case 1:
			n = min((size_t)unit_random(24), len - at);
			unit_random_bytes(buf + at, n);
			break;
		default:
			memcpy(buf + at, word, n);
		}
		at += n;
	}
	return buf;
}

int unit_main(const char *group, const struct CMUnitTest *tests, size_t num)
{
	const char *seed = getenv("AXE_UNIT_SEED");

	random_state = seed ? strtoull(seed, NULL, 0) : (u64)time(NULL);
	printf("# %s: AXE_UNIT_SEED=%llu\n", group, (unsigned long long)random_state);
	fflush(stdout);
	unit_seed(random_state);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests(group, tests, num, NULL, NULL);
}
