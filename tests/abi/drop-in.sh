#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#
# drop-in.sh RDMA_CORE_TREE [BUILD_DIR [TARGET...]]
#
# Puts the provider into a copy of an rdma-core tree, as providers/axe/README.md
# says, and builds it there: it must build unchanged. BUILD_DIR is kept; without
# one all this happens in a temporary directory. TARGETs for ninja, default: axe.
set -eu

tree=${1:?usage: drop-in.sh RDMA_CORE_TREE [BUILD_DIR [TARGET...]]}
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ $# -ge 2 ]; then
	dir=$2
	shift 2
	rm -rf "$dir"
	mkdir -p "$dir"
else
	shift
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
fi
[ $# -gt 0 ] || set -- axe

# A build directory in the tree holds links to where the tree is now.
(cd "$tree" && tar cf - --exclude=./build --exclude=./.git .) | tar xf - -C "$dir"
cd "$dir"

# 1.
mkdir -p providers/axe
cp -r "$root/providers/axe/." providers/axe
cp "$root/include/infiniband/axedv.h" providers/axe
# 2.
for header in axe-abi.h axe-ops.h axe-ring.h axe_user_ioctl_cmds.h; do
	cp "$root/include/uapi/rdma/$header" kernel-headers/rdma
	sed -i "/^publish_internal_headers(rdma\$/a\\  rdma/$header" kernel-headers/CMakeLists.txt
done
sed -i '/^rdma_kernel_provider_abi($/a\  rdma/axe-abi.h' kernel-headers/CMakeLists.txt
# 3.
sed -i 's,^add_subdirectory(providers/bnxt_re),add_subdirectory(providers/axe)\nadd_subdirectory(providers/axe/man)\n&,' \
	CMakeLists.txt
# 4.
sed -i 's,^extern const struct verbs_device_ops verbs_provider_bnxt_re;,extern const struct verbs_device_ops verbs_provider_axe;\n&,' \
	libibverbs/verbs.h

for edited in kernel-headers/CMakeLists.txt CMakeLists.txt libibverbs/verbs.h; do
	grep -q axe "$edited" || {
		echo "drop-in.sh: $edited is not what it was in rdma-core 65.0" >&2
		exit 1
	}
done

# pandoc makes the man pages; without it the tree wants them made beforehand
man=
command -v pandoc >/dev/null && command -v rst2man >/dev/null || man=-DNO_MAN_PAGES=1
cmake -S . -B build -G Ninja -DIN_PLACE=1 -DNO_PYVERBS=1 -DENABLE_WERROR=1 $man >build.log ||
	{ cat build.log; exit 1; }
cmake --build build --target "$@"
ls -l build/lib/libaxe*
