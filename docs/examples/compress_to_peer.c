// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * An accelerator and a peer, side by side: compress what comes in, RDMA-write the
 * result into the memory of another process, from where the accelerator put it.
 *
 *	cc compress_to_peer.c -laxe -libverbs -o compress_to_peer
 *	./compress_to_peer <plain >plain.gz
 *
 * The sender has one protection domain, one memory region, one completion queue,
 * and two queues on them: an accelerator queue and an RC QP. The key that the
 * accelerator writes its output with is the key that the RDMA write reads it with,
 * and the CQ shows both completions. Nothing is copied or registered in between.
 *
 * The receiver is a child process that knows nothing of accelerators. It writes to
 * standard output what has arrived in its memory.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <infiniband/axedv.h>

#define MAX_PLAIN	(1 << 20)
#define MAX_PACKED	(2 << 20)

/* What the two tell each other, over a socket, to be able to talk RDMA. */
struct end {
	uint32_t qp_num;
	uint32_t rkey;
	uint64_t addr;
	union ibv_gid gid;
};

static struct ibv_context *open_axe(void)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *context = NULL;

	for (int i = 0; list && list[i] && !context; i++)
		if (axedv_is_supported(list[i]))
			context = ibv_open_device(list[i]);
	if (!context)
		errx(1, "no axe device");
	ibv_free_device_list(list);
	return context;
}

/* An RC QP with sends and receives on one CQ. */
static struct ibv_qp *create_rc(struct ibv_pd *pd, struct ibv_cq *cq)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1 },
		.sq_sig_all = 1,
	};
	struct ibv_qp *qp = ibv_create_qp(pd, &attr);

	if (!qp)
		err(1, "an RC QP");
	return qp;
}

/* From RESET to ready: as between any two RDMA devices. */
static void connect_rc(struct ibv_qp *qp, const struct end *peer)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT,
		.port_num = 1,
		.qp_access_flags = IBV_ACCESS_REMOTE_WRITE,
	};

	if (ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
			  IBV_QP_ACCESS_FLAGS))
		err(1, "INIT");
	attr = (struct ibv_qp_attr){
		.qp_state = IBV_QPS_RTR,
		.path_mtu = IBV_MTU_1024,
		.dest_qp_num = peer->qp_num,
		.min_rnr_timer = 12,
		.ah_attr = {
			.is_global = 1,
			.port_num = 1,
			.grh = { .dgid = peer->gid, .hop_limit = 1 },
		},
	};
	if (ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU |
			  IBV_QP_DEST_QPN | IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC |
			  IBV_QP_MIN_RNR_TIMER))
		err(1, "RTR");
	attr = (struct ibv_qp_attr){
		.qp_state = IBV_QPS_RTS,
		.timeout = 14,
		.retry_cnt = 7,
		.rnr_retry = 7,
	};
	if (ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT |
			  IBV_QP_RNR_RETRY | IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC))
		err(1, "RTS");
}

static struct end end_of(struct ibv_qp *qp, const void *addr, const struct ibv_mr *mr)
{
	struct end end = {
		.qp_num = qp->qp_num,
		.rkey = mr->rkey,
		.addr = (uintptr_t)addr,
	};

	if (ibv_query_gid(qp->context, 1, 0, &end.gid))
		err(1, "no GID: has the interface of the device an address?");
	return end;
}

static void swap_ends(int fd, const struct end *mine, struct end *peer)
{
	if (write(fd, mine, sizeof(*mine)) != sizeof(*mine) ||
	    read(fd, peer, sizeof(*peer)) != sizeof(*peer))
		errx(1, "the other process is gone");
}

/* The child: lets the peer write into one buffer, and into nothing else. */
static int receiver(int fd)
{
	struct ibv_context *context = open_axe();
	struct ibv_pd *pd = ibv_alloc_pd(context);
	struct ibv_cq *cq = ibv_create_cq(context, 1, NULL, NULL, 0);
	char *buffer = calloc(1, MAX_PACKED);
	struct ibv_mr *mr = ibv_reg_mr(pd, buffer, MAX_PACKED, IBV_ACCESS_LOCAL_WRITE |
				       IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_ON_DEMAND);
	struct ibv_recv_wr recv = {}, *bad;
	struct end mine, peer;
	struct ibv_qp *qp;
	struct ibv_wc wc;
	int n;

	if (!pd || !cq || !buffer || !mr)
		err(1, "receiver");
	qp = create_rc(pd, cq);
	mine = end_of(qp, buffer, mr);
	swap_ends(fd, &mine, &peer);
	connect_rc(qp, &peer);
	/* An RDMA write with immediate data needs a receive, though no memory in it. */
	if (ibv_post_recv(qp, &recv, &bad))
		err(1, "receive");
	/* Both are ready to talk once this has gone both ways. */
	swap_ends(fd, &mine, &peer);

	do {
		n = ibv_poll_cq(cq, 1, &wc);	/* or ibv_req_notify_cq() and sleep */
	} while (!n);
	if (n < 0 || wc.status != IBV_WC_SUCCESS)
		errx(1, "receiving: %s", ibv_wc_status_str(wc.status));
	fwrite(buffer, 1, ntohl(wc.imm_data), stdout);
	return fflush(stdout) ? 1 : 0;
}

/* The next completion of either queue, which has to be a good one. */
static enum ibv_wc_opcode next_completion(struct ibv_cq_ex *cq, uint32_t *bytes)
{
	struct ibv_poll_cq_attr attr = {};
	enum ibv_wc_opcode opcode;
	int ret;

	do {
		ret = ibv_start_poll(cq, &attr);
	} while (ret == ENOENT);
	if (ret)
		errx(1, "the CQ has failed");
	if (cq->status != IBV_WC_SUCCESS)
		errx(1, "QP %u, wr_id %lu: %s", ibv_wc_read_qp_num(cq), (long)cq->wr_id,
		     axedv_code_str(axedv_wc_read_code(cq)));
	opcode = ibv_wc_read_opcode(cq);
	*bytes = ibv_wc_read_byte_len(cq);
	fprintf(stderr, "completion: QP %u, %s, %u bytes\n", ibv_wc_read_qp_num(cq),
		opcode == IBV_WC_DRIVER1 ? "compress" : "RDMA write", *bytes);
	ibv_end_poll(cq);
	return opcode;
}

static void sender(int fd)
{
	static char plain[MAX_PLAIN], packed[MAX_PACKED];
	struct ibv_context *context = open_axe();
	struct ibv_pd *pd = ibv_alloc_pd(context);
	/* All memory, on demand. The receiver never sees a key of it. */
	struct ibv_mr *mr = ibv_reg_mr(pd, NULL, SIZE_MAX,
				       IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	struct ibv_cq_init_attr_ex cq_attr = {
		.cqe = 2,
		.wc_flags = IBV_WC_EX_WITH_BYTE_LEN | IBV_WC_EX_WITH_QP_NUM,
	};
	struct ibv_cq_ex *cq = ibv_create_cq_ex(context, &cq_attr);
	struct ibv_qp_init_attr_ex accel_attr = {
		.qp_type = IBV_QPT_DRIVER,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.cap.max_send_wr = 1,
		.sq_sig_all = 1,
	};
	struct ibv_send_wr write, *bad;
	struct ibv_sge src, dst;
	struct ibv_qp *accel, *rc;
	struct end mine, peer;
	struct ibv_qp_ex *q;
	uint32_t bytes;

	if (!pd || !mr || !cq)
		err(1, "sender");
	accel_attr.pd = pd;
	accel_attr.send_cq = ibv_cq_ex_to_cq(cq);
	accel = axedv_create_qp(context, &accel_attr, NULL);
	if (!accel)
		err(1, "an accelerator queue");
	rc = create_rc(pd, ibv_cq_ex_to_cq(cq));
	mine = end_of(rc, packed, mr);
	swap_ends(fd, &mine, &peer);
	connect_rc(rc, &peer);
	swap_ends(fd, &mine, &(struct end){});

	/* The accelerator's turn: plain -> packed */
	src = (struct ibv_sge){ (uintptr_t)plain, fread(plain, 1, MAX_PLAIN, stdin), mr->lkey };
	dst = (struct ibv_sge){ (uintptr_t)packed, MAX_PACKED, mr->lkey };
	q = ibv_qp_to_qp_ex(accel);
	ibv_wr_start(q);
	q->wr_id = 1;
	axedv_wr_compress(q, &dst, &src, AXE_FORMAT_GZIP, 6, 0);
	if ((errno = ibv_wr_complete(q)))
		err(1, "posting the command");
	if (next_completion(cq, &bytes) != IBV_WC_DRIVER1)
		errx(1, "a completion of something else");

	/* The peer's: packed -> its memory. The same address, the same key. */
	dst.length = bytes;
	write = (struct ibv_send_wr){
		.wr_id = 2,
		.opcode = IBV_WR_RDMA_WRITE_WITH_IMM,
		.imm_data = htonl(bytes),
		.sg_list = &dst,
		.num_sge = 1,
		.wr.rdma = { .remote_addr = peer.addr, .rkey = peer.rkey },
	};
	if ((errno = ibv_post_send(rc, &write, &bad)))
		err(1, "posting the write");
	if (next_completion(cq, &bytes) != IBV_WC_RDMA_WRITE)
		errx(1, "a completion of something else");
}

int main(void)
{
	int fds[2], status;
	pid_t child;

	/* Before any device is open: each process has its own. */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		err(1, "socketpair");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* nothing will come any more */
		close(fds[0]);
		exit(receiver(fds[1]));
	}
	close(fds[1]);
	sender(fds[0]);
	if (waitpid(child, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
