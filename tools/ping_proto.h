/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What an axe ping client and its server say to each other, over a reliable
 * connection (RC) that the RDMA CM makes. All fields are little endian.
 *
 *	client					server
 *	------					------
 *	connect, struct ping_hello	-->	is it a version, an operation and
 *						a size that I can serve?
 *				<--	accept or reject, struct ping_welcome
 *
 *	then, one at a time:
 *	SEND struct ping_request, payload -->	the device of the transport puts the
 *						payload into memory, the accelerator
 *						works on it where it is
 *				<--	SEND struct ping_answer, and the bytes
 *						that the accelerator made, from where
 *						it made them
 *
 *	disconnect			-->
 *
 * Messages are gathered from two places when sent, and scattered to two when
 * received: a head of 64 bytes and what goes with it. So nobody copies a payload,
 * and no side lets the other read or write its memory by itself: there are no
 * remote keys.
 *
 * The accelerator's completion travels in the answer: code, bytes and results as
 * in struct axe_cqe. A command that fails is an answer like any other, without
 * bytes. A request that breaks these rules ends the connection.
 */
#ifndef AXE_TOOL_PING_PROTO_H
#define AXE_TOOL_PING_PROTO_H

#include <assert.h>
#include <stdint.h>

#define PING_MAGIC	0x50455841	/* "AXEP" */
#define PING_VERSION	1
#define PING_NAME	16		/* of an operation, padded with zeros */
#define PING_MAX_SIZE	(4U << 20)

/**
 * struct ping_hello - private data of the client's connection request
 * @op:		name of the operation; empty: as the server likes
 * @size:	longest payload that will come
 * @room:	longest answer that the client can take
 */
struct ping_hello {
	uint32_t magic;
	uint16_t version;
	uint16_t reserved;
	char op[PING_NAME];
	uint32_t size;
	uint32_t room;
};

/* 56 bytes are left to us by the RDMA CM. */
static_assert(sizeof(struct ping_hello) <= 56, "too long for a connection request");

/* Why a connection was refused. */
enum ping_refusal {
	PING_WELCOME		= 0,
	PING_BAD_VERSION	= 1,	/* the server's is in the message */
	PING_BAD_OP		= 2,
	PING_BAD_SIZE		= 3,
	PING_NO_RESOURCES	= 4,
	PING_ENDING		= 5,
};

/**
 * struct ping_welcome - private data of the server's answer to it
 * @refusal:	enum ping_refusal, 0 if it was accepted
 * @op:		name of the operation, also if the client named none
 * @accel:	name of the accelerator's device, for people
 */
struct ping_welcome {
	uint32_t magic;
	uint16_t version;
	uint16_t refusal;
	char op[PING_NAME];
	char accel[64];
};

/**
 * struct ping_request - head of a ping
 * @seq:	number of the ping
 * @arg:	what the operation wants beside the payload: compress: the level;
 *		fill: the pattern; decompress: the length of the answer
 * @length:	bytes of payload that follow
 */
struct ping_request {
	uint64_t seq;
	uint64_t arg;
	uint32_t length;
	uint32_t reserved0;
	uint64_t reserved1[5];
};

static_assert(sizeof(struct ping_request) == 64, "ABI");

/**
 * struct ping_answer - head of an answer
 * @seq:	of the request
 * @result:	the command's two results
 * @accel_ns:	from posting the command to having its completion
 * @length:	bytes that follow
 * @code:	enum axe_code
 */
struct ping_answer {
	uint64_t seq;
	uint64_t result[2];
	uint64_t accel_ns;
	uint32_t length;
	uint16_t code;
	uint16_t reserved0;
	uint64_t reserved1[3];
};

static_assert(sizeof(struct ping_answer) == 64, "ABI");

#endif
