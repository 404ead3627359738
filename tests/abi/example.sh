#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# example.sh FILE.md OUTPUT CC [ARGUMENT...]: the first ```c block of the page
# that has a main() is the example that the page shows: it has to compile
# without a warning, and to link.
set -eu

page=$1
output=$2
shift 2

awk '
	/^```c[[:space:]]*$/ { inside = 1; block = ""; next }
	/^```/ && inside {
		inside = 0
		if (block ~ /\nint main\(/) { printf "%s", block; exit }
	}
	inside { block = block $0 "\n" }
' "$page" >"$output.c"

[ -s "$output.c" ] || {
	echo "$page: no \`\`\`c block with a main() in it" >&2
	exit 1
}
cc=$1
shift
exec "$cc" -std=gnu11 -Wall -Wextra -Werror -o "$output" "$output.c" "$@"
