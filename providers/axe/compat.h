/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What differs between releases of rdma-core. Inside an rdma-core tree nothing
 * does: the code reads as if written for the newest, and outside of one the
 * build (standalone.cmake) finds out which of these definitions it needs.
 */
#ifndef AXE_COMPAT_H
#define AXE_COMPAT_H

#include <infiniband/driver.h>

/* Older releases know no array of file descriptors to pass at context creation. */
#ifdef AXE_COMPAT_GET_CONTEXT_NO_FD_ARR
#define ibv_cmd_get_context(context, cmd, cmd_size, fd_arr, resp, resp_size)   \
	ibv_cmd_get_context(context, cmd, cmd_size, resp, resp_size)
#endif

/* Nor a port's speed beside its other attributes. */
#ifdef AXE_COMPAT_NO_PORT_SPEED
#define AXE_OP_QUERY_PORT_SPEED
#else
#define AXE_OP_QUERY_PORT_SPEED	.query_port_speed = ibv_cmd_query_port_speed,
#endif

/* Nor what a parent domain in a confidential guest may be allowed. */
#ifdef AXE_COMPAT_NO_CC_ALLOC
#define IBV_PARENT_DOMAIN_INIT_ATTR_ALLOW_CC_UNPROTECTED_ALLOC	0
#endif

#endif
