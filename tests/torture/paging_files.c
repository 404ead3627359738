// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Pages of files: holes, truncation, other pages of the same file. Each unit has a file of
 * twice its size, half of it mapped: every other one in memory, every other one on disk.
 */

#include <fcntl.h>

#include "paging.h"

#define UNIT 16

static int make_one(unsigned int unit)
{
	char name[] = "/var/tmp/axe-torture-XXXXXX";
	int fd = unit % 2 ? memfd_create("torture", MFD_CLOEXEC) : mkostemp(name, O_CLOEXEC);

	if (unit % 2 == 0)
		unlink(name);
	demand(fd >= 0 && !ftruncate(fd, 2 * UNIT * PAGE), "a file");
	return fd;
}

static void map_unit(struct zone *z, unsigned int unit, int prot)
{
	uint8_t *p = zone_page(z, unit * UNIT);

	demand(mmap(p, UNIT * PAGE, prot, MAP_SHARED | MAP_FIXED, z->fds[unit],
		    z->flips[unit] * UNIT * PAGE) == p, "mmap");
}

static void make_files(struct zone *z)
{
	unsigned int units = z->n / UNIT, i;

	z->p = pages(z->n * PAGE);
	z->fds = calloc(units, sizeof(*z->fds));
	z->flips = calloc(units, sizeof(*z->flips));
	demand(z->fds && z->flips, "out of memory");
	for (i = 0; i < units; i++) {
		z->fds[i] = make_one(i);
		map_unit(z, i, PROT_READ | PROT_WRITE);
	}
}

/* Written where it is not mapped, then mapped. */
static void file_replace(struct zone *z, unsigned int i, enum kind kind)
{
	unsigned int unit = i / UNIT, k;
	static uint8_t text[UNIT * PAGE];

	z->flips[unit] ^= 1;
	z->version++;
	for (k = 0; k < UNIT; k++)
		stamp(text + k * PAGE, z->owner, zone_number(z, i + k), z->version, 0);
	demand(pwrite(z->fds[unit], text, UNIT * PAGE, z->flips[unit] * UNIT * PAGE) == UNIT * PAGE,
	       "pwrite");
	zone_begin(z, i, UNIT, kind, z->version);
	map_unit(z, unit, kind == SEALED ? PROT_READ : PROT_READ | PROT_WRITE);
	zone_end(z, i, UNIT);
}

static void file_punch(struct zone *z, unsigned int i, uint64_t *rnd)
{
	unsigned int unit = i / UNIT, k = torture_below(rnd, UNIT);
	unsigned int n = 1 + torture_below(rnd, UNIT - k);

	zone_begin(z, i + k, n, AS_IT_WAS, 0);
	demand(!fallocate(z->fds[unit], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  (z->flips[unit] * UNIT + k) * PAGE, n * PAGE), "punching a hole");
	zone_end(z, i + k, n);
}

static void file_cut(struct zone *z, unsigned int i, uint64_t *rnd)
{
	unsigned int unit = i / UNIT, k = torture_below(rnd, UNIT);

	zone_begin(z, i + k, UNIT - k, GONE, 0);
	demand(!ftruncate(z->fds[unit], (z->flips[unit] * UNIT + k) * PAGE), "ftruncate");
	zone_end(z, i + k, UNIT - k);
}

/* As long as before, and empty where it was cut. */
static void file_mend(struct zone *z, unsigned int i)
{
	unsigned int k;

	for (k = i; k < i + UNIT; k++) {
		if (zone_now(z, k).kind == GONE)
			zone_begin(z, k, 1, EITHER, 0);
	}
	demand(!ftruncate(z->fds[i / UNIT], 2 * UNIT * PAGE), "ftruncate");
	zone_end(z, i, UNIT);
}

static void step_file(struct zone *z, unsigned int i, unsigned int n, uint64_t *rnd)
{
	if (zone_now(z, i + UNIT - 1).kind == GONE) {
		file_mend(z, i);
		file_replace(z, i, zone_may_seal(z, i) && torture_below(rnd, 2) ? SEALED : WRITABLE);
		return;
	}
	switch (torture_below(rnd, zone_is_fragile(z, i) ? 4 : 3)) {
	case 0:
		file_punch(z, i, rnd);
		break;
	case 1:
		file_replace(z, i, zone_may_seal(z, i) ? SEALED : WRITABLE);
		break;
	case 2:
		file_replace(z, i, WRITABLE);
		break;
	default:
		file_cut(z, i, rnd);
	}
}

const struct means means_file = {
	.make = make_files, .step = step_file, .pages = 1024, .fragile = 128, .unit = UNIT,
	.shakes = SHAKE_PAGEOUT | SHAKE_SYNC,
};
