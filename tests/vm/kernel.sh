# shellcheck shell=bash
# The kernel of TARGET. That of stable and latest is a package in the root file system.
# The others have stable's root file system and a kernel that is built here of Debian's
# source, kept in the cache under a key of its configuration and the source's version:
#
#   kernel/TARGET-KEY/vmlinuz	what QEMU boots
#                     version	as uname -r says it
#                     tree/	what modules are built against
#                     lib/	modules.builtin and its like; it has no modules
#                     initrd-KEY

# What building one takes, in MB, and about how many files that goes through: they
# are small kernels, and near each other.
readonly KERNEL_MB=6000 KERNEL_FILES=2320

# own_kernel: is the kernel of TARGET built here?
own_kernel()
{
	[[ $TARGET == debug || $TARGET == kcsan ]]
}

# system: the target whose root file system TARGET has.
system()
{
	if own_kernel; then
		echo stable
	else
		echo "$TARGET"
	fi
}

# locate_kernel: KERNEL and INITRD. The root file system must be there: the version of
# its own kernel is the one that is built.
locate_kernel()
{
	KERNEL=$ROOTFS
	if own_kernel; then
		KERNEL=$CACHE/kernel/$TARGET-$({
			cat "$ROOTFS/version"
			list_of "$VM_DIR/packages.kernel" "$VM_DIR"/kernel/{machine,"$TARGET"}.config
			cat "$VM_DIR"/inside/kernel-{build,config}
		} | hash_of)
	fi
	INITRD=$KERNEL/initrd-$(hash_of <"$VM_DIR/initramfs-init")
}

# need_kernel: whoever needs it after this finds it in RUN_DIR.
need_kernel()
{
	locate_kernel
	[[ -e $KERNEL/vmlinuz ]] || with_lock "$KERNEL.lock" make_kernel
	touch "$KERNEL"	# for remove_unused
	[[ -e $INITRD ]] || with_lock "$INITRD.lock" make_initrd
	ln -s "$KERNEL" "$RUN_DIR/kernel"
	ln -s "$INITRD" "$RUN_DIR/initrd"
}

make_kernel()
{
	local new=$KERNEL.new
	[[ ! -e $KERNEL/vmlinuz ]] || return 0	# made while we waited for the lock
	need_space "$CACHE" "$KERNEL_MB" "building the kernel of $TARGET"
	SECONDS=0
	as_root rm -rf "$new" "$KERNEL"
	mkdir -p "$new"
	say "building the kernel of $TARGET, once (about 12 minutes on two processors)"
	build_kernel "$new"
	mv "$new" "$KERNEL"
	remove_unused
	say "the kernel $(<"$KERNEL/version") is ready ($SECONDS s, $(du -sm "$KERNEL" | cut -f1) MB)"
}

# build_kernel DIR: in a copy of the root file system, to which is added what that takes.
build_kernel()
{
	local dir=$1 root=$1.root status=0 packages=()
	mapfile -t packages < <(list_of "$VM_DIR/packages.kernel")
	as_root rm -rf "$root"
	as_root cp -a --reflink=auto "$ROOTFS/root" "$root"
	apt_proxy >"$dir/apt.conf"
	in_rootfs "$root" rw net "ro:$VM_DIR/kernel:/tmp/config" "rw:$dir:/tmp/kernel" -- \
		/tmp/inside/kernel-build "$(<"$ROOTFS/version")" "$TARGET" "${packages[@]}" \
		</dev/null 2>&1 |
		tee "$dir/log" | perl "$VM_DIR/progress.pl" "$KERNEL_FILES" || status=$?
	as_root rm -rf "$root"
	if ((status != 0)); then
		mv "$dir/log" "$CACHE/kernel.log"
		as_root rm -rf "$dir"
		explain_log "$CACHE/kernel.log" "$KERNEL_MB" "the kernel of $TARGET could not be built"
	fi
}
