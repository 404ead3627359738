// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * layout [-v] [KERNEL_VIEW]: do the kernel, C and C++ see the same structures,
 * and have these no holes that could carry what was not meant to be told?
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

extern const struct view_row view_c[];
extern const unsigned int view_c_rows;
extern const struct view_row view_cxx[];
extern const unsigned int view_cxx_rows;

static int failures;

static void print_row(const char *view, const struct view_row *row)
{
	printf("%-7s %-44s offset %3u size %3u align %2u of %3u\n", view, row->name,
	       row->offset, row->size, row->align, row->struct_size);
}

static void compare(const char *view, const struct view_row *rows, unsigned int count)
{
	unsigned int i;

	if (count != view_c_rows) {
		printf("%s has %u fields, C has %u\n", view, count, view_c_rows);
		failures++;
		return;
	}
	for (i = 0; i < count; i++) {
		if (!memcmp(&rows[i], &view_c[i], sizeof(rows[i])))
			continue;
		failures++;
		print_row("C", &view_c[i]);
		print_row(view, &rows[i]);
	}
	printf("%s sees %u fields as C does\n", view, count);
}

static void compare_file(const char *name)
{
	static struct view_row rows[1024];
	FILE *file = fopen(name, "rb");
	size_t bytes;

	if (!file) {
		perror(name);
		exit(EXIT_FAILURE);
	}
	bytes = fread(rows, 1, sizeof(rows), file);
	fclose(file);
	if (bytes % sizeof(rows[0])) {
		printf("%s: %zu bytes are no whole number of rows\n", name, bytes);
		failures++;
	}
	compare("kernel", rows, bytes / sizeof(rows[0]));
}

static bool same_struct(const struct view_row *a, const struct view_row *b)
{
	size_t length = strcspn(a->name, ".");

	return !strncmp(a->name, b->name, length + 1);
}

/* Members of a union without a name: they are told as if they were fields. */
static bool same_place(const struct view_row *a, const struct view_row *b)
{
	return same_struct(a, b) && a->offset == b->offset && a->size == b->size;
}

/* Each field begins where the one before ends, the last ends with the structure. */
static void check_holes(void)
{
	unsigned int i, end = 0;

	for (i = 0; i < view_c_rows; i++) {
		if (view_c[i].offset != end &&
		    !(i && same_place(&view_c[i - 1], &view_c[i]))) {
			print_row("hole", &view_c[i]);
			failures++;
		}
		end = view_c[i].offset + view_c[i].size;
		if (i + 1 < view_c_rows && same_struct(&view_c[i], &view_c[i + 1]))
			continue;
		if (view_c[i].struct_size != end || end % 8) {
			print_row("tail", &view_c[i]);
			failures++;
		}
		end = 0;
	}
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc > 1 && !strcmp(argv[1], "-v")) {
		for (i = 0; i < view_c_rows; i++)
			print_row("C", &view_c[i]);
		argv++;
		argc--;
	}
	check_holes();
	compare("C++", view_cxx, view_cxx_rows);
	if (argc > 1)
		compare_file(argv[1]);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
