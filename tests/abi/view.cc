// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "view.h"

extern "C" {
extern const struct view_row view_cxx[];
extern const unsigned int view_cxx_rows;

const struct view_row view_cxx[] = {
#include "fields.inc"
};
const unsigned int view_cxx_rows = sizeof(view_cxx) / sizeof(view_cxx[0]);
}
