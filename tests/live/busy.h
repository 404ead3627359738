/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A process that has much under way, and a device that may go. */
#ifndef AXE_LIVE_BUSY_H
#define AXE_LIVE_BUSY_H

#include "common.h"

/**
 * struct busy - for busy_child()
 * @baton:	it passes it when all is under way, and waits to be killed
 * @exits:	by itself, instead
 * @closes:	its queue, before
 */
struct busy {
	enum axe_queue_mode mode;
	struct baton baton;
	bool exits;
	bool closes;
};

void busy_child(void *arg);
/* Soon, nothing works for processes that are gone. */
void await_no_queues(unsigned int expected);

/* The device axt on the network device axt0; a teardown undoes what is left of it. */
void make_link(void);
void delete_link(void);
int drop_link(void **state);

extern enum axe_queue_mode modes[];

#define IN_MODE(f, name, i, teardown)	{ #f "__" name, f, NULL, teardown, &modes[i] }
/* Inline, minutes of work are minutes in the post. */
#define ASYNC_MODES(f, teardown)					\
	IN_MODE(f, "auto", 0, teardown), IN_MODE(f, "worker", 2, teardown),	\
	IN_MODE(f, "poll", 3, teardown)
#define ALL_MODES(f, teardown)						\
	ASYNC_MODES(f, teardown), IN_MODE(f, "inline", 1, teardown)

#endif
