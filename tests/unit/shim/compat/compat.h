/* SPDX-License-Identifier: GPL-2.0 */
/* There is one kernel here: the newest. */
#ifndef AXE_COMPAT_H
#define AXE_COMPAT_H

#define AXE_ECDSA(curve)	"x962(ecdsa-nist-" curve ")"

#endif
