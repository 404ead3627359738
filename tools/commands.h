/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The sub-commands: one a file, argv[0] being "axe NAME". Each returns an exit status. */
#ifndef AXE_TOOL_COMMANDS_H
#define AXE_TOOL_COMMANDS_H

int cmd_info(int argc, char **argv);
int cmd_compress(int argc, char **argv);
int cmd_decompress(int argc, char **argv);
int cmd_checksum(int argc, char **argv);
int cmd_hash(int argc, char **argv);
int cmd_copy(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_ping(int argc, char **argv);

#endif
