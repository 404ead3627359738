/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_ONCE_H
#define AXE_SHIM_ONCE_H

#define DO_ONCE_SLEEPABLE(func, ...) ({	\
	static bool __done;		\
	bool __now = !__done;		\
					\
	if (__now)			\
		func(__VA_ARGS__);	\
	__done = true;			\
	__now;				\
})

#endif
