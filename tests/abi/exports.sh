#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# exports.sh LIBRARY HEADER: the library exports what the header declares, each
# with a version of AXE_, and nothing else.
set -eu

declared=$(grep -o '\baxedv_[a-z0-9_]*(' "$2" | tr -d '(' | sort -u |
	while read -r name; do
		# names in comments are followed by () too, and are declared somewhere
		grep -q "^[a-z].*\b$name(.*[,;]\$" "$2" && echo "$name"
	done)
exported=$(nm -D --defined-only "$1" | awk '$2 == "T" {
	if ($3 !~ /@@AXE_[0-9.]+$/) print "unversioned:" $3; else { sub(/@@.*/, "", $3); print $3 } }' | sort)

[ "$declared" = "$exported" ] || {
	echo "declared in $2:"
	echo "$declared"
	echo "exported by $1:"
	echo "$exported"
	exit 1
}
