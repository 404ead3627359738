// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Connections by name: the RDMA CM over a device's GSI, RC and UD, IPv4 and IPv6,
 * multicast among local members (rdma_cm(7)). Each test is one process that has
 * both ends, with an event channel each.
 */

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <rdma/rdma_cma.h>

#include "peer.h"

#define TIMEOUT_MS	(3000 * slowness())

/* An identifier with its own channel, QP and memory. */
struct party {
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_comp_channel *comp;
	struct ibv_mr *mr;
	uint8_t *p;
};

static struct party server, client;
static struct rdma_cm_id *listener;
static struct sockaddr_storage here_;

static const int v4 = AF_INET, v6 = AF_INET6;

/* The device's own address of a family, as the GID table tells it. */
static bool find_address(int family, struct sockaddr_storage *out)
{
	struct ibv_gid_entry entries[64];
	ssize_t n = ibv_query_gid_table(node.ctx, entries, ARRAY_SIZE(entries), 0), i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < n; i++) {
		const uint8_t *raw = entries[i].gid.raw;
		bool mapped = !memcmp(raw, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

		if (entries[i].gid_type != IBV_GID_TYPE_ROCE_V2 || raw[0] == 0xfe)
			continue;
		if (family == AF_INET && mapped) {
			struct sockaddr_in *in = (struct sockaddr_in *)out;

			in->sin_family = AF_INET;
			memcpy(&in->sin_addr, raw + 12, 4);
			return true;
		}
		if (family == AF_INET6 && !mapped) {
			struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

			in6->sin6_family = AF_INET6;
			memcpy(&in6->sin6_addr, raw, 16);
			return true;
		}
	}
	return false;
}

static void make_party(struct party *p, enum rdma_port_space space)
{
	memset(p, 0, sizeof(*p));
	p->channel = rdma_create_event_channel();
	demand(p->channel, "rdma_create_event_channel");
	demand(!rdma_create_id(p->channel, &p->id, NULL, space), "rdma_create_id");
}

static void free_party(struct party *p)
{
	if (p->id && p->id->qp)
		rdma_destroy_qp(p->id);
	if (p->cq)
		demand(!ibv_destroy_cq(p->cq), "ibv_destroy_cq");
	if (p->comp)
		demand(!ibv_destroy_comp_channel(p->comp), "ibv_destroy_comp_channel");
	if (p->mr)
		demand(!ibv_dereg_mr(p->mr), "ibv_dereg_mr");
	if (p->p)
		munmap(p->p, PAGE);
	if (p->pd)
		demand(!ibv_dealloc_pd(p->pd), "ibv_dealloc_pd");
	if (p->id)
		demand(!rdma_destroy_id(p->id), "rdma_destroy_id");
	rdma_destroy_event_channel(p->channel);
	memset(p, 0, sizeof(*p));
}

/* A QP on whatever device the CM found. */
static void make_queue(struct party *p, enum ibv_qp_type type)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = type,
		.cap = { .max_send_wr = 8, .max_recv_wr = 8, .max_send_sge = 1,
			 .max_recv_sge = 1 },
	};

	demand(p->id->verbs, "no device");
	demand(!strcmp(ibv_get_device_name(p->id->verbs->device), node.device), "on %s",
	       ibv_get_device_name(p->id->verbs->device));
	p->pd = ibv_alloc_pd(p->id->verbs);
	p->comp = ibv_create_comp_channel(p->id->verbs);
	demand(p->pd && p->comp, "ibv_alloc_pd");
	p->cq = ibv_create_cq(p->id->verbs, 32, NULL, p->comp, 0);
	demand(p->cq, "ibv_create_cq");
	attr.send_cq = p->cq;
	attr.recv_cq = p->cq;
	demand(!rdma_create_qp(p->id, p->pd, &attr), "rdma_create_qp");
	p->p = pages(PAGE);
	p->mr = ibv_reg_mr(p->pd, p->p, PAGE, ALL_ACCESS);
	demand(p->mr, "ibv_reg_mr");
}

/* The next event; the caller acknowledges it. */
static struct rdma_cm_event *next(struct party *p, enum rdma_cm_event_type type)
{
	struct rdma_cm_event *event;

	demand(await_readable(p->channel->fd, DEADLINE_MS), "no event, not %s",
	       rdma_event_str(type));
	demand(!rdma_get_cm_event(p->channel, &event), "rdma_get_cm_event");
	demand(event->event == type, "%s (status %d), not %s", rdma_event_str(event->event),
	       event->status, rdma_event_str(type));
	return event;
}

static void expect(struct party *p, enum rdma_cm_event_type type)
{
	assert_int_equal(rdma_ack_cm_event(next(p, type)), 0);
}

static void listen_on(enum rdma_port_space space, struct sockaddr_storage *at)
{
	make_party(&server, space);
	listener = server.id;
	server.id = NULL;
	demand(!rdma_bind_addr(listener, (struct sockaddr *)at), "rdma_bind_addr");
	demand(!rdma_listen(listener, 4), "rdma_listen");
	/* Any port was meant; now it is known. */
	((struct sockaddr_in *)at)->sin_port = rdma_get_src_port(listener);
}

static void resolve(struct sockaddr_storage *to)
{
	struct sockaddr_storage from = *to;

	((struct sockaddr_in *)&from)->sin_port = 0;
	demand(!rdma_resolve_addr(client.id, (struct sockaddr *)&from, (struct sockaddr *)to,
				  TIMEOUT_MS), "rdma_resolve_addr");
	expect(&client, RDMA_CM_EVENT_ADDR_RESOLVED);
	demand(!rdma_resolve_route(client.id, TIMEOUT_MS), "rdma_resolve_route");
	expect(&client, RDMA_CM_EVENT_ROUTE_RESOLVED);
}

static int open_cm(void **state)
{
	memset(&server, 0, sizeof(server));
	memset(&client, 0, sizeof(client));
	listener = NULL;
	if (!find_address(*state ? *(int *)*state : AF_INET, &here_))
		demand(false, "%s has no address of this family", node.device);
	return 0;
}

static int close_cm(void **state)
{
	if (client.channel)
		free_party(&client);
	if (listener)
		demand(!rdma_destroy_id(listener), "rdma_destroy_id");
	if (server.channel)
		free_party(&server);
	return 0;
}

/* Up to the server's decision; @hello goes along. */
static struct rdma_cm_event *request(const char *hello, struct rdma_conn_param *param)
{
	listen_on(RDMA_PS_TCP, &here_);
	make_party(&client, RDMA_PS_TCP);
	resolve(&here_);
	make_queue(&client, IBV_QPT_RC);
	param->private_data = hello;
	param->private_data_len = strlen(hello) + 1;
	demand(!rdma_connect(client.id, param), "rdma_connect");
	return next(&server, RDMA_CM_EVENT_CONNECT_REQUEST);
}

static void connect_both(void)
{
	struct rdma_conn_param param = { .responder_resources = 4, .initiator_depth = 3,
					 .retry_count = 7, .rnr_retry_count = 7 };
	struct rdma_cm_event *event = request("hello", &param);

	server.id = event->id;
	assert_string_equal(event->param.conn.private_data, "hello");
	/* From the server's side: what the client starts, it answers. */
	assert_int_equal(event->param.conn.responder_resources, 3);
	assert_int_equal(event->param.conn.initiator_depth, 4);
	assert_int_equal(rdma_ack_cm_event(event), 0);
	make_queue(&server, IBV_QPT_RC);
	param.private_data = "welcome";
	param.private_data_len = 8;
	demand(!rdma_accept(server.id, &param), "rdma_accept");
	event = next(&client, RDMA_CM_EVENT_ESTABLISHED);
	assert_string_equal(event->param.conn.private_data, "welcome");
	assert_int_equal(rdma_ack_cm_event(event), 0);
	expect(&server, RDMA_CM_EVENT_ESTABLISHED);
}

static void give(struct party *p, uint64_t id, size_t offset, size_t length)
{
	struct ibv_sge sge = { (uintptr_t)p->p + offset, length, p->mr->lkey };
	struct ibv_recv_wr wr = { .wr_id = id, .sg_list = &sge, .num_sge = 1 }, *bad;

	assert_int_equal(ibv_post_recv(p->id->qp, &wr, &bad), 0);
}

static void say(struct party *from, struct party *to, uint32_t seed)
{
	struct ibv_sge sge = { (uintptr_t)from->p, 100, from->mr->lkey };
	struct ibv_send_wr wr = { .wr_id = 2, .opcode = IBV_WR_SEND, .sg_list = &sge,
				  .num_sge = 1, .send_flags = IBV_SEND_SIGNALED }, *bad;

	give(to, 1, 1000, 100);
	pattern(from->p, 100, seed);
	assert_int_equal(ibv_post_send(from->id->qp, &wr, &bad), 0);
	expect_wc(from->cq, 2, IBV_WC_SUCCESS);
	assert_int_equal(expect_wc(to->cq, 1, IBV_WC_SUCCESS).byte_len, 100);
	demand(is_pattern(to->p + 1000, 100, seed), "what arrived");
}

static void connection(void **state)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	connect_both();
	say(&client, &server, 1);
	say(&server, &client, 2);
	assert_int_equal(ibv_query_qp(client.id->qp, &attr, IBV_QP_STATE | IBV_QP_DEST_QPN, &init),
			 0);
	assert_int_equal(attr.qp_state, IBV_QPS_RTS);
	assert_int_equal(attr.dest_qp_num, server.id->qp->qp_num);

	/* The end: both hear of it, and what was posted is flushed. */
	give(&server, 5, 0, 10);
	give(&client, 6, 0, 10);
	assert_int_equal(rdma_disconnect(client.id), 0);
	expect(&server, RDMA_CM_EVENT_DISCONNECTED);
	assert_int_equal(rdma_disconnect(server.id), 0);
	expect(&client, RDMA_CM_EVENT_DISCONNECTED);
	expect_wc(server.cq, 5, IBV_WC_WR_FLUSH_ERR);
	expect_wc(client.cq, 6, IBV_WC_WR_FLUSH_ERR);
}

static void reject(void **state)
{
	struct rdma_conn_param param = { .retry_count = 7 };
	struct rdma_cm_event *event = request("let me in", &param);

	assert_string_equal(event->param.conn.private_data, "let me in");
	assert_int_equal(rdma_reject(event->id, "no", 3), 0);
	demand(!rdma_destroy_id((struct rdma_cm_id *)({
		struct rdma_cm_id *id = event->id;

		rdma_ack_cm_event(event);
		id;
	})), "rdma_destroy_id");
	event = next(&client, RDMA_CM_EVENT_REJECTED);
	/* 28: "consumer reject" (12.6.7.2). */
	assert_int_equal(event->status, 28);
	assert_string_equal(event->param.conn.private_data, "no");
	assert_int_equal(rdma_ack_cm_event(event), 0);
}

/* Nobody listens there: 8, "invalid service ID" (12.6.7.2). */
static void nobody_listens(void **state)
{
	struct rdma_conn_param param = { .retry_count = 7 };
	struct rdma_cm_event *event;

	make_party(&client, RDMA_PS_TCP);
	((struct sockaddr_in *)&here_)->sin_port = htons(4);
	resolve(&here_);
	make_queue(&client, IBV_QPT_RC);
	demand(!rdma_connect(client.id, &param), "rdma_connect");
	event = next(&client, RDMA_CM_EVENT_REJECTED);
	assert_int_equal(event->status, 8);
	assert_int_equal(rdma_ack_cm_event(event), 0);
}

/*
 * Two messages each time, and their completions come in pairs: one that goes unseen
 * costs the seconds until the CM says it again.
 */
static void no_message_waits(void **state)
{
	struct rdma_conn_param param = { .retry_count = 7, .qp_num = 2 };
	unsigned int i, n = rounds(300, 10000);
	uint64_t before;

	((struct sockaddr_in *)&here_)->sin_port = htons(4);
	for (i = 0; i < n; i++) {
		make_party(&client, RDMA_PS_TCP);
		resolve(&here_);
		before = now_ms();
		demand(!rdma_connect(client.id, &param), "rdma_connect");
		expect(&client, RDMA_CM_EVENT_REJECTED);
		demand(now_ms() - before < 1000, "the %uth answer took %u ms", i,
		       (unsigned int)(now_ms() - before));
		free_party(&client);
	}
}

/* The server's process ends its half without a word. */
static void server_leaves(void **state)
{
	connect_both();
	say(&client, &server, 1);
	rdma_destroy_qp(server.id);
	assert_int_equal(rdma_destroy_id(server.id), 0);
	server.id = NULL;
	expect(&client, RDMA_CM_EVENT_DISCONNECTED);
}

/* UD: the answer tells the QP's number, its Q_Key and the way there. */
static void datagrams(void **state)
{
	struct rdma_conn_param param = { .private_data = "hi", .private_data_len = 3 };
	struct ibv_sge sge;
	struct ibv_send_wr wr, *bad;
	struct rdma_cm_event *event;
	struct ibv_ah *ah;

	listen_on(RDMA_PS_UDP, &here_);
	make_party(&client, RDMA_PS_UDP);
	resolve(&here_);
	make_queue(&client, IBV_QPT_UD);
	demand(!rdma_connect(client.id, &param), "rdma_connect");
	event = next(&server, RDMA_CM_EVENT_CONNECT_REQUEST);
	server.id = event->id;
	assert_string_equal(event->param.ud.private_data, "hi");
	assert_int_equal(rdma_ack_cm_event(event), 0);
	make_queue(&server, IBV_QPT_UD);
	give(&server, 1, 0, 200);
	param.qp_num = server.id->qp->qp_num;
	demand(!rdma_accept(server.id, &param), "rdma_accept");
	event = next(&client, RDMA_CM_EVENT_ESTABLISHED);
	assert_int_equal(event->param.ud.qp_num, server.id->qp->qp_num);
	ah = ibv_create_ah(client.pd, &event->param.ud.ah_attr);
	demand(ah, "ibv_create_ah");
	sge = (struct ibv_sge){ (uintptr_t)client.p, 100, client.mr->lkey };
	wr = (struct ibv_send_wr){ .wr_id = 2, .opcode = IBV_WR_SEND, .sg_list = &sge,
				   .num_sge = 1, .send_flags = IBV_SEND_SIGNALED };
	wr.wr.ud.ah = ah;
	wr.wr.ud.remote_qpn = event->param.ud.qp_num;
	wr.wr.ud.remote_qkey = event->param.ud.qkey;
	assert_int_equal(rdma_ack_cm_event(event), 0);
	assert_int_equal(ibv_post_send(client.id->qp, &wr, &bad), 0);
	expect_wc(client.cq, 2, IBV_WC_SUCCESS);
	assert_int_equal(expect_wc(server.cq, 1, IBV_WC_SUCCESS).byte_len, 140);
	assert_int_equal(ibv_destroy_ah(ah), 0);
}

/*---- multicast ----*/

static void group_address(struct sockaddr_storage *group)
{
	memset(group, 0, sizeof(*group));
	group->ss_family = here_.ss_family;
	if (here_.ss_family == AF_INET)
		inet_pton(AF_INET, "239.1.2.3", &((struct sockaddr_in *)group)->sin_addr);
	else
		inet_pton(AF_INET6, "ff15::1:2:3", &((struct sockaddr_in6 *)group)->sin6_addr);
}

/* Joins; returns how the group is reached. */
static struct rdma_ud_param join(struct party *p, struct sockaddr_storage *group)
{
	struct rdma_cm_event *event;
	struct rdma_ud_param ud;

	make_party(p, RDMA_PS_UDP);
	demand(!rdma_bind_addr(p->id, (struct sockaddr *)&here_), "rdma_bind_addr");
	make_queue(p, IBV_QPT_UD);
	demand(!rdma_join_multicast(p->id, (struct sockaddr *)group, NULL),
	       "rdma_join_multicast");
	event = next(p, RDMA_CM_EVENT_MULTICAST_JOIN);
	ud = event->param.ud;
	assert_int_equal(rdma_ack_cm_event(event), 0);
	assert_int_equal(ud.qp_num, 0xffffff);
	return ud;
}

/* What is sent to the group reaches every member, the sender not excepted. */
static void multicast(void **state)
{
	struct sockaddr_storage group;
	struct rdma_ud_param ud;
	struct ibv_send_wr wr, *bad;
	struct ibv_sge sge;
	struct ibv_ah *ah;
	struct ibv_wc wc;

	group_address(&group);
	ud = join(&server, &group);
	give(&server, 1, 0, 200);
	join(&client, &group);
	ah = ibv_create_ah(client.pd, &ud.ah_attr);
	demand(ah, "ibv_create_ah");
	sge = (struct ibv_sge){ (uintptr_t)client.p, 100, client.mr->lkey };
	wr = (struct ibv_send_wr){ .wr_id = 2, .opcode = IBV_WR_SEND, .sg_list = &sge,
				   .num_sge = 1, .send_flags = IBV_SEND_SIGNALED };
	wr.wr.ud.ah = ah;
	wr.wr.ud.remote_qpn = ud.qp_num;
	wr.wr.ud.remote_qkey = ud.qkey;
	pattern(client.p, 100, 8);
	assert_int_equal(ibv_post_send(client.id->qp, &wr, &bad), 0);
	expect_wc(client.cq, 2, IBV_WC_SUCCESS);
	wc = expect_wc(server.cq, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.byte_len, 140);
	assert_int_equal(wc.src_qp, client.id->qp->qp_num);
	demand(is_pattern(server.p + 40, 100, 8), "what arrived");

	/* Who has left hears no more. */
	assert_int_equal(rdma_leave_multicast(server.id, (struct sockaddr *)&group), 0);
	give(&server, 3, 0, 200);
	assert_int_equal(ibv_post_send(client.id->qp, &wr, &bad), 0);
	expect_wc(client.cq, 2, IBV_WC_SUCCESS);
	demand(!wc_within(server.cq, &wc, 30), "a message after leaving");
	assert_int_equal(rdma_leave_multicast(client.id, (struct sockaddr *)&group), 0);
	assert_int_equal(ibv_destroy_ah(ah), 0);
}

#define V4(f)	{ #f "__ipv4", f, open_cm, close_cm, (void *)&v4 }
#define BOTH(f)	V4(f), { #f "__ipv6", f, open_cm, close_cm, (void *)&v6 }

static const struct CMUnitTest tests[] = {
	BOTH(connection), V4(reject), V4(nobody_listens), V4(no_message_waits),
	V4(server_leaves), BOTH(datagrams),
	/* The core's CM refuses groups of IPv6 with RoCE v2. */
	V4(multicast),
};

LIVE_MAIN("cm", tests, open_node, close_node)
