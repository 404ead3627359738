// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What is left behind, and whether the device is as good as before. */

#include <poll.h>

#include "left.h"

/* How far apart two looks at a machine that comes to rest are. */
#define PAUSE_MS	10
/* Objects of a cache that come and go with everything else that a kernel does. */
#define NOISE		512

/*---- what there is ----*/

/* Counters of CPUs that were not yet added up are, when somebody reads this. */
static long long count_pins(void)
{
	char c;
	FILE *f = fopen("/proc/sys/vm/stat_refresh", "re");

	demand(f, "/proc/sys/vm/stat_refresh");
	(void)!fread(&c, 1, 1, f);
	fclose(f);
	return field_of("/proc/vmstat", "nr_foll_pin_acquired") -
	       field_of("/proc/vmstat", "nr_foll_pin_released");
}

long long left_rings(void)
{
	FILE *f = fopen("/proc/vmallocinfo", "re");
	long long n = 0;
	char line[512];

	demand(f, "/proc/vmallocinfo");
	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, "[axe]");
	fclose(f);
	return n;
}

/* Without the numbers of devices, which are new with each. */
static char *list_resources(void)
{
	char *text;

	shell(&text, "rdma resource show | sed 's/^[0-9]*: //' | sort");
	return text;
}

static void count_exactly(struct left *l)
{
	l->references = read_number("/sys/module/axe/refcnt");
	l->pins = count_pins();
	l->rings = left_rings();
}

static bool is_wanted(const char *name)
{
	static const char *const others[] = {
		"mm_struct", "filp", "task_struct", "radix_tree_node", "vm_area_struct",
	};
	unsigned int i;

	if (!strncmp(name, "kmalloc-", 8))
		return !strstr(name, "-rcl");
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (!strcmp(name, others[i]))
			return true;
	}
	return false;
}

static void count_caches(struct left *l)
{
	FILE *f;
	char line[512];

	shrink_slab();
	f = fopen("/proc/slabinfo", "re");
	demand(f, "/proc/slabinfo");
	l->num_caches = 0;
	while (fgets(line, sizeof(line), f) && l->num_caches < LEFT_CACHES) {
		struct left_cache *cache = &l->caches[l->num_caches];

		if (sscanf(line, "%31s %lld", cache->name, &cache->objects) == 2 &&
		    is_wanted(cache->name))
			l->num_caches++;
	}
	fclose(f);
	demand(l->num_caches > 10, "/proc/slabinfo names %u caches", l->num_caches);
}

void left_note(struct left *l)
{
	memset(l, 0, sizeof(*l));
	/* Without what the device keeps for the next command. */
	shrink_slab();
	count_exactly(l);
	l->resources = list_resources();
}

void left_note_memory(struct left *l)
{
	count_caches(l);
}

void left_free(struct left *l)
{
	free(l->resources);
	l->resources = NULL;
}

/*---- what there is more ----*/

static void pause_a_little(void)
{
	poll(NULL, 0, PAUSE_MS);
}

static bool resources_are(const char *before, char **now)
{
	free(*now);
	*now = list_resources();
	return !strcmp(before, *now);
}

void left_check(const struct left *before, bool resources)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	struct left now = {};

	/* Files are closed for good a moment after their process has gone. */
	for (;; pause_a_little()) {
		bool late = now_ms() >= end;

		count_exactly(&now);
		demand(!late || now.references == before->references,
		       "%lld references to the module, before %lld", now.references,
		       before->references);
		demand(!late || now.pins == before->pins, "%lld pages are pinned, before %lld",
		       now.pins, before->pins);
		demand(!late || now.rings == before->rings, "%lld rings of the module, before %lld",
		       now.rings, before->rings);
		if (now.rings != before->rings)
			shrink_slab();
		if (now.references != before->references || now.pins != before->pins ||
		    now.rings != before->rings)
			continue;
		if (!resources || resources_are(before->resources, &now.resources))
			break;
		demand(!late, "before:\n%sand now:\n%s", before->resources, now.resources);
	}
	left_free(&now);
}

/* The cache that has grown most beyond what is noise, or NULL. */
static const struct left_cache *find_growth(const struct left *before, const struct left *now,
					    long long noise, long long *growth)
{
	const struct left_cache *most = NULL;
	unsigned int i, k;

	*growth = noise;
	for (i = 0; i < now->num_caches; i++) {
		long long was = 0;

		for (k = 0; k < before->num_caches; k++) {
			if (!strcmp(before->caches[k].name, now->caches[i].name))
				was = before->caches[k].objects;
		}
		if (now->caches[i].objects - was > *growth) {
			*growth = now->caches[i].objects - was;
			most = &now->caches[i];
		}
	}
	return most;
}

void left_check_memory(const struct left *before, uint64_t rounds)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	const struct left_cache *most;
	long long growth;
	struct left now;

	demand(before->num_caches, "left_note_memory() comes first");
	for (;; pause_a_little()) {
		count_caches(&now);
		most = find_growth(before, &now, NOISE + rounds / 2, &growth);
		if (!most)
			return;
		demand(now_ms() < end, "after %llu rounds there are %lld objects of %s more",
		       (unsigned long long)rounds, growth, most->name);
	}
}

/*---- as good as before ----*/

void probe_open(struct probe *p, const char *device)
{
	rig_open(&p->rig, &(struct rig_options){ .device = device });
	node_use(&p->node, device, p->rig.ctx, p->rig.pd);
	pair_open_on(&p->pair, &p->node, &p->node, NULL);
}

void probe_run(struct probe *p)
{
	assert_queue_works(&p->rig);
	expect_alive(&p->pair);
}

void probe_close(struct probe *p)
{
	pair_close(&p->pair);
	rig_close(&p->rig);
}
