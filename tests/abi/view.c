// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "view.h"

extern const struct view_row view_c[];
extern const unsigned int view_c_rows;

const struct view_row view_c[] = {
#include "fields.inc"
};
const unsigned int view_c_rows = sizeof(view_c) / sizeof(view_c[0]);
