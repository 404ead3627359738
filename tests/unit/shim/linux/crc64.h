/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_CRC64_H
#define AXE_SHIM_CRC64_H

#include <linux/types.h>

u64 crc64_nvme(u64 crc, const void *p, size_t len);

#endif
