// SPDX-License-Identifier: GPL-2.0
/* What LZ4 and Zstandard share of their commands. */
#include "pack.h"

/**
 * axe_pack_check - validate what the commands of all formats have alike
 * @cmd: the command
 * @flags: those of enum axe_pack_flags that it may have
 *
 * Return: AXE_OK, or what is wrong with it.
 */
enum axe_code axe_pack_check(const struct axe_cmd *cmd, u32 flags)
{
	const struct axe_cmd_pack *p = &cmd->op.pack;
	u32 have = le32_to_cpu(p->flags);

	if (have & ~flags || p->reserved0 ||
	    memchr_inv(p->reserved1, 0, sizeof(p->reserved1)))
		return AXE_ERR_RESERVED;
	if (have & (AXE_PACK_RESTART | AXE_PACK_FINISH) && !(have & AXE_PACK_STREAM))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_pack_stream - tell whether a command is part of a stream
 * @cmd: the command, checked
 *
 * Return: how it stands to the stream that its queue may hold.
 */
enum axe_stream axe_pack_stream(const struct axe_cmd *cmd)
{
	u32 flags = le32_to_cpu(cmd->op.pack.flags);

	if (!(flags & AXE_PACK_STREAM))
		return AXE_STREAM_NONE;
	return flags & AXE_PACK_RESTART ? AXE_STREAM_RESTART : AXE_STREAM_CONTINUE;
}
