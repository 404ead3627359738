# shellcheck shell=bash
# Root file systems and the images made of them, one a target, kept in the cache
# under a key of what they are made from:
#
#   rootfs/TARGET-KEY/root/		the tree; builds run in it
#                     version		its kernel's version
#                     vmlinuz base.img	what QEMU boots
#                     initrd-KEY	changes more often than the rest
#                     with-KEY.img	base.img with the packages of --with
#
# A tree appears under its name when it is complete, and never changes again.

# What making each thing takes, in MB, when it is largest.
readonly ROOTFS_MB=4000 WITH_MB=3500

# The size of the guest's disk; nearly all of it is a hole in the image.
readonly DISK_SIZE=12G

# suite_of TARGET: the Debian release that its packages come from.
suite_of()
{
	case $1 in
	latest) echo forky ;;
	*) echo trixie ;;
	esac
}

packages_of()
{
	list_of "$VM_DIR/packages.guest"
	[[ ! -e $VM_DIR/packages.$1 ]] || list_of "$VM_DIR/packages.$1"
}

# apt_sources TARGET: what goes into the tree's sources.list. The deb-src is for
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
	if [[ $1 == latest ]]; then
		echo "deb $main trixie-backports main"
		# Testing's Release file may be past its date, while all is well.
		echo "deb [check-valid-until=no] $main forky main"
		echo "deb-src [check-valid-until=no] $main forky main"
	else
		echo "deb-src $main trixie main"
	fi
}

# rootfs_of TARGET: where its tree is, or will be.
rootfs_of()
{
	local key
	key=$({
		suite_of "$1"
		packages_of "$1"
		list_of "$VM_DIR/excluded.guest"
		[[ $1 != latest ]] || list_of "$VM_DIR/preferences.latest"
		cat "$VM_DIR/rootfs-setup"
	} | hash_of)
	printf '%s/rootfs/%s-%s\n' "$CACHE" "$1" "$key"
}

need_rootfs()
{
	local dir
	dir=$(rootfs_of "$1")
	[[ -e $dir/base.img ]] || with_lock "$dir.lock" make_rootfs "$1" "$dir"
	touch "$dir"
}

# remove_unused: what no checkout has asked for in two weeks.
remove_unused()
{
	local old
	while read -r old; do
		as_root rm -rf "$old"
	done < <(find "$CACHE/rootfs" "$CACHE/build" -mindepth 1 -maxdepth 1 -mtime +14 2>/dev/null)
}

make_rootfs()
{
	local target=$1 dir=$2 temporary=$2.new
	[[ ! -e $dir/base.img ]] || return 0	# made while we waited for the lock
	need_keys trixie	# they have signed testing, too
	need_space "$CACHE" "$ROOTFS_MB" "the $target root file system"
	SECONDS=0
	as_root rm -rf "$temporary" "$dir"
	mkdir -p "$temporary"
	bootstrap "$target" "$temporary"
	pack_image "$temporary/root" "$temporary/base.img"
	mv "$temporary" "$dir"
	remove_unused
	say "the $target root file system is ready ($SECONDS s, $(du -sm "$dir" | cut -f1) MB)"
}

# bootstrap TARGET DIR: make the tree in DIR/root from packages.
bootstrap()
{
	local target=$1 dir=$2 path status=0 options=()
	apt_sources "$target" >"$dir/sources.list"
	apt_proxy >"$dir/apt.conf"
	printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Retries "3";' >>"$dir/apt.conf"
	while read -r path; do
		options+=(--dpkgopt="path-exclude=$path")
	done < <(list_of "$VM_DIR/excluded.guest")
	[[ $target != latest ]] || options+=(--setup-hook="install -D -m 644 \
		$(quoted "$VM_DIR/preferences.latest") \"\$1\"/etc/apt/preferences.d/axe")
	say "making the $target root file system, once (about 1.5 minutes)"
	# INITRD=No: Debian's initramfs takes longest of all, and we have our own.
	INITRD=No as_root mmdebstrap --mode=root --format=directory --variant=apt --verbose \
		--aptopt="$dir/apt.conf" "${options[@]}" \
		--include="$(packages_of "$target" | paste -sd, -)" \
		--customize-hook="bash $(quoted "$VM_DIR/rootfs-setup") \"\$1\"" \
		"$(suite_of "$target")" "$dir/root" "$dir/sources.list" </dev/null 2>&1 |
		tee "$dir/log" | perl "$VM_DIR/progress.pl" || status=$?
	((status == 0)) || explain_bootstrap "$dir"
	cp "$dir"/root/boot/vmlinuz-* "$dir/vmlinuz"
	basename "$dir"/root/usr/lib/modules/*-amd64 >"$dir/version"
}

# explain_bootstrap DIR: why there is no tree; and remove what there is of it.
explain_bootstrap()
{
	local log=$CACHE/mmdebstrap.log sources
	mv "$1/log" "$log"
	sources=$(grep '^deb ' "$1/sources.list" | grep -o '[a-z+]*://[^ ]*' | sort -u | paste -sd' ')
	as_root rm -rf "$1"
	if grep -qi 'no space left' "$log"; then
		die "the disk of $CACHE is full: a root file system needs $ROOTFS_MB MB" \
			"Free some space, run './vm clean', or set XDG_CACHE_HOME to a roomier place."
	fi
	if grep -qiE 'could not resolve|failure resolving|(could not|unable to) connect|unreachable|connection (timed out|failed|refused)' "$log"; then
		grep -iE 'resol|connect|unreachable' "$log" | tail -n 3 >&2
		die "Debian's archive cannot be reached" \
			"Is there a network? Its address comes from this machine's apt sources:" "$sources"
	fi
	tail -n 25 "$log" >&2
	die "mmdebstrap could not make the root file system" "Its whole output is in $log"
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

# with_image TARGET PACKAGES: where the image with more packages is.
with_image()
{
	printf '%s/with-%s.img\n' "$(rootfs_of "$1")" "$(tr ',' '\n' <<<"$2" | sort -u | hash_of)"
}

need_with_image()
{
	local image
	image=$(with_image "$1" "$2")
	[[ -e $image ]] || with_lock "$image.lock" make_with_image "$1" "$2" "$image"
}

# make_with_image TARGET PACKAGES IMAGE: a copy of the tree, apt-get, an image.
# Not mmdebstrap again: a newer kernel may have come out since the tree was made.
make_with_image()
{
	local tree image=$3 copy=$3.root packages=()
	[[ ! -e $image ]] || return 0
	tree=$(rootfs_of "$1")/root
	IFS=, read -ra packages <<<"$2"
	need_space "$CACHE" "$WITH_MB" "an image with more packages"
	say "adding to the image: ${packages[*]}"
	as_root rm -rf "$copy"
	as_root cp -a --reflink=auto "$tree" "$copy"
	apt_proxy >"$copy.apt"
	in_rootfs "$copy" rw net "ro:$copy.apt:/tmp/apt.conf" -- \
		/tmp/inside/install /tmp/apt.conf "${packages[@]}" </dev/null >"$image.log" 2>&1 || {
		tail -n 15 "$image.log" >&2
		as_root rm -rf "$copy"
		die "could not install into the image: ${packages[*]}" \
			"Are these names of Debian 13 packages, and is there a network?"
	}
	pack_image "$copy" "$image.new"
	as_root rm -rf "$copy" "$copy.apt"
	mv "$image.new" "$image"
}

initrd_of()
{
	printf '%s/initrd-%s\n' "$(rootfs_of "$1")" "$(hash_of <"$VM_DIR/initramfs-init")"
}

need_initrd()
{
	local initrd
	initrd=$(initrd_of "$1")
	[[ -e $initrd ]] || with_lock "$initrd.lock" make_initrd "$(rootfs_of "$1")" "$initrd"
}

# make_initrd DIR INITRD: busybox, the modules of the disk, and an init.
make_initrd()
{
	local dir=$1 initrd=$2 tree=$2.tree number=10 module
	[[ ! -e $initrd ]] || return 0
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,lib,dev,proc,root}
	cp "$dir/root/usr/bin/busybox" "$tree/bin/"
	install -m 755 "$VM_DIR/initramfs-init" "$tree/init"
	in_rootfs "$dir/root" -- /tmp/inside/disk-modules "$(<"$dir/version")" </dev/null >"$tree/modules"
	# In the order of their loading: the numbers keep it.
	while read -r module; do
		install -m 644 "$dir/root/$module" "$tree/lib/$number-${module##*/}"
		number=$((number + 1))
	done <"$tree/modules"
	(cd "$tree" && find . | cpio --quiet --create --format=newc --owner=0:0) >"$initrd.new"
	rm -rf "$tree"
	mv "$initrd.new" "$initrd"
}
