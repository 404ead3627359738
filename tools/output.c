// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "output.h"
#include "progress.h"

/*
 * The temporary file that has a name, if there is one. Set and cleared with the
 * signals blocked, so that the handler sees it exactly while the file exists.
 */
static char doomed[4096];

static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGXCPU, SIGXFSZ };
#define NUM_SIGNALS (sizeof(signals) / sizeof(signals[0]))

static void die_of_signal(int sig)
{
	if (doomed[0])
		unlink(doomed);
	progress_clear();
	/* SA_RESETHAND and SA_NODEFER are set: this one is final. */
	raise(sig);
}

void output_handle_signals(void)
{
	struct sigaction old, action = {
		.sa_handler = die_of_signal,
		.sa_flags = SA_RESETHAND | SA_NODEFER,
	};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < NUM_SIGNALS; i++) {
		/* nohup and background jobs have reasons to ignore some */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

static void block_signals(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < NUM_SIGNALS; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, old);
}

static void unblock_signals(const sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
}

/* A name beside @path that no one has. */
static char *temp_name(const char *path)
{
	const char *base = strrchr(path, '/');
	int dir = base ? base + 1 - path : 0;
	uint64_t number;
	char *name;

	base = path + dir;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return NULL;
	/* NAME_MAX is 255: leave room for what is added */
	if (asprintf(&name, "%.*s.%.200s.%016" PRIx64 ".tmp", dir, path, base, number) < 0)
		return NULL;
	if (strlen(name) >= sizeof(doomed)) {
		free(name);
		errno = ENAMETOOLONG;
		return NULL;
	}
	return name;
}

static int open_unnamed(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (!copy)
		return -1;
	fd = open(dirname(copy), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	free(copy);
	return fd;
}

static int open_named(struct output *out)
{
	sigset_t old;
	int fd;

	out->temp = temp_name(out->path);
	if (!out->temp)
		return -1;
	block_signals(&old);
	fd = open(out->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		strcpy(doomed, out->temp);
	unblock_signals(&old);
	if (fd < 0) {
		free(out->temp);
		out->temp = NULL;
	}
	return fd;
}

static enum status refuse_existing(const struct output *out)
{
	return error("%s already exists; use -f to replace it", out->path);
}

enum status output_open(struct output *out, const char *path, bool force)
{
	struct stat st;
	bool exists;

	memset(out, 0, sizeof(*out));
	out->force = force;
	if (!path || !strcmp(path, "-")) {
		out->name = "standard output";
		out->fd = STDOUT_FILENO;
		return STATUS_OK;
	}
	out->name = path;
	out->fd = -1;
	exists = !stat(path, &st);
	if (exists && S_ISDIR(st.st_mode))
		return error("%s is a directory", path);
	if (exists && !S_ISREG(st.st_mode)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return out->fd < 0 ? error_errno("cannot write %s", path) : STATUS_OK;
	}

	out->path = strdup(path);
	if (!out->path)
		return error_errno("cannot write %s", path);
	if (exists && !force) {
		refuse_existing(out);
		output_abort(out);
		return STATUS_ERROR;
	}
	out->commits = true;
	out->fd = open_unnamed(out->path);
	if (out->fd < 0)	/* not every file system can: overlayfs on old kernels, NFS, FAT */
		out->fd = open_named(out);
	if (out->fd < 0) {
		error_errno("cannot create %s", path);
		output_abort(out);
		return STATUS_ERROR;
	}
	return STATUS_OK;
}

void output_open_none(struct output *out)
{
	memset(out, 0, sizeof(*out));
	out->name = "nothing";
	out->fd = -1;
}

enum status output_write(struct output *out, const void *buf, size_t len)
{
	const uint8_t *p = buf;

	out->bytes += len;
	while (len && out->fd >= 0) {
		ssize_t n = write(out->fd, p, len);

		if (n < 0 && errno != EINTR)
			return error_errno("cannot write %s", out->name);
		if (n > 0) {
			p += n;
			len -= n;
		}
	}
	return STATUS_OK;
}

/* Links the unnamed file to @path; EEXIST if that exists. */
static int link_fd(int fd, const char *path)
{
	char proc[32];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (!linkat(AT_FDCWD, proc, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		return 0;
	if (errno != ENOENT || !access("/proc/self/fd", F_OK))
		return -1;
	return linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH);	/* no /proc */
}

static int rename_new(const char *from, const char *to)
{
	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return link(from, to) || unlink(from) ? -1 : 0;
}

/* The step that makes the file visible. Signals are blocked. */
static int give_name(struct output *out)
{
	int ret;

	if (!out->temp && !out->force)
		return link_fd(out->fd, out->path);
	if (!out->temp) {	/* linkat() cannot replace, rename() can */
		out->temp = temp_name(out->path);
		if (!out->temp)
			return -1;
		if (link_fd(out->fd, out->temp)) {
			free(out->temp);
			out->temp = NULL;
			return -1;
		}
	}
	ret = out->force ? rename(out->temp, out->path) : rename_new(out->temp, out->path);
	if (!ret) {
		free(out->temp);
		out->temp = NULL;
		doomed[0] = '\0';
	}
	return ret;
}

static mode_t default_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* As gzip and cp -p do: a file that may not be given away keeps no set-id bits. */
static int copy_attributes(int fd, const struct stat *like)
{
	struct timespec times[2];
	mode_t mode;

	if (!like)
		return fchmod(fd, default_mode());
	mode = like->st_mode & 07777;
	times[0] = like->st_atim;
	times[1] = like->st_mtim;
	if (fchown(fd, like->st_uid, like->st_gid)) {
		mode &= 01777;
		/* the owner may still hand it to the group */
		if (fchown(fd, -1, like->st_gid))
			mode &= ~070 | (mode & 007) << 3;
	}
	return fchmod(fd, mode) || futimens(fd, times) ? -1 : 0;
}

enum status output_commit(struct output *out, const struct stat *like)
{
	enum status status = STATUS_OK;
	sigset_t old;
	int ret;

	if (out->fd < 0)
		return STATUS_OK;
	if (!out->commits) {
		/* late errors of NFS, quotas, /dev/full */
		if (out->fd != STDOUT_FILENO && close(out->fd))
			status = error_errno("cannot write %s", out->name);
		out->fd = -1;
		output_abort(out);
		return status;
	}

	block_signals(&old);
	ret = copy_attributes(out->fd, like);
	if (!ret && out->temp) {	/* on NFS, close() is the last to complain */
		ret = close(out->fd);
		out->fd = -1;
	}
	if (!ret)
		ret = give_name(out);
	if (ret && errno == EEXIST)
		refuse_existing(out);
	else if (ret)
		error_errno("cannot create %s", out->path);
	unblock_signals(&old);
	output_abort(out);	/* what is done cannot be undone; what is not, is removed */
	return ret ? STATUS_ERROR : STATUS_OK;
}

void output_abort(struct output *out)
{
	sigset_t old;

	if (out->fd > STDERR_FILENO)
		close(out->fd);
	if (out->temp) {
		block_signals(&old);
		unlink(out->temp);
		doomed[0] = '\0';
		unblock_signals(&old);
	}
	free(out->temp);
	free(out->path);
	out->fd = -1;
	out->temp = NULL;
	out->path = NULL;
}
