/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_UNALIGNED_H
#define AXE_SHIM_UNALIGNED_H

#include <asm/byteorder.h>
#include <linux/types.h>

#define get_unaligned(p) \
	(((const struct { __typeof__(*(p)) v; } __attribute__((packed)) *)(p))->v)

#define put_unaligned(val, p) \
	(((struct { __typeof__(*(p)) v; } __attribute__((packed)) *)(p))->v = (val))

static inline u16 get_unaligned_le16(const void *p)
{
	return le16_to_cpu(get_unaligned((const u16 *)p));
}

static inline u32 get_unaligned_le32(const void *p)
{
	return le32_to_cpu(get_unaligned((const u32 *)p));
}

static inline u64 get_unaligned_le64(const void *p)
{
	return le64_to_cpu(get_unaligned((const u64 *)p));
}

static inline u16 get_unaligned_be16(const void *p)
{
	return be16_to_cpu(get_unaligned((const u16 *)p));
}

static inline u32 get_unaligned_be32(const void *p)
{
	return be32_to_cpu(get_unaligned((const u32 *)p));
}

static inline void put_unaligned_le16(u16 val, void *p)
{
	put_unaligned(cpu_to_le16(val), (u16 *)p);
}

static inline void put_unaligned_le32(u32 val, void *p)
{
	put_unaligned(cpu_to_le32(val), (u32 *)p);
}

static inline void put_unaligned_be16(u16 val, void *p)
{
	put_unaligned(cpu_to_be16(val), (u16 *)p);
}

static inline void put_unaligned_be32(u32 val, void *p)
{
	put_unaligned(cpu_to_be32(val), (u32 *)p);
}

static inline void put_unaligned_le64(u64 val, void *p)
{
	put_unaligned(cpu_to_le64(val), (u64 *)p);
}

static inline void put_unaligned_be64(u64 val, void *p)
{
	put_unaligned(cpu_to_be64(val), (u64 *)p);
}

#endif
