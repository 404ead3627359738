// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The ways in which pages of no file change. */

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "paging.h"

static void map_at(void *p, unsigned int n, int prot)
{
	demand(mmap(p, n * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p, "mmap");
}

static bool any_is_gone(const struct zone *z, unsigned int i, unsigned int n)
{
	while (n--) {
		if (zone_now(z, i + n).kind == GONE)
			return true;
	}
	return false;
}

static void protect(struct zone *z, unsigned int i, unsigned int n)
{
	enum kind kind = zone_now(z, i).kind == SEALED ? WRITABLE : SEALED;

	zone_begin(z, i, n, kind, SAME);
	demand(!mprotect(zone_page(z, i), n * PAGE,
			 kind == SEALED ? PROT_READ : PROT_READ | PROT_WRITE), "mprotect");
	zone_end(z, i, n);
}

static void dontneed(struct zone *z, unsigned int i, unsigned int n)
{
	zone_begin(z, i, n, AS_IT_WAS, 0);
	demand(!madvise(zone_page(z, i), n * PAGE, MADV_DONTNEED), "MADV_DONTNEED");
	zone_end(z, i, n);
}

/*---- anonymous memory: mremap, munmap, mprotect, MADV_DONTNEED ----*/

static void make_anon(struct zone *z)
{
	z->p = small_pages(z->n * PAGE);
}

/* Twins get the same: each run is of one version. */
static void stamp_spare(struct zone *z, unsigned int i, unsigned int n)
{
	unsigned int k;

	z->version++;
	for (k = 0; k < n; k++)
		stamp(z->spare + k * PAGE, z->owner, zone_number(z, i + k), z->version, 0);
}

/* Other pages in their place. */
static void anon_replace(struct zone *z, unsigned int i, unsigned int n, enum kind kind)
{
	map_at(z->spare, n, PROT_READ | PROT_WRITE);
	stamp_spare(z, i, n);
	if (kind == SEALED)
		demand(!mprotect(z->spare, n * PAGE, PROT_READ), "mprotect");
	zone_begin(z, i, n, kind, z->version);
	demand(mremap(z->spare, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      zone_page(z, i)) == zone_page(z, i), "mremap");
	zone_end(z, i, n);
}

static void anon_zero(struct zone *z, unsigned int i, unsigned int n)
{
	zone_begin(z, i, n, WRITABLE, 0);
	map_at(zone_page(z, i), n, PROT_READ | PROT_WRITE);
	zone_end(z, i, n);
}

/* What is unmapped, nobody else may map: nothing is mapped meanwhile but at fixed places. */
static void anon_remove(struct zone *z, unsigned int i, unsigned int n, uint64_t *rnd)
{
	uint8_t *p = zone_page(z, i);
	unsigned int k;

	zone_begin(z, i, n, GONE, 0);
	switch (torture_below(rnd, 3)) {
	case 0:
		demand(!munmap(p, n * PAGE), "munmap");
		break;
	case 1:
		map_at(p, n, PROT_NONE);
		break;
	default:
		/* Page by page: some may be sealed, which makes them mappings of their own. */
		for (k = 0; k < n; k++)
			demand(mremap(p + k * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				      z->spare + k * PAGE) == z->spare + k * PAGE, "mremap");
		map_at(z->spare, n, PROT_READ | PROT_WRITE);
	}
	zone_end(z, i, n);
}

static void step_anon(struct zone *z, unsigned int i, unsigned int n, uint64_t *rnd)
{
	switch (torture_below(rnd, any_is_gone(z, i, n) ? 3 : 7)) {
	case 0:
		anon_replace(z, i, n, zone_may_seal(z, i) ? SEALED : WRITABLE);
		break;
	case 1:
		anon_zero(z, i, n);
		break;
	case 2:
		anon_replace(z, i, n, WRITABLE);
		break;
	case 3:
		if (zone_is_fragile(z, i))
			anon_remove(z, i, n, rnd);
		else
			anon_replace(z, i, n, WRITABLE);
		break;
	case 4:
		if (zone_may_seal(z, i))
			protect(z, i, n);
		else
			dontneed(z, i, n);
		break;
	default:
		dontneed(z, i, n);
	}
}

const struct means means_anon = {
	.make = make_anon, .step = step_anon, .pages = 2048, .fragile = 256,
	.shakes = SHAKE_PAGEOUT | SHAKE_COMPACT,
};

/* Neighbours hold the same, so they are merged, and have to part when one is written. */
const struct means means_ksm = {
	.make = make_anon, .step = step_anon, .pages = 1024, .fragile = 128, .twins = 1,
	.shakes = SHAKE_KSM | SHAKE_PAGEOUT,
};

/* Nothing that fails: who asks for that would have to connect anew. */
const struct means means_peers = {
	.make = make_anon, .step = step_anon, .pages = 1024, .shakes = SHAKE_PAGEOUT | SHAKE_COMPACT,
};

/* More than the control group may have in memory. */
const struct means means_swap = {
	.make = make_anon, .step = step_anon, .pages = 1024, .fragile = 128,
	.shakes = SHAKE_PAGEOUT | SHAKE_RECLAIM,
};

/*---- userfaultfd: missing, write-protected ----*/

static void make_uffd(struct zone *z)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register area = {
		.range.len = z->n * PAGE,
		.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};

	z->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	z->p = small_pages(z->n * PAGE);
	area.range.start = (uintptr_t)z->p;
	memset(z->p, 1, z->n * PAGE);
	demand(z->uffd >= 0 && !ioctl(z->uffd, UFFDIO_API, &api) &&
	       !ioctl(z->uffd, UFFDIO_REGISTER, &area), "userfaultfd");
}

static void uffd_fill(struct zone *z, unsigned int i, unsigned int n, enum kind kind)
{
	struct uffdio_copy copy = { .mode = kind == SEALED ? UFFDIO_COPY_MODE_WP : 0 };
	unsigned int done = 0;

	map_at(z->spare, n, PROT_READ | PROT_WRITE);
	stamp_spare(z, i, n);
	zone_begin(z, i, n, kind, z->version);
	/* While the mm is changing, it stops in the middle. */
	while (done < n) {
		copy.dst = (uintptr_t)zone_page(z, i + done);
		copy.src = (uintptr_t)z->spare + done * PAGE;
		copy.len = (n - done) * PAGE;
		copy.copy = 0;
		if (!ioctl(z->uffd, UFFDIO_COPY, &copy))
			break;
		demand(errno == EAGAIN, "UFFDIO_COPY");
		if (copy.copy > 0)
			done += copy.copy / PAGE;
	}
	zone_end(z, i, n);
}

static void uffd_seal(struct zone *z, unsigned int i, unsigned int n)
{
	enum kind kind = zone_now(z, i).kind == SEALED ? WRITABLE : SEALED;
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)zone_page(z, i), n * PAGE },
		.mode = kind == SEALED ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};
	int ret;

	zone_begin(z, i, n, kind, SAME);
	do {
		ret = ioctl(z->uffd, UFFDIO_WRITEPROTECT, &wp);
	} while (ret && errno == EAGAIN);
	demand(!ret, "UFFDIO_WRITEPROTECT");
	zone_end(z, i, n);
}

static void uffd_drop(struct zone *z, unsigned int i, unsigned int n)
{
	zone_begin(z, i, n, GONE, 0);
	demand(!madvise(zone_page(z, i), n * PAGE, MADV_DONTNEED), "MADV_DONTNEED");
	zone_end(z, i, n);
}

/* What is missing is soon there again, or nothing else would ever be. */
static void step_uffd(struct zone *z, unsigned int i, unsigned int n, uint64_t *rnd)
{
	bool gone = any_is_gone(z, i, n);

	if (!gone && torture_below(rnd, 3) == 0) {
		uffd_seal(z, i, n);
		return;
	}
	uffd_drop(z, i, n);
	if (gone || torture_below(rnd, 4))
		uffd_fill(z, i, n, torture_below(rnd, 4) ? WRITABLE : SEALED);
}

const struct means means_uffd = {
	.make = make_uffd, .step = step_uffd, .pages = 512, .fragile = 256, .most = 32,
	.shakes = SHAKE_PAGEOUT,
};

/*---- memory that keeps its place ----*/

static void make_huge(struct zone *z)
{
	uint8_t *p = pages(z->n * PAGE + 2 * MIB);

	z->p = p + (-(uintptr_t)p & (2 * MIB - 1));
	demand(!madvise(z->p, z->n * PAGE, MADV_HUGEPAGE), "MADV_HUGEPAGE");
}

/* Without new mappings: those that are stay large enough for a huge page. */
static void step_huge(struct zone *z, unsigned int i, unsigned int n, uint64_t *rnd)
{
	if (zone_is_fragile(z, i) && torture_below(rnd, 4) == 0)
		protect(z, i, n);
	else if (i >= z->n / 2)
		dontneed(z, i, n);
}

const struct means means_huge = {
	.make = make_huge, .step = step_huge, .pages = 2048, .fragile = 256,
	.shakes = SHAKE_HUGE | SHAKE_COMPACT | SHAKE_PAGEOUT,
};

/* Nothing that a child could stumble over. */
static void step_fork(struct zone *z, unsigned int i, unsigned int n, uint64_t *rnd)
{
	if (i < z->n / 2)
		anon_replace(z, i, n, WRITABLE);
	else
		dontneed(z, i, n);
}

const struct means means_fork = {
	.make = make_anon, .step = step_fork, .pages = 1024, .shakes = SHAKE_FORK,
};
