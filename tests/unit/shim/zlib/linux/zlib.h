/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's interface to zlib on the system's library (see zlib.c): the
 * caller's workspace is all the memory that it gets.
 */
#ifndef AXE_SHIM_ZLIB_H
#define AXE_SHIM_ZLIB_H

#include "shim_zstream.h"

typedef struct shim_zstream z_stream;
typedef z_stream *z_streamp;

#define Z_NO_FLUSH		0
#define Z_SYNC_FLUSH		SHIM_Z_SYNC_FLUSH
#define Z_FINISH		SHIM_Z_FINISH

#define Z_OK			0
#define Z_STREAM_END		1
#define Z_BUF_ERROR		(-5)

#define Z_DEFLATED		8
#define Z_DEFAULT_STRATEGY	0
#define MAX_WBITS		15
#define DEF_MEM_LEVEL		8

#endif
