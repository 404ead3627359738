/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_ZUTIL_H
#define AXE_SHIM_ZUTIL_H

#include <linux/zlib.h>

unsigned long zlib_adler32(unsigned long adler, const unsigned char *buf, unsigned int len);

#endif
