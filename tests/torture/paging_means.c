// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The ways in which pages change. */

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "paging.h"

static void map_at(void *p, int prot, int flags, int fd, off_t offset)
{
	demand(mmap(p, PAGE, prot, flags | MAP_FIXED, fd, offset) == p, "mmap");
}

static void protect(struct zone *z, unsigned int i)
{
	struct state now = zone_now(z, i);
	enum kind kind = now.kind == SEALED ? WRITABLE : SEALED;

	zone_begin(z, i, kind, now.version);
	demand(!mprotect(zone_page(z, i), PAGE, kind == SEALED ? PROT_READ : PROT_READ | PROT_WRITE),
	       "mprotect");
	zone_end(z, i);
}

static void dontneed(struct zone *z, unsigned int i)
{
	zone_begin(z, i, zone_now(z, i).kind, 0);
	demand(!madvise(zone_page(z, i), PAGE, MADV_DONTNEED), "MADV_DONTNEED");
	zone_end(z, i);
}

/*---- anonymous memory: mremap, munmap, mprotect, MADV_DONTNEED ----*/

static void make_anon(struct zone *z)
{
	z->p = small_pages(z->n * PAGE);
}

/* Another page in its place. */
static void anon_replace(struct zone *z, unsigned int i, enum kind kind)
{
	map_at(z->spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stamp(z->spare, z->owner, i, ++z->version, 0);
	if (kind == SEALED)
		demand(!mprotect(z->spare, PAGE, PROT_READ), "mprotect");
	zone_begin(z, i, kind, z->version);
	demand(mremap(z->spare, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, zone_page(z, i)) ==
	       zone_page(z, i), "mremap");
	zone_end(z, i);
}

/* What is unmapped, nobody else may map: nothing is mapped meanwhile but at fixed places. */
static void anon_remove(struct zone *z, unsigned int i, uint64_t *rnd)
{
	zone_begin(z, i, GONE, 0);
	if (torture_below(rnd, 2))
		demand(!munmap(zone_page(z, i), PAGE), "munmap");
	else
		map_at(zone_page(z, i), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	zone_end(z, i);
}

static void step_anon(struct zone *z, unsigned int i, uint64_t *rnd)
{
	bool gone = zone_now(z, i).kind == GONE;

	switch (torture_below(rnd, gone ? 3 : 7)) {
	case 0:
		anon_replace(z, i, SEALED);
		break;
	case 1:
		zone_begin(z, i, WRITABLE, 0);
		map_at(zone_page(z, i), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		zone_end(z, i);
		break;
	case 3:
		dontneed(z, i);
		break;
	case 4:
		anon_remove(z, i, rnd);
		break;
	case 5:
		protect(z, i);
		break;
	default:
		anon_replace(z, i, WRITABLE);
	}
}

const struct means means_anon = {
	make_anon, step_anon, 64, SHAKE_PAGEOUT | SHAKE_KSM | SHAKE_COMPACT,
};

/*---- files: holes, truncation, another page of the same file ----*/

static void make_file(struct zone *z)
{
	unsigned int i;

	z->p = pages(z->n * PAGE);
	for (i = 0; i < z->n; i++) {
		char name[] = "/dev/shm/axe-torture-XXXXXX";
		int fd = i % 2 ? memfd_create("torture", MFD_CLOEXEC) : mkostemp(name, O_CLOEXEC);

		unlink(name);
		demand(fd >= 0 && !ftruncate(fd, 2 * PAGE), "a file");
		z->pages[i].fd = fd;
		map_at(zone_page(z, i), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
}

/* Written where it is not mapped, then mapped. */
static void file_replace(struct zone *z, unsigned int i, enum kind kind)
{
	struct page *page = &z->pages[i];
	uint8_t text[PAGE];

	page->flip ^= 1;
	stamp(text, z->owner, i, ++z->version, 0);
	demand(pwrite(page->fd, text, PAGE, page->flip * PAGE) == PAGE, "pwrite");
	zone_begin(z, i, kind, z->version);
	map_at(zone_page(z, i), kind == SEALED ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED,
	       page->fd, page->flip * PAGE);
	zone_end(z, i);
}

static void step_file(struct zone *z, unsigned int i, uint64_t *rnd)
{
	struct page *page = &z->pages[i];
	struct state now = zone_now(z, i);

	if (now.kind == GONE) {
		/* As long as before, and empty; whether it could be written is not known. */
		zone_begin(z, i, SEALED, 0);
		demand(!ftruncate(page->fd, 2 * PAGE), "ftruncate");
		zone_end(z, i);
		file_replace(z, i, torture_below(rnd, 2) ? SEALED : WRITABLE);
		return;
	}
	switch (torture_below(rnd, 4)) {
	case 0:
		zone_begin(z, i, now.kind, 0);
		demand(!fallocate(page->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				  page->flip * PAGE, PAGE), "punching a hole");
		zone_end(z, i);
		break;
	case 1:
		zone_begin(z, i, GONE, 0);
		demand(!ftruncate(page->fd, 0), "ftruncate");
		zone_end(z, i);
		break;
	case 2:
		file_replace(z, i, SEALED);
		break;
	default:
		file_replace(z, i, WRITABLE);
	}
}

const struct means means_file = { make_file, step_file, 64, SHAKE_PAGEOUT };

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

/* The mm may be changing: again then. */
static void uffd(struct zone *z, unsigned long request, void *arg, const char *what)
{
	int ret;

	do {
		ret = ioctl(z->uffd, request, arg);
	} while (ret && errno == EAGAIN && !torture_is_over(z->run));
	demand(!ret || errno == EAGAIN, "%s", what);
}

static void uffd_fill(struct zone *z, unsigned int i, enum kind kind)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)zone_page(z, i), .src = (uintptr_t)z->spare, .len = PAGE,
		.mode = kind == SEALED ? UFFDIO_COPY_MODE_WP : 0,
	};

	stamp(z->spare, z->owner, i, ++z->version, 0);
	zone_begin(z, i, kind, z->version);
	uffd(z, UFFDIO_COPY, &copy, "UFFDIO_COPY");
	zone_end(z, i);
}

static void uffd_seal(struct zone *z, unsigned int i)
{
	struct state now = zone_now(z, i);
	enum kind kind = now.kind == SEALED ? WRITABLE : SEALED;
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)zone_page(z, i), PAGE },
		.mode = kind == SEALED ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	zone_begin(z, i, kind, now.version);
	uffd(z, UFFDIO_WRITEPROTECT, &wp, "UFFDIO_WRITEPROTECT");
	zone_end(z, i);
}

static void step_uffd(struct zone *z, unsigned int i, uint64_t *rnd)
{
	if (zone_now(z, i).kind == GONE) {
		uffd_fill(z, i, torture_below(rnd, 3) ? WRITABLE : SEALED);
	} else if (torture_below(rnd, 2)) {
		uffd_seal(z, i);
	} else {
		zone_begin(z, i, GONE, 0);
		demand(!madvise(zone_page(z, i), PAGE, MADV_DONTNEED), "MADV_DONTNEED");
		zone_end(z, i);
	}
}

const struct means means_uffd = { make_uffd, step_uffd, 64, SHAKE_PAGEOUT };

/*---- memory that keeps its place ----*/

static void make_huge(struct zone *z)
{
	uint8_t *p = pages(z->n * PAGE + 2 * MIB);

	z->p = p + (-(uintptr_t)p & (2 * MIB - 1));
	demand(!madvise(z->p, z->n * PAGE, MADV_HUGEPAGE), "MADV_HUGEPAGE");
}

static void step_targets(struct zone *z, unsigned int i, uint64_t *rnd)
{
	if (torture_below(rnd, 4) == 0)
		protect(z, i);
	else if (i >= z->n / 2)
		dontneed(z, i);
}

const struct means means_huge = {
	make_huge, step_targets, 1024, SHAKE_HUGE | SHAKE_COMPACT | SHAKE_PAGEOUT,
};

/* Only what happens all around. */
static void step_nothing(struct zone *z, unsigned int i, uint64_t *rnd)
{
	if (i >= z->n / 2 && torture_below(rnd, 8) == 0)
		dontneed(z, i);
}

const struct means means_fork = { make_anon, step_nothing, 64, SHAKE_FORK };
