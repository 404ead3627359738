// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "ping_cm.h"

struct rdma_event_channel *cm_channel(void)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();
	int flags;

	if (!channel && (errno == ENODEV || errno == ENOENT))
		error("the RDMA CM is not there\nIs the module rdma_ucm loaded, and is there any RDMA device?");
	else if (!channel)
		error_errno("cannot use the RDMA CM (/dev/infiniband/rdma_cm)");
	if (!channel)
		return NULL;
	flags = fcntl(channel->fd, F_GETFL);
	if (flags < 0 || fcntl(channel->fd, F_SETFL, flags | O_NONBLOCK)) {
		error_errno("cannot wait for the RDMA CM");
		rdma_destroy_event_channel(channel);
		return NULL;
	}
	return channel;
}

int cm_address(const char *name, uint16_t port, bool passive, struct sockaddr_storage *addr)
{
	const struct addrinfo hints = {
		.ai_flags = passive ? AI_PASSIVE : 0,
		.ai_family = name ? AF_UNSPEC : AF_INET6,	/* of all, and IPv4 as well */
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list;
	char service[8];
	int ret;

	snprintf(service, sizeof(service), "%u", port);
	ret = getaddrinfo(name, service, &hints, &list);
	if (ret) {
		error("'%s' is no address: %s", name ? name : "::",
		      ret == EAI_SYSTEM ? strerror(errno) : gai_strerror(ret));
		return -1;
	}
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, list->ai_addr, list->ai_addrlen);
	freeaddrinfo(list);
	return 0;
}

const char *cm_name(char buf[CM_NAME], const struct sockaddr *addr)
{
	socklen_t len = addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						      sizeof(struct sockaddr_in);
	char host[96], service[8];

	if (getnameinfo(addr, len, host, sizeof(host), service, sizeof(service),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return "someone";
	snprintf(buf, CM_NAME, "%s port %s", host, service);
	return buf;
}

int cm_take(struct rdma_event_channel *channel, struct cm_reply *reply)
{
	struct rdma_cm_event *event;
	size_t len;

	if (rdma_get_cm_event(channel, &event)) {
		if (errno == EAGAIN || errno == EINTR)
			return 0;
		error_errno("the RDMA CM has failed");
		return -1;
	}
	memset(reply, 0, sizeof(*reply));
	reply->event = event->event;
	reply->id = event->id;
	reply->status = event->status;
	len = event->param.conn.private_data ? event->param.conn.private_data_len : 0;
	if (len > sizeof(reply->data))
		len = sizeof(reply->data);
	if (len)
		memcpy(&reply->data, event->param.conn.private_data, len);
	rdma_ack_cm_event(event);
	return 1;
}

int cm_wait(struct rdma_event_channel *channel, unsigned int timeout_ms, struct cm_reply *reply)
{
	uint64_t now, deadline = ping_now() + timeout_ms * 1000000ULL;
	struct pollfd fds[] = {
		{ .fd = channel->fd, .events = POLLIN },
		{ .fd = ping_stop_fd(), .events = POLLIN },
	};
	int ret;

	for (;;) {
		ret = cm_take(channel, reply);
		if (ret)
			return ret;
		if (ping_stopped())
			return -1;
		now = ping_now();
		if (now >= deadline)
			return 0;
		if (poll(fds, 2, (deadline - now) / 1000000 + 1) < 0 && errno != EINTR) {
			error_errno("cannot wait for the RDMA CM");
			return -1;
		}
	}
}
