// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "options.h"
#include "progress.h"

#define FIRST_AFTER	0.3	/* seconds */
#define EVERY		0.1
#define MAX_BAR		40
#define MIN_BAR		8

static struct {
	const char *name;
	uint64_t total;
	double start;
	double next;		/* when to draw again; 0: never */
	atomic_bool drawn;	/* a signal handler may clear the line */
} line;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void format_time(char *buf, size_t size, double seconds)
{
	unsigned long s = seconds + 0.5;

	if (s >= 360000)
		snprintf(buf, size, "--:--");
	else if (s >= 3600)
		snprintf(buf, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(buf, size, "%lu:%02lu", s / 60, s % 60);
}

int progress_format(char *buf, size_t size, unsigned int width, const char *name,
		    uint64_t done, uint64_t total, double seconds)
{
	char amount[HUMAN_SIZE], rate[HUMAN_SIZE], time[16], tail[80];
	double speed = seconds > 0 ? done / seconds : 0;
	double part = 0;
	unsigned int room, bar;
	char cells[MAX_BAR + 1];

	if (total)
		part = done < total ? (double)done / total : 1;
	if (total && speed > 0)
		format_time(time, sizeof(time), (total - part * total) / speed);
	else
		format_time(time, sizeof(time), total ? 1e9 : seconds);

	human_bytes(amount, done);
	human_bytes(rate, speed);
	snprintf(tail, sizeof(tail), "%10s  %10s/s  %s%s", amount, rate, time,
		 total ? " left" : "");

	/* name (at most a third), percentage and bar, tail: what does not fit is left out */
	room = width > strlen(tail) + 2 ? width - strlen(tail) - 2 : 0;
	if (!room)
		return snprintf(buf, size, "%.*s", (int)width, tail);
	if (!total || room < 16 + MIN_BAR + 8)
		return snprintf(buf, size, "%-*.*s  %s", (int)room, (int)room, name, tail);

	bar = room / 2 < MAX_BAR ? room / 2 : MAX_BAR;
	room -= bar + 9;
	memset(cells, '.', bar);
	memset(cells, '#', (unsigned int)(part * bar));
	cells[bar] = '\0';
	return snprintf(buf, size, "%-*.*s %4d%% [%s]  %s", (int)room, (int)room, name,
			(int)(part * 100), cells, tail);
}

static void draw(uint64_t done, double seconds)
{
	struct winsize ws;
	unsigned int width = 80;
	char text[512];
	int len;

	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) && ws.ws_col)
		width = ws.ws_col;
	if (width > 120)
		width = 120;
	len = progress_format(text, sizeof(text), width - 1, line.name, done, line.total, seconds);
	if (len < 0)
		return;
	fprintf(stderr, "\r%s\033[K", text);
	fflush(stderr);
	line.drawn = true;
}

void progress_begin(const char *name, uint64_t total)
{
	line.name = name;
	line.total = total;
	line.start = now();
	line.next = 0;
	if (!options.quiet && !options.no_progress && isatty(STDERR_FILENO))
		line.next = line.start + FIRST_AFTER;
}

void progress_update(uint64_t done)
{
	double t;

	if (!line.next)
		return;
	t = now();
	if (t < line.next)
		return;
	draw(done, t - line.start);
	line.next = t + EVERY;
}

void progress_clear(void)
{
	static const char erase[] = "\r\033[K";

	if (!line.drawn)
		return;
	line.drawn = false;
	if (write(STDERR_FILENO, erase, sizeof(erase) - 1) < 0)
		return;
}

double progress_end(void)
{
	progress_clear();
	line.next = 0;
	return now() - line.start;
}
