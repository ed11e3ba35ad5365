/* Runs the tests of carrel_check.h, each in a process of its own, and reports them as they go. */
#define _GNU_SOURCE
#include "carrel_check.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "carrel_report.h"

enum { TEXT = 4096, OUTPUT = 16384 };

struct test {
	const char *name, *file;
	int line;
	void (*run)(void);
	char id[512], words[256];
};

static struct test *tests;
static size_t count;

/* What a test's process leaves for the one that reports. */
static struct outcome {
	int completed, failed, line;
	char file[512], message[TEXT], expected[TEXT], actual[TEXT];
} *outcome;

void carrel_add_test(const char *name, const char *file, int line, void (*run)(void)) {
	struct test *more = realloc(tests, (count + 1) * sizeof *tests);
	if (more == NULL) abort();
	tests = more;
	struct test *t = &tests[count++];
	*t = (struct test){.name = name, .file = file, .line = line, .run = run};
	snprintf(t->id, sizeof t->id, "%s::%s", file, name);
	snprintf(t->words, sizeof t->words, "%s", name);
	for (char *c = t->words; *c != 0; c++)
		if (*c == '_') *c = ' ';
}

static void unequal(const char *file, int line, const char *what, const char *expected, const char *actual) {
	snprintf(outcome->expected, TEXT, "%s", expected);
	snprintf(outcome->actual, TEXT, "%s", actual);
	char message[TEXT];
	snprintf(message, sizeof message, "%s is not what was expected.", what);
	carrel_fail(file, line, message);
}

void carrel_fail(const char *file, int line, const char *message) {
	snprintf(outcome->file, sizeof outcome->file, "%s", file);
	snprintf(outcome->message, TEXT, "%s", message);
	outcome->line = line;
	outcome->failed = 1;
	fflush(NULL);
	_exit(1);
}

void carrel_check_int(const char *file, int line, const char *what, long long actual, long long expected) {
	if (actual == expected) return;
	char e[32], a[32];
	snprintf(e, sizeof e, "%lld", expected);
	snprintf(a, sizeof a, "%lld", actual);
	unequal(file, line, what, e, a);
}

void carrel_check_uint(const char *file, int line, const char *what, unsigned long long actual, unsigned long long expected) {
	if (actual == expected) return;
	char e[32], a[32];
	snprintf(e, sizeof e, "%llu", expected);
	snprintf(a, sizeof a, "%llu", actual);
	unequal(file, line, what, e, a);
}

void carrel_check_dbl(const char *file, int line, const char *what, double actual, double expected) {
	if (actual == expected || (isnan(actual) && isnan(expected))) return;
	if (isfinite(actual) && isfinite(expected) && fabs(actual - expected) <= 1e-9 * fmax(fabs(actual), fabs(expected))) return;
	char e[64], a[64];
	snprintf(e, sizeof e, "%.15g", expected);
	snprintf(a, sizeof a, "%.15g", actual);
	unequal(file, line, what, e, a);
}

/* literal writes a string as C does, so that a space at its end can be seen. Several lines stay lines. */
static void literal(char *to, const char *s) {
	if (s == NULL) {
		strcpy(to, "NULL");
		return;
	}
	const char *end = strchr(s, '\n');
	if (end != NULL && end[1] != 0) {
		snprintf(to, TEXT, "%s", s);
		return;
	}
	size_t n = 0;
	to[n++] = '"';
	for (; *s != 0 && n < TEXT - 8; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\') n += (size_t)sprintf(to + n, "\\%c", c);
		else if (c == '\n') n += (size_t)sprintf(to + n, "\\n");
		else if (c == '\t') n += (size_t)sprintf(to + n, "\\t");
		else if (c < 0x20 || c == 0x7f) n += (size_t)sprintf(to + n, "\\x%02x", c);
		else to[n++] = *s;
	}
	to[n++] = '"';
	to[n] = 0;
}

void carrel_check_str(const char *file, int line, const char *what, const char *actual, const char *expected) {
	if (actual == expected || (actual != NULL && expected != NULL && strcmp(actual, expected) == 0)) return;
	static char e[TEXT], a[TEXT];
	literal(e, expected);
	literal(a, actual);
	unequal(file, line, what, e, a);
}

static void character(char *to, size_t size, char c) {
	if (isprint((unsigned char)c)) snprintf(to, size, "'%c'", c);
	else snprintf(to, size, "'\\x%02x'", (unsigned char)c);
}

void carrel_check_char(const char *file, int line, const char *what, char actual, char expected) {
	if (actual == expected) return;
	char e[16], a[16];
	character(e, sizeof e, expected);
	character(a, sizeof a, actual);
	unequal(file, line, what, e, a);
}

static const char *signal_text(int number) {
	switch (number) {
	case SIGSEGV: return "The program used memory that is not its own (segmentation fault).";
	case SIGBUS: return "The program used memory that is not there (bus error).";
	case SIGFPE: return "The program divided by zero (arithmetic exception).";
	case SIGABRT: return "The program ended itself with abort().";
	case SIGKILL: return "The program was killed.";
	default: return strsignal(number);
	}
}

static void place(struct outcome *o, const char *file, int line) {
	snprintf(o->file, sizeof o->file, "%s", strncmp(file, "/work/", 6) == 0 ? file + 6 : file);
	o->line = line;
}

/*
 * sanitizer reads what the sanitizers printed before they ended the program, and cuts it off the output:
 * "FILE:LINE:COLUMN: runtime error: WHAT", or "ERROR: AddressSanitizer: KIND on ..." and the calls, of
 * which the first one in the workspace counts.
 */
static int sanitizer(char *output, struct outcome *o) {
	char kind[64] = "", function[128], file[512], what[512];
	int line;
	char *at = strstr(output, "ERROR: AddressSanitizer: ");
	if (at == NULL) {
		for (char *next = strstr(output, ": runtime error: "); next != NULL; next = strstr(next + 1, ": runtime error: ")) at = next;
		if (at == NULL) return 0;
		while (at > output && at[-1] != '\n') at--;
		if (sscanf(at, "%511[^:\n]:%d:%*d: runtime error: %511[^\n]", file, &line, what) != 3) return 0;
		snprintf(o->message, TEXT, "The program did something undefined: %s.", what);
		place(o, file, line);
		*at = 0;
		return 1;
	}
	sscanf(at + strlen("ERROR: AddressSanitizer: "), "%63s", kind);
	const char *means = strcmp(kind, "SEGV") == 0 ? "memory that is not its own" : kind;
	snprintf(o->message, TEXT, "The program used memory wrongly: %s.", means);
	for (const char *frame = strstr(at, "\n    #"); frame != NULL; frame = strstr(frame + 1, "\n    #")) {
		if (sscanf(frame, "\n    #%*d %*s in %127s %511[^:\n]:%d", function, file, &line) != 3) continue;
		if (file[0] == '/' && strncmp(file, "/work/", 6) != 0) continue;
		if (strncmp(function, "carrel_", 7) != 0) snprintf(o->message, TEXT, "The program used memory wrongly: %s, in %s.", means, function);
		place(o, file, line);
		break;
	}
	char *start = strstr(output, "AddressSanitizer:DEADLYSIGNAL");
	if (start == NULL || start > at) start = strstr(output, "=================");
	if (start != NULL && start < at) *start = 0;
	return 1;
}

static void child(const struct test *t, int to) {
	dup2(to, 1);
	dup2(to, 2);
	close(to);
	close(3); /* the report is not the learner's */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	t->run();
	fflush(NULL);
	outcome->completed = 1;
	_exit(0);
}

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* listen passes on what a test prints, keeps its beginning, and returns when nobody can print any more. */
static void listen_to(int from, char *kept) {
	char buffer[4096];
	size_t n = 0;
	for (ssize_t got; (got = read(from, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR);) {
		if (got < 0) continue;
		if (write(1, buffer, (size_t)got) < 0) break;
		size_t room = OUTPUT - 1 - n, part = (size_t)got < room ? (size_t)got : room;
		memcpy(kept + n, buffer, part);
		n += part;
	}
	kept[n] = 0;
}

/* run returns whether the test passed. */
static int run(const struct test *t) {
	static char output[OUTPUT];
	struct carrel_result result = {.id = t->id, .name = t->words, .file = t->file, .line = t->line, .status = "running"};
	carrel_tell(&result);
	memset(outcome, 0, sizeof *outcome);
	int ends[2], status = 0;
	double began = now();
	if (pipe(ends) != 0) return 0;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		child(t, ends[1]);
	}
	close(ends[1]);
	if (pid > 0) {
		listen_to(ends[0], output);
		waitpid(pid, &status, 0);
	}
	close(ends[0]);
	result.duration_ms = now() - began;
	int passed = pid > 0 && outcome->completed && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	result.status = passed ? "passed" : outcome->failed ? "failed" : "errored";
	if (pid < 0) {
		result.message = "The test could not be started: no process is left.";
	} else if (outcome->failed) {
		result.message = outcome->message;
		result.file = outcome->file;
		result.line = outcome->line;
		if (outcome->expected[0] != 0) {
			result.expected = outcome->expected;
			result.actual = outcome->actual;
		}
	} else if (!passed) {
		if (sanitizer(output, outcome)) {
			if (outcome->line > 0) {
				result.file = outcome->file;
				result.line = outcome->line;
			}
		} else if (WIFSIGNALED(status)) {
			snprintf(outcome->message, TEXT, "%s", signal_text(WTERMSIG(status)));
		} else {
			snprintf(outcome->message, TEXT, "The program ended in the middle of the test: look for a call of exit.");
		}
		result.message = outcome->message;
	}
	result.output = output[0] != 0 ? output : NULL;
	carrel_tell(&result);
	printf("%s %s\n", passed ? "✓" : "✗", t->words);
	if (!passed) {
		printf("    %s:%d: %s\n", result.file, result.line, result.message);
		if (result.expected != NULL) printf("    expected: %s\n    actual:   %s\n", result.expected, result.actual);
	}
	return passed;
}

int main(void) {
	outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED) {
		perror("carrel_check");
		return 2;
	}
	for (size_t i = 0; i < count; i++) {
		struct carrel_result planned = {.id = tests[i].id, .name = tests[i].words, .file = tests[i].file, .line = tests[i].line};
		carrel_plan(&planned);
	}
	size_t failed = 0;
	for (size_t i = 0; i < count; i++) failed += !run(&tests[i]);
	printf("%zu tests, %zu failed\n", count, failed);
	return failed > 0 || count == 0;
}
