/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_SIZES_H
#define AXE_SHIM_SIZES_H

#define SZ_1K		0x00000400
#define SZ_4K		0x00001000
#define SZ_16K		0x00004000
#define SZ_64K		0x00010000
#define SZ_1M		0x00100000
#define SZ_512M		0x20000000
#define SZ_4M		0x00400000
#define SZ_2G		0x80000000

#endif
