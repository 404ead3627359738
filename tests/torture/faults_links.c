// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Failing: a device that is made, and deleted. As `rdma link` does it, but in this
 * thread, for it is this thread's allocations that fail.
 */

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <sys/socket.h>

#include "faults.h"

#define NAME	"axe9"
#define NETDEV	"eth3"

struct request {
	struct nlmsghdr head;
	char attrs[256];
};

static int nl = -1;
static uint32_t index_of_name;

static void add_attr(struct request *r, uint16_t type, const void *data, size_t size)
{
	struct nlattr *attr = (void *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memcpy((char *)attr + NLA_HDRLEN, data, size);
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + NLA_ALIGN(attr->nla_len);
}

static void add_text(struct request *r, uint16_t type, const char *text)
{
	add_attr(r, type, text, strlen(text) + 1);
}

static struct request request_of(unsigned int command, unsigned int flags)
{
	return (struct request) {
		.head = {
			.nlmsg_len = NLMSG_HDRLEN,
			.nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command),
			.nlmsg_flags = NLM_F_REQUEST | flags,
		},
	};
}

/* Nothing in it but system calls: what the library needs should not fail. */
static int send_request(struct request *r)
{
	return send(nl, r, r->head.nlmsg_len, 0) < 0 ? errno : 0;
}

/* The answer to one that was sent; without memory for it, there is none. */
static int read_answer(void)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char more[256];
	} answer;
	ssize_t n = recv(nl, &answer, sizeof(answer), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN ? ENOBUFS : errno;
	demand(answer.head.nlmsg_type == NLMSG_ERROR, "netlink's answer is of type %u",
	       answer.head.nlmsg_type);
	return -answer.err.error;
}

static bool is_there(void)
{
	return !access("/sys/class/infiniband/" NAME, F_OK);
}

/* What the kernel calls the device. */
static void find_index(void)
{
	char *text;

	demand(!shell(&text, "rdma dev show " NAME), "rdma dev show");
	demand(sscanf(text, "%u:", &index_of_name) == 1, "%s", text);
	free(text);
}

static int exchange(struct request *r)
{
	int err = send_request(r);

	return err ? err : read_answer();
}

static int add_link(void)
{
	struct request r = request_of(RDMA_NLDEV_CMD_NEWLINK, NLM_F_ACK);

	add_text(&r, RDMA_NLDEV_ATTR_DEV_NAME, NAME);
	add_text(&r, RDMA_NLDEV_ATTR_LINK_TYPE, "axe");
	add_text(&r, RDMA_NLDEV_ATTR_NDEV_NAME, NETDEV);
	return exchange(&r);
}

static int delete_link(void)
{
	struct request r = request_of(RDMA_NLDEV_CMD_DELLINK, NLM_F_ACK);

	add_attr(&r, RDMA_NLDEV_ATTR_DEV_INDEX, &index_of_name, sizeof(index_of_name));
	return exchange(&r);
}

static void without_link(void)
{
	/* That it failed says nothing if it was its answer that was lost. */
	if (is_there()) {
		find_index();
		demand(!delete_link(), "deleting the link");
	}
	demand(!is_there(), "the link is still there");
}

static void with_link(void)
{
	without_link();
	demand(!add_link(), "adding the link");
	demand(is_there(), "no link was made");
	find_index();
}

void faults_links(struct torture_run *run)
{
	static const struct step steps[] = {
		{ "rdma link add", without_link, add_link, without_link, false, 0 },
		{ "rdma link delete", with_link, delete_link, without_link, false, 0 },
	};
	bool goes_on = torture_goes_on(run);
	unsigned int i;

	faults_open(run);
	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA);
	demand(nl >= 0, "NETLINK_RDMA");
	faults_note();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		for (i = 0; i < ARRAY_SIZE(steps); i++)
			fail_step_in_time(&steps[i], run);
	}
	faults_check();
	close(nl);
	faults_close();
}
