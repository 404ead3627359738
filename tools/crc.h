/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Putting the checksums of pieces together. */
#ifndef AXE_TOOL_CRC_H
#define AXE_TOOL_CRC_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct crc - a cyclic redundancy check
 * @poly:	its polynomial, reflected
 * @bits:	how many there are
 * @plain:	it is not reflected itself
 */
struct crc {
	uint64_t poly;
	unsigned int bits;
	bool plain;
};

#define CRC32C_POLY	0x82f63b78

/* As in AXE_OP_CRC32, AXE_OP_CRC32C, AXE_OP_CRC64 and AXE_OP_CRC16_T10. */
extern const struct crc crc_32, crc_32c, crc_64, crc_16_t10;

/* The CRC of A and B one after the other, from that of A, that of B, and the length of B. */
uint64_t crc_combine(const struct crc *crc, uint64_t crc_a, uint64_t crc_b, uint64_t len_b);

/* Likewise Adler-32. */
uint32_t adler_combine(uint32_t adler_a, uint32_t adler_b, uint64_t len_b);

#endif
