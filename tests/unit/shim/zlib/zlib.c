// SPDX-License-Identifier: GPL-2.0
/* The kernel's zlib_*() on the system's zlib. */
#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "shim_zstream.h"

#define DEFLATE_ARENA	(512 * 1024)
#define INFLATE_ARENA	(64 * 1024)

/* At the start of the workspace: the library wants its stream to stay in place. */
struct workspace {
	z_stream zs;
	size_t size;
	size_t used;
	unsigned char arena[] __attribute__((aligned(16)));
};

static void *arena_alloc(void *opaque, unsigned int items, unsigned int size)
{
	struct workspace *ws = opaque;
	size_t n = ((size_t)items * size + 15) & ~(size_t)15;
	void *p;

	if (n > ws->size - ws->used)
		return NULL;
	p = ws->arena + ws->used;
	ws->used += n;
	return p;
}

static void arena_free(void *opaque, void *p)
{
	(void)opaque;
	(void)p;
}

static struct workspace *workspace_init(struct shim_zstream *strm, size_t size)
{
	struct workspace *ws = strm->workspace;

	memset(ws, 0, sizeof(*ws));
	ws->size = size;
	ws->zs.zalloc = arena_alloc;
	ws->zs.zfree = arena_free;
	ws->zs.opaque = ws;
	return ws;
}

static void load(z_stream *zs, const struct shim_zstream *strm)
{
	assert(strm->avail_in <= UINT_MAX && strm->avail_out <= UINT_MAX);
	zs->next_in = (unsigned char *)strm->next_in;
	zs->avail_in = strm->avail_in;
	zs->next_out = strm->next_out;
	zs->avail_out = strm->avail_out;
}

static void store(const z_stream *zs, struct shim_zstream *strm)
{
	strm->next_in = zs->next_in;
	strm->avail_in = zs->avail_in;
	strm->total_in = zs->total_in;
	strm->next_out = zs->next_out;
	strm->avail_out = zs->avail_out;
	strm->total_out = zs->total_out;
	strm->msg = zs->msg;
	strm->data_type = zs->data_type;
	strm->adler = zs->adler;
}

int zlib_deflate_workspacesize(int wbits, int mem_level)
{
	(void)wbits;
	(void)mem_level;
	return sizeof(struct workspace) + DEFLATE_ARENA;
}

int zlib_deflateInit2(struct shim_zstream *strm, int level, int method, int wbits,
		      int mem_level, int strategy)
{
	struct workspace *ws = workspace_init(strm, DEFLATE_ARENA);

	return deflateInit2(&ws->zs, level, method, wbits, mem_level, strategy);
}

int zlib_deflate(struct shim_zstream *strm, int flush)
{
	struct workspace *ws = strm->workspace;
	int ret;

	load(&ws->zs, strm);
	switch (flush) {
	case SHIM_Z_SYNC_FLUSH:
		flush = Z_SYNC_FLUSH;
		break;
	case SHIM_Z_FINISH:
		flush = Z_FINISH;
		break;
	default:
		assert(flush == Z_NO_FLUSH);
	}
	ret = deflate(&ws->zs, flush);
	store(&ws->zs, strm);
	return ret;
}

int zlib_inflate_workspacesize(void)
{
	return sizeof(struct workspace) + INFLATE_ARENA;
}

int zlib_inflateInit2(struct shim_zstream *strm, int wbits)
{
	struct workspace *ws = workspace_init(strm, INFLATE_ARENA);

	return inflateInit2(&ws->zs, wbits);
}

int zlib_inflate(struct shim_zstream *strm, int flush)
{
	struct workspace *ws = strm->workspace;
	int ret;

	assert(flush == Z_NO_FLUSH);
	load(&ws->zs, strm);
	ret = inflate(&ws->zs, flush);
	store(&ws->zs, strm);
	return ret;
}

/* "Adds the data at next_in/avail_in to the output history without performing any output." */
int zlib_inflateIncomp(struct shim_zstream *strm)
{
	struct workspace *ws = strm->workspace;
	int ret = inflateSetDictionary(&ws->zs, strm->next_in, strm->avail_in);

	strm->next_in += strm->avail_in;
	strm->avail_in = 0;
	return ret;
}

unsigned long zlib_adler32(unsigned long adler, const unsigned char *buf, unsigned int len)
{
	return adler32(adler, buf, len);
}
