// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The fuzzer's zone of memory, and the objects that a program has made. */

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <zlib.h>

#include "ioctl_zone.h"

#define MAX_GIDS	16

static struct {
	char path[64];			/* of the device's file */
	int template;			/* what the data is at the start of a program */
	int files[NUM_FILES];
	bool asked[NUM_FILES];
	struct object live[MAX_OBJECTS];	/* the newest last */
	unsigned int num_live;
	struct object dead[16];		/* the newest at @num_dead - 1, modulo */
	unsigned int num_dead;
	struct in6_addr gids[MAX_GIDS];
	unsigned int num_gids;
	struct object none;
	bool torn;
} zone;

/*---- made once ----*/

/* Numbers, and at 32, 48 and 64 KiB the same text compressed in three formats. */
static void fill_template(uint8_t *p)
{
	static const int window_bits[] = { -15, 15, 31 };
	unsigned int i;

	for (i = 0; i < ZONE_DATA; i++)
		p[i] = i >> 4 ^ i >> 10;
	for (i = 0; i < ARRAY_SIZE(window_bits); i++) {
		z_stream z = {
			.next_in = p, .avail_in = 8 * KIB,
			.next_out = p + (32 + 16 * i) * KIB, .avail_out = 16 * KIB,
		};

		demand(deflateInit2(&z, 6, Z_DEFLATED, window_bits[i], 8, Z_DEFAULT_STRATEGY) == Z_OK,
		       "deflateInit2");
		demand(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
		deflateEnd(&z);
	}
}

static void make_template(void)
{
	void *p;

	zone.template = memfd_create("zone", MFD_CLOEXEC);
	demand(zone.template >= 0 && !ftruncate(zone.template, ZONE_DATA), "memfd");
	p = mmap(NULL, ZONE_DATA, PROT_READ | PROT_WRITE, MAP_SHARED, zone.template, 0);
	demand(p != MAP_FAILED, "mmap of the template");
	fill_template(p);
	munmap(p, ZONE_DATA);
}

static void map_zone(uint64_t offset, size_t size, int prot, int flags, int fd)
{
	void *p = mmap((void *)(ZONE + offset), size, prot, MAP_PRIVATE | flags, fd, 0);

	demand(p == (void *)(ZONE + offset), "mmap of the zone at %#lx", (unsigned long)offset);
}

static void read_gids(const char *device)
{
	char path[PATH_MAX], line[64];
	unsigned int i;
	FILE *f;

	for (i = 0; i < 8 && zone.num_gids < MAX_GIDS; i++) {
		snprintf(path, sizeof(path), "/sys/class/infiniband/%s/ports/1/gids/%u", device, i);
		f = fopen(path, "r");
		if (!f)
			return;
		if (fgets(line, sizeof(line), f)) {
			line[strcspn(line, "\n")] = 0;
			zone.num_gids += inet_pton(AF_INET6, line, &zone.gids[zone.num_gids]) == 1;
		}
		fclose(f);
	}
}

/* The file of the device of this name. */
static void find_file(const char *device)
{
	DIR *dir = opendir("/sys/class/infiniband_verbs");
	char path[PATH_MAX], line[64];
	struct dirent *entry;
	FILE *f;

	demand(dir, "opendir");
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/infiniband_verbs/%s/ibdev", entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(line, sizeof(line), f) && !strncmp(line, device, strlen(device)) &&
		    line[strlen(device)] == '\n')
			snprintf(zone.path, sizeof(zone.path), "/dev/infiniband/%.32s",
				 entry->d_name);
		fclose(f);
	}
	closedir(dir);
	demand(zone.path[0], "there is no device %s", device);
}

/* A dma-buf, where the kernel can make one. */
static int make_dmabuf(void)
{
	struct udmabuf_create create = {
		.memfd = memfd_create("dmabuf", MFD_CLOEXEC | MFD_ALLOW_SEALING),
		.size = 4 * PAGE,
	};
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd = -1;

	if (dev >= 0 && !ftruncate(create.memfd, create.size) &&
	    !fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		fd = ioctl(dev, UDMABUF_CREATE, &create);
	close(create.memfd);
	if (dev >= 0)
		close(dev);
	return fd;
}

/* Whatever a program makes has a higher number. */
static void take_low_files(void)
{
	int fd = make_dmabuf();

	dup2(zone.template, INODE_FD);
	if (fd >= 0 && fd != DMABUF_FD) {
		dup2(fd, DMABUF_FD);
		close(fd);
	}
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	demand(fd >= 0, "/dev/null");
	while (fd < FIRST_FD) {
		fd = dup(fd);
		demand(fd >= 0, "dup");
	}
	close(fd);
}

void zone_init(const char *device)
{
	find_file(device);
	read_gids(device);
	read_gids("axe1");
	make_template();
	map_zone(0, ZONE_SIZE, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1);
	map_zone(0, ZONE_DATA, PROT_READ | PROT_WRITE, MAP_FIXED, zone.template);
	map_zone(ZONE_MESSAGES, 2 * MESSAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_FIXED,
		 -1);
	take_low_files();
	zone.files[0] = -1;
	zone.files[1] = -1;
}

void zone_reset(void)
{
	close_range(FIRST_FD, ~0U, 0);
	zone.files[0] = -1;
	zone.files[1] = -1;
	zone.num_live = 0;
	zone.num_dead = 0;
	map_zone(ZONE_SLOTS, NUM_SLOTS * SLOT_SIZE, PROT_NONE,
		 MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1);
	if (zone.torn)
		map_zone(0, ZONE_DATA, PROT_READ | PROT_WRITE, MAP_FIXED, zone.template);
	else	/* What was written is gone. */
		madvise((void *)ZONE, ZONE_DATA, MADV_DONTNEED);
	zone.torn = false;
}

void zone_tear(void)
{
	zone.torn = true;
}

int zone_file(unsigned int number)
{
	int *fd = &zone.files[number % NUM_FILES];

	if (*fd < 0) {
		*fd = open(zone.path, O_RDWR | O_CLOEXEC);
		zone.asked[number % NUM_FILES] = false;
		demand(*fd >= 0, "%s: %s", zone.path, strerror(errno));
	}
	return *fd;
}

bool zone_ask_context(unsigned int number)
{
	return !__atomic_exchange_n(&zone.asked[number % NUM_FILES], true, __ATOMIC_ACQ_REL);
}

void zone_no_context(unsigned int number)
{
	__atomic_store_n(&zone.asked[number % NUM_FILES], false, __ATOMIC_RELEASE);
}

/*---- arguments ----*/

void *zone_message(unsigned int index)
{
	return (void *)(ZONE + ZONE_MESSAGES + index * MESSAGE_SIZE);
}

/*
 * Below 8 GiB: in the zone. Above: one of these, and a little beyond. None of them,
 * and no sum or difference with another or with the zone, is an address of ours.
 */
uint64_t zone_address(uint64_t arg)
{
	static const uint64_t special[] = {
		0, -1ULL, 0xffff800000000000, 0x8000000000000000, PAGE - 8, -PAGE, ZONE - PAGE, 1
	};

	if (arg >> 56 == 0xff)
		return special[arg & 7] + (arg >> 8 & 0xfff);
	return ZONE + (arg & (ZONE_SIZE - 1));
}

/* Unmapped, half mapped, the kernel's, and nearly NULL. */
uint64_t zone_nowhere(uint32_t value)
{
	switch (value & 3) {
	case 0:
		return ZONE + ZONE_SIZE - PAGE;
	case 1:
		return ZONE + ZONE_MESSAGES + 2 * MESSAGE_SIZE - (value >> 2 & 0x3f);
	case 2:
		return 0xffff888000000000;
	}
	return 16;
}

void zone_gid(uint8_t *gid, uint64_t arg)
{
	memset(gid, 0, 16);
	if (arg < 64 && zone.num_gids) {
		memcpy(gid, &zone.gids[arg % zone.num_gids], 16);
	} else if (arg < 128) {
		gid[0] = 0xff;
		gid[1] = 0x0e;
		gid[15] = arg;
	} else {
		memcpy(gid, &arg, 8);
		memcpy(gid + 8, &arg, 8);
	}
}

/*---- objects ----*/

/*
 * The low byte counts from the newest. 0x100: of any class, 0x200: of any file,
 * 0x400: of those that are gone.
 */
struct object *zone_pick(unsigned int class, unsigned int file, uint64_t arg, bool any_file)
{
	unsigned int skip = arg & 0xff, n, i;
	bool dead = arg & 0x400;

	n = dead ? zone.num_dead : zone.num_live;
	if (dead && n > ARRAY_SIZE(zone.dead))
		n = ARRAY_SIZE(zone.dead);
	for (i = 1; i <= n; i++) {
		struct object *o = dead ?
			&zone.dead[(zone.num_dead - i) % ARRAY_SIZE(zone.dead)] :
			&zone.live[zone.num_live - i];

		if (!(arg & 0x100) && o->class != class)
			continue;
		if (!any_file && !(arg & 0x200) && o->file != file)
			continue;
		if (!skip--)
			return o;
	}
	return NULL;
}

struct object *zone_add(unsigned int class, unsigned int file)
{
	struct object *o = &zone.none;

	if (zone.num_live < MAX_OBJECTS)
		o = &zone.live[zone.num_live++];
	*o = (struct object){ .class = class, .file = file };
	return o;
}

struct object *zone_find(const struct object *copy)
{
	unsigned int i;

	for (i = zone.num_live; copy->class && i--;) {
		struct object *o = &zone.live[i];

		if (o->class == copy->class && o->file == copy->file && o->handle == copy->handle)
			return o;
	}
	return NULL;
}

void zone_drop(const struct object *copy)
{
	struct object *o = zone_find(copy);

	if (!o)
		return;
	zone.dead[zone.num_dead++ % ARRAY_SIZE(zone.dead)] = *o;
	zone.num_live--;
	memmove(o, o + 1, (&zone.live[zone.num_live] - o) * sizeof(*o));
}

/*---- memory that may not be there ----*/

int zone_put(uint64_t to, const void *from, size_t length)
{
	struct iovec local = { (void *)from, length }, remote = { (void *)to, length };

	if (process_vm_writev(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)length)
		return EFAULT;
	return 0;
}

int zone_get(void *to, uint64_t from, size_t length)
{
	struct iovec local = { to, length }, remote = { (void *)from, length };

	if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)length)
		return EFAULT;
	return 0;
}
