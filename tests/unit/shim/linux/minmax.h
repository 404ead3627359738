/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_MINMAX_H
#define AXE_SHIM_MINMAX_H

#define min(a, b) ({			\
	__typeof__(a) __a = (a);	\
	__typeof__(b) __b = (b);	\
	_Static_assert(__builtin_types_compatible_p(__typeof__(a), __typeof__(b)), \
		       "min() of two types");	\
	__a < __b ? __a : __b;		\
})

#define max(a, b) ({			\
	__typeof__(a) __a = (a);	\
	__typeof__(b) __b = (b);	\
	_Static_assert(__builtin_types_compatible_p(__typeof__(a), __typeof__(b)), \
		       "max() of two types");	\
	__a > __b ? __a : __b;		\
})

#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))

#endif
