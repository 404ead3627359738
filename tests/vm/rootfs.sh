# shellcheck shell=bash
# The root file system of TARGET and the images made of it, kept in the cache under a
# key of what they are made from:
#
#   rootfs/TARGET-KEY/root/		the tree; builds run in it
#                     version		its kernel's version
#                     vmlinuz base.img	what QEMU boots
#                     initrd-KEY	changes more often than the rest (see kernel.sh)
#                     with-KEY.img	base.img with the packages of --with
#
# A tree appears under its name when it is complete, and never changes again.

# What making each thing takes, in MB, when it is largest.
readonly ROOTFS_MB=4000 WITH_MB=3500 BUILD_MB=300

# The size of the guest's disk; nearly all of it is a hole in the image.
readonly DISK_SIZE=12G

# suite: the Debian release that the packages come from.
suite()
{
	case $(system) in
	latest) echo forky ;;
	*) echo trixie ;;
	esac
}

packages()
{
	local more
	more=$VM_DIR/packages.$(system)
	list_of "$VM_DIR/packages.guest"
	[[ ! -e $more ]] || list_of "$more"
}

# apt_sources: what goes into the tree's sources.list. The deb-src is for
# those headers of rdma-core that no package has.
apt_sources()
{
	local list main security
	list=$(mirrors) || exit
	main=$(awk '$1 == "main" { print $2 }' <<<"$list")
	security=$(awk '$1 == "security" { print $2 }' <<<"$list")
	echo "deb $main trixie main"
	echo "deb $main trixie-updates main"
	[[ -z $security ]] || echo "deb $security trixie-security main"
	if [[ $TARGET == latest ]]; then
		echo "deb $main trixie-backports main"
		# Testing's Release file may be past its date, while all is well.
		echo "deb [check-valid-until=no] $main forky main"
		echo "deb-src [check-valid-until=no] $main forky main"
	else
		echo "deb-src $main trixie main"
	fi
}

# locate_rootfs: where all this is, or will be: ROOTFS, IMAGE.
locate_rootfs()
{
	local key packages
	key=$({
		suite
		packages
		list_of "$VM_DIR/excluded.guest"
		[[ $TARGET != latest ]] || list_of "$VM_DIR/preferences.latest"
		cat "$VM_DIR/rootfs-setup"
	} | hash_of)
	ROOTFS=$CACHE/rootfs/$(system)-$key
	IMAGE=$ROOTFS/base.img
	if [[ -n $WITH ]]; then
		packages=$(tr ',' '\n' <<<"$WITH" | sort -u)
		IMAGE=$ROOTFS/with-$(hash_of <<<"$packages").img
	fi
}

need_rootfs()
{
	[[ -e $ROOTFS/base.img ]] || with_lock "$ROOTFS.lock" make_rootfs
	touch "$ROOTFS"	# for remove_unused
	[[ -e $IMAGE ]] || with_lock "$IMAGE.lock" make_with_image
}

# remove_unused: what no checkout has asked for in three days.
remove_unused()
{
	local old
	while read -r old; do
		as_root rm -rf "$old"
	done < <(find "$CACHE"/{rootfs,kernel,build} -mindepth 1 -maxdepth 1 -mtime +2 2>/dev/null)
}

make_rootfs()
{
	local new=$ROOTFS.new
	[[ ! -e $ROOTFS/base.img ]] || return 0	# made while we waited for the lock
	need_keys trixie	# they have signed testing, too
	need_space "$CACHE" "$ROOTFS_MB" "the $(system) root file system"
	SECONDS=0
	as_root rm -rf "$new" "$ROOTFS"
	mkdir -p "$new"
	bootstrap "$new"
	pack_image "$new/root" "$new/base.img"
	mv "$new" "$ROOTFS"
	remove_unused
	say "the $(system) root file system is ready ($SECONDS s, $(du -sm "$ROOTFS" | cut -f1) MB)"
}

# bootstrap DIR: make the tree in DIR/root from packages.
bootstrap()
{
	local dir=$1 path status=0 options=()
	apt_sources >"$dir/sources.list"
	apt_proxy >"$dir/apt.conf"
	printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Retries "3";' >>"$dir/apt.conf"
	while read -r path; do
		options+=(--dpkgopt="path-exclude=$path")
	done < <(list_of "$VM_DIR/excluded.guest")
	[[ $TARGET != latest ]] || options+=(--setup-hook="install -D -m 644 \
		$(quoted "$VM_DIR/preferences.latest") \"\$1\"/etc/apt/preferences.d/axe")
	say "making the $(system) root file system, once (about 1.5 minutes)"
	# INITRD=No: Debian's initramfs takes longest of all, and we have our own.
	INITRD=No as_root mmdebstrap --mode=root --format=directory --variant=apt --verbose \
		--aptopt="$dir/apt.conf" "${options[@]}" --include="$(packages | paste -sd, -)" \
		--customize-hook="bash $(quoted "$VM_DIR/rootfs-setup") \"\$1\"" \
		"$(suite)" "$dir/root" "$dir/sources.list" </dev/null 2>&1 |
		tee "$dir/log" | perl "$VM_DIR/progress.pl" || status=$?
	((status == 0)) || explain_bootstrap "$dir"
	cp "$dir"/root/boot/vmlinuz-* "$dir/vmlinuz"
	basename "$dir"/root/usr/lib/modules/*-amd64 >"$dir/version"
}

# explain_bootstrap DIR: why there is no tree; and remove what there is of it.
explain_bootstrap()
{
	mv "$1/log" "$CACHE/mmdebstrap.log"
	as_root rm -rf "$1"
	explain_log "$CACHE/mmdebstrap.log" "$ROOTFS_MB" "mmdebstrap could not make the root file system"
}

# explain_log LOG MB MESSAGE: die of what the log of making something ends with.
explain_log()
{
	local log=$1 mb=$2 message=$3 sources
	if grep -qi 'no space left' "$log"; then
		die "$message: the disk of $CACHE is full, and that needs $mb MB" \
			"Free some space, run './vm clean', or set XDG_CACHE_HOME to a roomier place."
	fi
	if grep -qiE 'could not resolve|failure resolving|(could not|unable to) connect|unreachable|connection (timed out|failed|refused)' "$log"; then
		grep -iE 'resol|connect|unreachable' "$log" | tail -n 3 >&2
		sources=$(apt_sources | awk '/^deb / { print $(NF - 2) }' | sort -u | paste -sd' ')
		die "Debian's archive cannot be reached" \
			"Is there a network? Its address comes from this machine's apt sources:" "$sources"
	fi
	tail -n 25 "$log" >&2
	die "$message" "The whole output is in $log"
}

# pack_image TREE IMAGE: an ext4 of a tree. No journal: nothing survives a run.
pack_image()
{
	local output
	say "packing the disk image"
	output=$(as_root mke2fs -q -t ext4 -m 0 -O '^has_journal,^metadata_csum' -E root_owner=0:0 \
		-d "$1" "$2" "$DISK_SIZE" 2>&1) || {
		printf '%s\n' "$output" >&2
		die "mke2fs could not make $2" "Is the disk full? It needs $ROOTFS_MB MB."
	}
}

# make_with_image: a copy of the tree, apt-get, an image. Not mmdebstrap again: a
# newer kernel may have come out since the tree was made.
make_with_image()
{
	local copy=$IMAGE.root packages=()
	[[ ! -e $IMAGE ]] || return 0
	IFS=, read -ra packages <<<"$WITH"
	need_space "$CACHE" "$WITH_MB" "an image with more packages"
	say "adding to the image: ${packages[*]}"
	as_root rm -rf "$copy"
	as_root cp -a --reflink=auto "$ROOTFS/root" "$copy"
	apt_proxy >"$copy.apt"
	in_rootfs "$copy" rw net "ro:$copy.apt:/tmp/apt.conf" -- \
		/tmp/inside/install /tmp/apt.conf "${packages[@]}" </dev/null >"$IMAGE.log" 2>&1 || {
		tail -n 15 "$IMAGE.log" >&2
		as_root rm -rf "$copy"
		die "could not install into the image: ${packages[*]}" \
			"Are these names of Debian packages, and is there a network?"
	}
	pack_image "$copy" "$IMAGE.new"
	as_root rm -rf "$copy" "$copy.apt"
	mv "$IMAGE.new" "$IMAGE"
}

# make_initrd: busybox, the modules of the disk, if it takes any, and an init.
make_initrd()
{
	local tree=$INITRD.tree number=10 module
	[[ ! -e $INITRD ]] || return 0
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,lib,dev,proc,root}
	cp "$ROOTFS/root/usr/bin/busybox" "$tree/bin/"
	install -m 755 "$VM_DIR/initramfs-init" "$tree/init"
	: >"$tree/modules"
	own_kernel || in_rootfs "$ROOTFS/root" -- /tmp/inside/disk-modules "$(<"$KERNEL/version")" \
		</dev/null >"$tree/modules"
	# In the order of their loading: the numbers keep it.
	while read -r module; do
		install -m 644 "$ROOTFS/root/$module" "$tree/lib/$number-${module##*/}"
		number=$((number + 1))
	done <"$tree/modules"
	(cd "$tree" && find . | cpio --quiet --create --format=newc --owner=0:0) >"$INITRD.new"
	rm -rf "$tree"
	mv "$INITRD.new" "$INITRD"
}
