/* SPDX-License-Identifier: GPL-2.0 */
/* What does an operation cost without a device around it? */
#ifndef AXE_SELFTEST_H
#define AXE_SELFTEST_H

#ifdef CONFIG_DEBUG_FS
void axe_selftest_init(void);
void axe_selftest_exit(void);
#else
static inline void axe_selftest_init(void) {}
static inline void axe_selftest_exit(void) {}
#endif

#endif
