/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's Zstandard on the system's, in a workspace as there. */
#ifndef AXE_SHIM_ZSTD_H
#define AXE_SHIM_ZSTD_H

#include <stdlib.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

typedef ZSTD_CStream zstd_cstream;
typedef ZSTD_DStream zstd_dstream;
typedef ZSTD_inBuffer zstd_in_buffer;
typedef ZSTD_outBuffer zstd_out_buffer;
typedef ZSTD_parameters zstd_parameters;
typedef ZSTD_compressionParameters zstd_compression_parameters;
typedef ZSTD_frameHeader zstd_frame_header;

#define zstd_is_error			ZSTD_isError
#define zstd_get_error_code		ZSTD_getErrorCode
#define zstd_get_frame_header		ZSTD_getFrameHeader
#define zstd_compress_stream		ZSTD_compressStream
#define zstd_end_stream			ZSTD_endStream
#define zstd_decompress_stream		ZSTD_decompressStream
#define zstd_dstream_workspace_bound	ZSTD_estimateDStreamSize

static inline zstd_parameters zstd_get_params(int level, unsigned long long size)
{
	return ZSTD_getParams(level, size, 0);
}

static inline size_t zstd_cstream_workspace_bound(const zstd_compression_parameters *params)
{
	return ZSTD_estimateCStreamSize_usingCParams(*params);
}

/* Also where assert() is nothing. */
static inline void shim_zstd_must(size_t ret)
{
	if (ZSTD_isError(ret))
		abort();
}

static inline zstd_cstream *zstd_init_cstream(const zstd_parameters *p, unsigned long long size,
					      void *workspace, size_t workspace_size)
{
	zstd_cstream *stream = ZSTD_initStaticCStream(workspace, workspace_size);
	const struct { ZSTD_cParameter name; int value; } params[] = {
		{ ZSTD_c_windowLog, p->cParams.windowLog },
		{ ZSTD_c_hashLog, p->cParams.hashLog },
		{ ZSTD_c_chainLog, p->cParams.chainLog },
		{ ZSTD_c_searchLog, p->cParams.searchLog },
		{ ZSTD_c_minMatch, p->cParams.minMatch },
		{ ZSTD_c_targetLength, p->cParams.targetLength },
		{ ZSTD_c_strategy, p->cParams.strategy },
		{ ZSTD_c_contentSizeFlag, p->fParams.contentSizeFlag },
		{ ZSTD_c_checksumFlag, p->fParams.checksumFlag },
	};
	size_t i;

	if (!stream)
		return NULL;
	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		shim_zstd_must(ZSTD_CCtx_setParameter(stream, params[i].name, params[i].value));
	if (size)
		shim_zstd_must(ZSTD_CCtx_setPledgedSrcSize(stream, size));
	return stream;
}

static inline zstd_dstream *zstd_init_dstream(size_t window, void *workspace,
					      size_t workspace_size)
{
	(void)window;
	return ZSTD_initStaticDStream(workspace, workspace_size);
}

#endif
