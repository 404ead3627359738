/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of completions as user space counts them. */
#ifndef AXE_WC_H
#define AXE_WC_H

/* enum ibv_wc_opcode of user space, where it is not the kernel's enum ib_wc_opcode. */
#define AXE_WC_SEND		0
#define AXE_WC_RDMA_WRITE	1
#define AXE_WC_RDMA_READ	2
#define AXE_WC_COMP_SWAP	3
#define AXE_WC_FETCH_ADD	4
#define AXE_WC_BIND_MW		5
#define AXE_WC_LOCAL_INV	6
#define AXE_WC_FLUSH		8
#define AXE_WC_ATOMIC_WRITE	9
#define AXE_WC_RECV		128
#define AXE_WC_RECV_IMM		129
#define AXE_WC_DRIVER1		135

/* enum ibv_wc_flags of user space */
#define AXE_WC_FLAG_GRH		0x1
#define AXE_WC_FLAG_IMM		0x2
#define AXE_WC_FLAG_INV		0x8

#endif
