// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>
#include <stdio.h>

#include "json.h"

#define MAX_DEPTH 8

static char closing[MAX_DEPTH + 1];
static bool filled[MAX_DEPTH + 1];	/* something stands at this level already */
static int depth;

static void string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", *s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void begin(const char *key)
{
	if (depth)
		printf(filled[depth] ? ",\n%*s" : "\n%*s", 2 * depth, "");
	filled[depth] = true;
	if (key) {
		string(key);
		fputs(": ", stdout);
	}
}

void json_open(const char *key, char bracket)
{
	begin(key);
	putchar(bracket);
	if (depth < MAX_DEPTH)
		depth++;
	closing[depth] = bracket == '{' ? '}' : ']';
	filled[depth] = false;
}

void json_close(void)
{
	int level = depth--;

	if (filled[level])
		printf("\n%*s", 2 * depth, "");
	putchar(closing[level]);
	if (!depth)
		putchar('\n');
}

void json_string(const char *key, const char *value)
{
	begin(key);
	string(value);
}

void json_number(const char *key, uint64_t value)
{
	begin(key);
	printf("%" PRIu64, value);
}

void json_signed(const char *key, int64_t value)
{
	begin(key);
	printf("%" PRId64, value);
}

void json_real(const char *key, double value)
{
	begin(key);
	printf("%.3f", value);
}

void json_bool(const char *key, bool value)
{
	begin(key);
	fputs(value ? "true" : "false", stdout);
}
