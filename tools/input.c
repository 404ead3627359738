// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input.h"

/* Pages behind the reader are given back in steps of this size. */
#define RELEASE_STEP (32UL << 20)

/* Maps from the current offset to the end; a file that cannot be is read instead. */
static void try_map(struct input *in)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t base;
	off_t off;

	if (!S_ISREG(in->st.st_mode))
		return;
	off = in->fd == STDIN_FILENO ? lseek(in->fd, 0, SEEK_CUR) : 0;
	if (off < 0 || off >= in->st.st_size)
		return;

	base = off & ~(page - 1);
	in->map_length = in->st.st_size - base;
	in->map_start = mmap(NULL, in->map_length, PROT_READ, MAP_SHARED, in->fd, base);
	if (in->map_start == MAP_FAILED) {
		in->map_start = NULL;
		return;
	}
	in->map = (const uint8_t *)in->map_start - base;
	in->size = in->st.st_size;
	in->start = off;
	in->pos = off;
	in->prefetched = off;
	in->released = base;
}

enum status input_open(struct input *in, const char *path)
{
	bool is_stdin = !path || !strcmp(path, "-");

	memset(in, 0, sizeof(*in));
	in->carry = -1;
	in->name = is_stdin ? "standard input" : path;
	in->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in->fd < 0)
		return error_errno("cannot open %s", path);
	if (fstat(in->fd, &in->st)) {
		error_errno("cannot read %s", in->name);
		input_close(in);
		return STATUS_ERROR;
	}
	if (S_ISDIR(in->st.st_mode)) {
		input_close(in);
		return error("%s is a directory", path);
	}
	try_map(in);
	return STATUS_OK;
}

void input_close(struct input *in)
{
	/* Who reads the same standard input next goes on behind our data. */
	if (in->map && in->fd == STDIN_FILENO)
		(void)!lseek(in->fd, in->pos, SEEK_SET);
	if (in->map)
		munmap(in->map_start, in->map_length);
	if (in->zeros)
		munmap(in->zeros, in->zeros_length);
	free(in->buf);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->map = NULL;
	in->zeros = NULL;
	in->buf = NULL;
	in->fd = -1;
}

uint64_t input_total(const struct input *in)
{
	return in->map ? in->size - in->start : 0;
}

const struct stat *input_stat(const struct input *in)
{
	return in->fd != STDIN_FILENO && S_ISREG(in->st.st_mode) ? &in->st : NULL;
}

/* As many bytes as there are room for, fewer only at the end. */
static ssize_t read_full(struct input *in, uint8_t *buf, size_t max)
{
	size_t len = 0;

	while (len < max && !in->eof) {
		ssize_t n = read(in->fd, buf + len, max - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error_errno("cannot read %s", in->name);
			return -1;
		}
		in->eof = !n;
		len += n;
	}
	return len;
}

/* Only a read beyond the piece tells whether it is the last: so keep one byte in hand. */
static enum status read_piece(struct input *in, uint8_t *buf, uint32_t max, uint32_t *len,
			      bool *last)
{
	uint8_t extra;
	ssize_t n;
	size_t have = 0;

	if (in->carry >= 0)
		buf[have++] = in->carry;
	in->carry = -1;

	n = read_full(in, buf + have, max - have);
	if (n < 0)
		return STATUS_ERROR;
	*len = have + n;
	in->pos += *len;

	n = read_full(in, &extra, 1);
	if (n < 0)
		return STATUS_ERROR;
	if (n)
		in->carry = extra;
	*last = !n;
	return STATUS_OK;
}

/* Where the file system cannot tell, all is data. */
uint64_t input_extent(struct input *in, bool *hole)
{
	off_t data, end;

	if (in->pos >= in->extent_end) {
		in->hole = false;
		in->extent_end = in->size;
		data = lseek(in->fd, in->pos, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			data = in->size;
		if (data > (off_t)in->pos) {
			in->hole = true;
			in->extent_end = data;
		} else if (data >= 0) {
			end = lseek(in->fd, in->pos, SEEK_HOLE);
			if (end > (off_t)in->pos)
				in->extent_end = end;
		}
		if (in->extent_end > in->size)	/* it grew */
			in->extent_end = in->size;
	}
	*hole = in->hole;
	return in->extent_end - in->pos;
}

/* Memory that no one ever writes: it is the kernel's page of zeros again and again. */
static const uint8_t *zeros(struct input *in, size_t length)
{
	if (!in->zeros) {
		in->zeros = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (in->zeros == MAP_FAILED)
			in->zeros = NULL;
		in->zeros_length = length;
	}
	return in->zeros;
}

enum status input_read_piece(struct input *in, void *buf, uint32_t max, const uint8_t **src,
			     uint32_t *len, bool *last)
{
	uint64_t extent;
	bool hole;

	if (!in->map) {
		*src = buf;
		return read_piece(in, buf, max, len, last);
	}
	*src = NULL;
	*len = in->size - in->pos < max ? in->size - in->pos : max;
	extent = input_extent(in, &hole);
	if (hole && extent >= *len)
		*src = zeros(in, max);
	if (!*src)
		*src = in->map + in->pos;
	in->pos += *len;
	*last = in->pos == in->size;
	return STATUS_OK;
}

/* One read() into the buffer, if there is room. */
static enum status fill(struct input *in)
{
	ssize_t n;

	if (in->eof || in->tail == INPUT_BUFFER)
		return STATUS_OK;
	do {
		n = read(in->fd, in->buf + in->tail, INPUT_BUFFER - in->tail);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno("cannot read %s", in->name);
	in->eof = !n;
	in->tail += n;
	return STATUS_OK;
}

/* Has at least @want bytes in the buffer, or all there are. No command may be using it. */
static enum status need(struct input *in, size_t want)
{
	enum status status = STATUS_OK;

	if (!in->buf)
		in->buf = malloc(INPUT_BUFFER);
	if (!in->buf)
		return error_errno("cannot read %s", in->name);
	if (in->head && (in->head == in->tail || in->head + want > INPUT_BUFFER ||
			 in->head > INPUT_BUFFER / 2)) {
		memmove(in->buf, in->buf + in->head, in->tail - in->head);
		in->tail -= in->head;
		in->head = 0;
	}
	while (status == STATUS_OK && in->tail - in->head < want && !in->eof)
		status = fill(in);
	return status;
}

enum status input_bytes(struct input *in, uint32_t max, const uint8_t **src, uint32_t *len)
{
	uint64_t have;

	if (!in->map) {
		if (need(in, 1) != STATUS_OK)
			return STATUS_ERROR;
		*src = in->buf + in->head;
		have = in->tail - in->head;
	} else {
		*src = in->map + in->pos;
		have = in->size - in->pos;
	}
	*len = have < max ? have : max;
	return STATUS_OK;
}

void input_advance(struct input *in, uint64_t len)
{
	in->pos += len;
	if (!in->map)
		in->head += len;
}

enum status input_read_ahead(struct input *in)
{
	struct pollfd fd = { .fd = in->fd, .events = POLLIN };

	if (in->map || poll(&fd, 1, 0) <= 0)
		return STATUS_OK;
	return fill(in);
}

enum status input_peek(struct input *in, void *buf, size_t max, size_t *len)
{
	ssize_t n;

	if (!in->map) {
		if (need(in, max) != STATUS_OK)
			return STATUS_ERROR;
		*len = in->tail - in->head < max ? in->tail - in->head : max;
		memcpy(buf, in->buf + in->head, *len);
		return STATUS_OK;
	}
	if (max > in->size - in->pos)
		max = in->size - in->pos;
	for (*len = 0; *len < max; *len += n) {
		n = pread(in->fd, (uint8_t *)buf + *len, max - *len, in->pos + *len);
		if (n < 0 && errno != EINTR)
			return error_errno("cannot read %s", in->name);
		if (!n)
			return error("%s was truncated while being read", in->name);
		if (n < 0)
			n = 0;
	}
	return STATUS_OK;
}

void input_prefetch(struct input *in, struct device *dev, uint64_t ahead)
{
	uint64_t end, extent;
	bool hole;

	if (!in->map)
		return;
	extent = input_extent(in, &hole);
	if (hole)
		return;
	end = in->pos + (extent > ahead ? ahead : extent);
	if (in->prefetched < in->pos)
		in->prefetched = in->pos;
	if (end <= in->prefetched)
		return;
	device_prefetch(dev, in->map + in->prefetched, end - in->prefetched, false);
	in->prefetched = end;
}

void input_release(struct input *in, uint64_t end)
{
	uint64_t len = (end - in->released) / RELEASE_STEP * RELEASE_STEP;

	if (!in->map || end < in->released || !len)
		return;
	madvise((void *)(in->map + in->released), len, MADV_DONTNEED);
	in->released += len;
}

enum status input_check_size(const struct input *in)
{
	struct stat st;

	if (!in->map)
		return STATUS_OK;
	if (fstat(in->fd, &st))
		return error_errno("cannot read %s", in->name);
	if (st.st_size < in->st.st_size)
		return error("%s was truncated while being read", in->name);
	if (st.st_size > in->st.st_size)
		return warning("%s grew while being read; what was added is not in the output",
			       in->name);
	return STATUS_OK;
}

enum status input_command_failed(const struct input *in, const struct queue *q, uint64_t off,
				 const struct completion *c)
{
	uint64_t addr = c->result[0] - (uintptr_t)in->map;
	struct stat st;

	if (c->code == AXE_ERR_FAULT && in->map && addr >= in->start && addr < in->size) {
		if (!fstat(in->fd, &st) && st.st_size < in->st.st_size)
			return error("%s was truncated while being read", in->name);
		return error("%s cannot be read at offset %" PRIu64, in->name, addr);
	}
	if (c->code == AXE_ERR_FLUSHED)
		return error("%s: %s gave up at offset %" PRIu64 "; was the device removed?",
			     in->name, device_name(q->dev), off);
	return error("%s: %s failed at offset %" PRIu64 ": %s", in->name, device_name(q->dev), off,
		     axedv_code_str(c->code));
}
