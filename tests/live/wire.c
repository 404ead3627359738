// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Two processes with a QP each. */

#include <sys/socket.h>

#include "wire.h"

void wire_make(struct wire *w)
{
	demand(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w->fd), "socketpair");
}

void wire_free(struct wire *w)
{
	close(w->fd[0]);
	close(w->fd[1]);
}

void wire_tell(int fd, const void *data, size_t size)
{
	demand(send(fd, data, size, MSG_NOSIGNAL) == (ssize_t)size, "the other process has gone");
}

void wire_hear(int fd, void *data, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t ret;

		demand(await_readable(fd, DEADLINE_MS), "the other process does not answer");
		ret = read(fd, (char *)data + n, size - n);
		demand(ret > 0, "the other process has gone");
		n += ret;
	}
}

struct offer wire_connect(int fd, struct end *e, const struct mem *m)
{
	struct offer ours = { .at = end_address(e) }, theirs;
	char ready = 'r';

	if (m) {
		ours.addr = (uintptr_t)m->p;
		ours.size = m->size;
		ours.rkey = m->mr->rkey;
	}
	wire_tell(fd, &ours, sizeof(ours));
	wire_hear(fd, &theirs, sizeof(theirs));
	end_connect(e, &theirs.at);
	wire_tell(fd, &ready, 1);
	wire_hear(fd, &ready, 1);
	return theirs;
}
