// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands that make packets of IPsec ESP, and open them. */

#include "build.h"

void axedv_wr_esp_seal(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		       const struct ibv_sge *src, const struct axedv_key *key,
		       uint32_t spi, uint64_t seq, const void *iv,
		       uint8_t next_header, uint32_t flags)
{
	__be64 number = htobe64(seq);
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (unlikely(flags > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build_ext(ibvqp, AXE_OP_ESP_SEAL, dst, src, NULL, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.esp.key = htole32(key->number);
	cmd->op.esp.spi = htole32(spi);
	cmd->op.esp.seq = htole64(seq);
	memcpy(ext->op.esp.iv, iv ? iv : &number, sizeof(ext->op.esp.iv));
	ext->op.esp.flags = flags;
	ext->op.esp.next_header = next_header;
}

void axedv_wr_esp_open(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		       const struct ibv_sge *src, const struct axedv_key *key,
		       uint32_t spi, uint32_t seq_high, uint32_t flags)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (unlikely(flags > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build_ext(ibvqp, AXE_OP_ESP_OPEN, dst, src, NULL, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.esp.key = htole32(key->number);
	cmd->op.esp.spi = htole32(spi);
	cmd->op.esp.seq = htole64((uint64_t)seq_high << 32);
	ext->op.esp.flags = flags;
}
