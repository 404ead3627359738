# shellcheck shell=bash
# What every part of ./vm shares: messages, the cache, locks, children.
#
# Nothing here writes to stdout: that belongs to the command in the guest.

# The exit statuses of ./vm itself; everything else is the command's own.
readonly EXIT_TIMEOUT=124	# as timeout(1)
readonly EXIT_VM=125		# the machine failed, not the command

CACHE=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/axe
readonly CACHE

say()
{
	printf 'vm: %s\n' "$*" >&2
}

warn()
{
	printf 'vm: warning: %s\n' "$*" >&2
}

# die MESSAGE [HINT...]: each hint, on a line of its own, says what to do.
die()
{
	printf 'vm: error: %s\n' "$1" >&2
	shift
	(($# == 0)) || printf 'vm:        %s\n' "$@" >&2
	exit "$EXIT_VM"
}

# finish STATUS: the status that is meant. Every other one but 0 is of a step that
# went wrong; end_run makes it EXIT_VM, so that nobody takes it for the command's.
FINISHED=''
finish()
{
	FINISHED=1
	exit "$1"
}

# hash_of: the key of what comes in on stdin, short enough for a file name.
hash_of()
{
	sha256sum | cut -c1-16
}

# list_of FILE...: the entries of package lists, without comments.
list_of()
{
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' -- "$@"
}

# with_lock FILE COMMAND...: one process at a time; says so when it must wait.
# A subshell: the lock goes when it ends, however that happens.
with_lock()
{
	local lock=$1
	shift
	mkdir -p "${lock%/*}"
	(
		if ! flock -n 9; then
			say "waiting for another ./vm that is making the same thing"
			flock 9
		fi
		"$@"
	) 9>"$lock"
}

need_dir()
{
	if ! mkdir -p "$1" 2>/dev/null || [[ ! -w $1 ]]; then
		die "cannot write to the directory $1" \
			"Set XDG_CACHE_HOME to a directory that you can write to."
	fi
}

# Space is checked before anything long begins, where it will be needed.
need_space()
{
	local dir=$1 need_mb=$2 what=$3 free_mb
	need_dir "$dir"
	free_mb=$(df --output=avail -BM "$dir" | tail -n 1 | tr -dc 0-9)
	((free_mb >= need_mb)) ||
		die "$what needs $need_mb MB in $dir, and only $free_mb MB are free there" \
			"Free some space, run './vm clean', or set XDG_CACHE_HOME to a roomier place."
}

# quoted WORD...: the words as one line that any POSIX shell reads back the same.
quoted()
{
	local word line=''
	for word; do
		line+="'${word//\'/\'\\\'\'}' "
	done
	printf '%s\n' "${line% }"
}

# Children that must not outlive us. Each has a process group of its own, so
# that one signal reaches everything it started, and so that a signal sent to
# this shell is handled at once instead of after the child.
CHILDREN=()

# spawn COMMAND...: in the background; its process id is in $CHILD.
spawn()
{
	set -m
	"$@" &
	set +m
	CHILD=$!
	CHILDREN+=("$CHILD")
}

# attend COMMAND...: wait for a long command, and take it along when we have to
# go; its status is in $ATTENDED. To be called plainly: inside a condition bash
# forgets 'set -e'.
attend()
{
	spawn "$@"
	ATTENDED=0
	wait "$CHILD" || ATTENDED=$?
	forget "$CHILD"
}

# attended COMMAND...: the same, and go when it fails.
attended()
{
	attend "$@"
	((ATTENDED == 0)) || exit "$ATTENDED"
}

forget()
{
	local child left=()
	for child in "${CHILDREN[@]}"; do
		[[ $child == "$1" ]] || left+=("$child")
	done
	CHILDREN=(${left[@]+"${left[@]}"})
}

# kill_children [CHILD]: for good; all but this one. None has anything to save, and what
# is in a process namespace of its own goes with it.
kill_children()
{
	local child spared=${1:-}
	[[ -z $spared ]] || forget "$spared"
	for child in ${CHILDREN[@]+"${CHILDREN[@]}"}; do
		kill -KILL -- "-$child" 2>/dev/null || :
	done
	# bash would tell of each death.
	for child in ${CHILDREN[@]+"${CHILDREN[@]}"}; do
		wait "$child" 2>/dev/null || :
	done
	CHILDREN=(${spared:+"$spared"})
}
