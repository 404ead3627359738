/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Putting the CRCs of pieces together. */
#ifndef AXE_TOOL_CRC_H
#define AXE_TOOL_CRC_H

#include <stdint.h>

/* Reflected polynomials, as in AXE_OP_CRC32 and AXE_OP_CRC32C. */
#define CRC32_POLY	0xedb88320
#define CRC32C_POLY	0x82f63b78

/* The CRC of A and B one after the other, from that of A, that of B, and the length of B. */
uint32_t crc_combine(uint32_t poly, uint32_t crc_a, uint32_t crc_b, uint64_t len_b);

#endif
