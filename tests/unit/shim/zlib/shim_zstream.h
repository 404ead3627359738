/* SPDX-License-Identifier: GPL-2.0 */
/* For linux/zlib.h and for zlib.c, where the system's zlib.h is too. */
#ifndef AXE_SHIM_ZSTREAM_H
#define AXE_SHIM_ZSTREAM_H

/* The kernel counts Z_PACKET_FLUSH in between. */
#define SHIM_Z_SYNC_FLUSH	3
#define SHIM_Z_FINISH		5

struct shim_zstream {
	const unsigned char *next_in;
	unsigned long avail_in;
	unsigned long total_in;
	unsigned char *next_out;
	unsigned long avail_out;
	unsigned long total_out;
	char *msg;
	void *state;
	void *workspace;
	int data_type;
	unsigned long adler;
	unsigned long reserved;
};

int zlib_deflate_workspacesize(int wbits, int mem_level);
int zlib_deflateInit2(struct shim_zstream *strm, int level, int method, int wbits,
		      int mem_level, int strategy);
int zlib_deflate(struct shim_zstream *strm, int flush);
int zlib_inflate_workspacesize(void);
int zlib_inflateInit2(struct shim_zstream *strm, int wbits);
int zlib_inflate(struct shim_zstream *strm, int flush);
int zlib_inflateIncomp(struct shim_zstream *strm);

#endif
