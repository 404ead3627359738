/* SPDX-License-Identifier: GPL-2.0 */
/* What LZ4 and Zstandard share: flags, streams, and the ways a command ends. */
#ifndef AXE_OPS_PACK_H
#define AXE_OPS_PACK_H

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/unaligned.h>

#include "piece.h"

#define AXE_FORMATS_LZ4	(BIT(AXE_FORMAT_LZ4_BLOCK) | BIT(AXE_FORMAT_LZ4_FRAME))
#define AXE_FORMATS_ZSTD	BIT(AXE_FORMAT_ZSTD)

/* Skippable frames, of both: their first four bytes but for the last nibble, little endian. */
#define AXE_SKIPPABLE_MAGIC	0x184d2a50u
#define AXE_SKIPPABLE_MASK	0xfffffff0u

#define AXE_PACK_FLAGS_COMPRESS \
	(AXE_PACK_STREAM | AXE_PACK_RESTART | AXE_PACK_FINISH | AXE_PACK_NO_CHECKSUM)

static inline u32 axe_pack_flags(const struct axe_exec *x)
{
	return le32_to_cpu(x->cmd->op.pack.flags);
}

static inline bool axe_pack_streams(const struct axe_exec *x)
{
	return axe_pack_flags(x) & AXE_PACK_STREAM;
}

/* Is there more of the plain data to come in another command? */
static inline bool axe_pack_unfinished(const struct axe_exec *x)
{
	return (axe_pack_flags(x) & (AXE_PACK_STREAM | AXE_PACK_FINISH)) == AXE_PACK_STREAM;
}

/* The operation has read @n bytes; result[1] counts them. */
static inline void axe_pack_take(struct axe_exec *x, size_t n)
{
	axe_src_take(x, n);
	x->result[1] += n;
}

/*
 * Something is wrong @back bytes before the place in the source that we reached, or in
 * what an earlier command of the stream brought.
 */
static inline int axe_pack_bad(struct axe_exec *x, enum axe_code code, u64 back)
{
	x->result[1] -= min(back, x->result[1]);
	x->result[0] = x->result[1];
	return code;
}

/* Packed data is used up, and there should be more. */
static inline int axe_pack_starved(struct axe_exec *x)
{
	if (!x->src_end)
		return AXE_EXEC_MORE;
	if (axe_pack_streams(x))
		return AXE_INFO_MORE;
	return axe_pack_bad(x, AXE_ERR_TRUNCATED, 0);
}

/* The destination's piece is used up, and there is more to write. */
static inline int axe_pack_full(struct axe_exec *x)
{
	if (x->dst_end && axe_pack_streams(x))
		return AXE_INFO_MORE;
	return axe_dst_short(x);
}

/* Collect @want bytes at @hold, of which there are *@have. False: the piece ends before. */
static inline bool axe_pack_gather(struct axe_exec *x, u8 *hold, size_t *have, size_t want)
{
	size_t n = min(want - *have, x->src_len);

	if (n) {
		memcpy(hold + *have, x->src, n);
		axe_pack_take(x, n);
		*have += n;
	}
	return *have == want;
}

/* Write @len bytes at @p, of which *@done are out. AXE_OK when all are. */
static inline int axe_pack_drain(struct axe_exec *x, const u8 *p, size_t len, size_t *done)
{
	size_t n = min(len - *done, x->dst_len);

	if (n) {
		memcpy(x->dst, p + *done, n);
		axe_dst_put(x, n);
		*done += n;
	}
	return *done == len ? AXE_OK : axe_pack_full(x);
}

enum axe_code axe_pack_check(const struct axe_cmd *cmd, u32 flags);

#endif
