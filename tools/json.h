/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Writing JSON to stdout; commas and quotes are taken care of. */
#ifndef AXE_TOOL_JSON_H
#define AXE_TOOL_JSON_H

#include <stdbool.h>
#include <stdint.h>

/* @key: NULL for elements of an array and at the top; @bracket: '{' or '[' */
void json_open(const char *key, char bracket);
void json_close(void);
void json_string(const char *key, const char *value);
void json_number(const char *key, uint64_t value);
void json_signed(const char *key, int64_t value);
void json_real(const char *key, double value);
void json_bool(const char *key, bool value);

#endif
