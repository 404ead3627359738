/* SPDX-License-Identifier: GPL-2.0 */
/* SM3 (GB/T 32905-2016). */
#ifndef AXE_OPS_SM3_H
#define AXE_OPS_SM3_H

#include <linux/types.h>

#define AXE_SM3_BLOCK	64
#define AXE_SM3_SIZE	32

/**
 * struct axe_sm3 - an SM3 while it runs
 * @v:		the chain
 * @count:	bytes of the message
 * @block:	@count modulo AXE_SM3_BLOCK bytes of it
 */
struct axe_sm3 {
	u32 v[8];
	u64 count;
	u8 block[AXE_SM3_BLOCK];
};

void axe_sm3_init(struct axe_sm3 *st);
void axe_sm3_update(struct axe_sm3 *st, const u8 *p, size_t len);
void axe_sm3_final(struct axe_sm3 *st, u8 *out);

#endif
