/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_CRC_T10DIF_H
#define AXE_SHIM_CRC_T10DIF_H

#include <linux/types.h>

u16 crc_t10dif_update(u16 crc, const u8 *p, size_t len);

#endif
