# shellcheck shell=bash
# The host: the programs it must have, Debian's mirror, and how to be root in a
# directory tree without being root on the machine.

# need_host: have every program of packages.host, by apt where that is allowed.
need_host()
{
	local missing
	missing=$(missing_packages)
	if [[ -n $missing ]]; then
		# shellcheck disable=SC2086 # a list of words
		install_on_host $missing
		missing=$(missing_packages)
		[[ -z $missing ]] ||
			die "the programs of these packages are not on the path, though apt-get has installed them: $missing"
	fi
	((EUID == 0)) || check_user_namespaces
}

missing_packages()
{
	local command package
	{
		list_of "$VM_DIR/packages.host"
		((EUID == 0)) || echo newuidmap uidmap
	} | while read -r command package; do
		command -v "$command" >/dev/null || printf '%s ' "$package"
	done
}

# need_keys SUITE: the host's apt must know who signs this suite.
need_keys()
{
	local key=/usr/share/keyrings/debian-archive-$1-automatic.gpg
	[[ ! -e $key ]] || return 0
	# An older Debian has the newer one's keys in an update of this package.
	install_on_host debian-archive-keyring
	[[ -e $key ]] ||
		die "the package debian-archive-keyring of this machine is too old: it has no keys for Debian $1" \
			"Update the machine (apt-get update && apt-get upgrade) and try again."
}

# install_on_host PACKAGE...: one ./vm at a time, for apt has no patience.
install_on_host()
{
	with_lock "$CACHE/apt.lock" apt_install "$@"
}

apt_install()
{
	local get sudo=() log=$CACHE/apt.log
	command -v apt-get >/dev/null ||
		die "this machine needs: $*" \
			"It has no apt-get, so install what holds these programs yourself."
	if ((EUID != 0)); then
		# sudo may ask for a password, which needs a terminal.
		if ! command -v sudo >/dev/null || { [[ ! -t 2 ]] && ! sudo -n true 2>/dev/null; }; then
			die "these Debian packages are missing, and only root can install them: $*" \
				"As root: apt-get install --no-install-recommends $*"
		fi
		sudo=(sudo)
	fi
	say "installing on this machine: $*"
	get=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -y)
	mkdir -p "$CACHE"
	# A broken source of somebody else's need not matter: the installation
	# will tell.
	"${get[@]}" update </dev/null >"$log" 2>&1 || :
	"${get[@]}" install --no-install-recommends "$@" </dev/null 2>&1 |
		tee -a "$log" | perl "$VM_DIR/progress.pl" || {
		grep -E '^(E|W|Err):?' "$log" | tail -n 10 >&2
		die "apt-get could not install: $*" \
			"Is there a network, and are the sources in /etc/apt right? Debian 12 and later" \
			"have these packages in 'main'. The whole output is in $log"
	}
}

check_user_namespaces()
{
	as_root true 2>/dev/null ||
		die "this machine does not let user $(id -un) make user namespaces" \
			"Run ./vm as root; or allow them: sysctl kernel.unprivileged_userns_clone=1" \
			"(or kernel.apparmor_restrict_unprivileged_userns=0), and give the user" \
			"65536 ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
}

# as_root COMMAND...: as root, at least of what this user owns, with its own
# mounts and processes: both vanish with it, whatever happens.
as_root()
{
	local user=()
	# Id 0 inside is this user outside, so that the cache belongs to it.
	((EUID == 0)) || user=(--user --map-root-user --map-auto)
	unshare "${user[@]}" --mount --pid --fork --kill-child -- "$@"
}

# in_rootfs ROOT [BIND...] -- COMMAND...: see tests/vm/in-rootfs.
in_rootfs()
{
	as_root bash "$VM_DIR/in-rootfs" "$@"
}

# mirrors: the lines 'main URI' and 'security URI' of Debian's archive, as this
# machine's apt knows it. Asking apt reads every format that apt has.
mirrors()
{
	# shellcheck disable=SC2016 # apt's own variable
	local uri main='' security='' format='$(REPO_URI)'
	if [[ -n ${AXE_DEBIAN_MIRROR:-} ]]; then
		main=$AXE_DEBIAN_MIRROR
	else
		while read -r uri; do
			# A list of mirrors, as cloud images have: its first entry will do.
			if [[ $uri == mirror+file:* ]]; then
				uri=$(list_of "${uri#mirror+file:}" | awk '{ print $1; exit }')
			fi
			case ${uri%/} in
			*/debian-security) : "${security:=${uri%/}}" ;;
			*/debian) : "${main:=${uri%/}}" ;;
			esac
		done < <(apt-get indextargets --format "$format" 'Created-By: Packages' 2>/dev/null)
	fi
	[[ -n $main ]] ||
		die "apt on this machine knows no Debian archive (a source whose URI ends in /debian)" \
			"Put one into /etc/apt/sources.list.d, or set AXE_DEBIAN_MIRROR to its URI."
	printf 'main %s\n' "$main"
	[[ -z $security ]] || printf 'security %s\n' "$security"
}

# apt_proxy: the machine's way out, as options for another apt.
apt_proxy()
{
	local scheme value
	for scheme in http https; do
		value=$(apt-config shell v "Acquire::$scheme::Proxy" | sed -n "s/^v='\(.*\)'$/\1/p")
		[[ -z $value ]] || printf 'Acquire::%s::Proxy "%s";\n' "$scheme" "$value"
	done
}
