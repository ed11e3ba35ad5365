/*
 * carrel-cc builds the C files of the folder it is in together with their tests, and runs these.
 * carrel-cc FILE ARGS... builds the program that FILE has the main of, and runs it.
 *
 * Tests are the files below tests/ or test/, and those called test_*.c or *_test.c. A main in the others
 * is given another name. What cannot be built is reported as such, with the first error's place.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "carrel_report.h"

enum { MOST = 256, ERRORS = 16384, AT_ONCE = 2 };

static char *sources[MOST], *folders[MOST];
static size_t nsources, nfolders;

/* find lists the C files below a folder, and the folders, in the order of their names. */
static void find(const char *folder) {
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);
	if (n < 0) return;
	if (nfolders < MOST) folders[nfolders++] = strdup(folder);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *path;
		struct stat info;
		if (name[0] == '.' || asprintf(&path, "%s%s%s", strcmp(folder, ".") ? folder : "", strcmp(folder, ".") ? "/" : "", name) < 0) continue;
		size_t length = strlen(name);
		if (lstat(path, &info) != 0) continue;
		if (S_ISDIR(info.st_mode)) find(path);
		else if (S_ISREG(info.st_mode) && length > 2 && strcmp(name + length - 2, ".c") == 0 && nsources < MOST) sources[nsources++] = path;
		free(entries[i]);
	}
	free(entries);
}

static int is_test(const char *path) {
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	return strncmp(path, "tests/", 6) == 0 || strncmp(path, "test/", 5) == 0 || strncmp(name, "test_", 5) == 0 ||
	       (strlen(name) > 7 && strcmp(name + strlen(name) - 7, "_test.c") == 0);
}

/* has_main tells whether a file seems to have a main. */
static int has_main(const char *path) {
	char *text = NULL;
	size_t room = 0;
	FILE *from = fopen(path, "r");
	int found = 0;
	while (from != NULL && !found && getline(&text, &room, from) > 0) found = strncmp(text, "int main(", 9) == 0 || strncmp(text, "void main(", 10) == 0;
	if (from != NULL) fclose(from);
	free(text);
	return found;
}

/* start runs a command with its messages in a file. */
static pid_t start(char **argv, const char *messages) {
	pid_t pid = fork();
	if (pid == 0) {
		if (freopen(messages, "w", stderr) == NULL) _exit(126);
		dup2(2, 1);
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	return pid;
}

/* show prints the messages of a command, and returns them when it has failed. */
static char *show(const char *messages) {
	static char text[ERRORS];
	FILE *from = fopen(messages, "r");
	size_t n = from != NULL ? fread(text, 1, sizeof text - 1, from) : 0;
	if (from != NULL) fclose(from);
	text[n] = 0;
	fputs(text, stderr);
	return text;
}

/* give_up reports what cannot be built. The first error counts: the others often follow from it. */
static void give_up(const char *what, const char *text) {
	static char file[512];
	struct carrel_result result = {.id = what, .name = what, .group = "build", .status = "errored", .file = what};
	const char *first = text;
	for (const char *at = text; at != NULL && *at != 0; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		int line = 0;
		if ((sscanf(at, "%511[^:\n]:%d:%*d: error:", file, &line) == 2 && strstr(at, " error: ") != NULL && strstr(at, " error: ") < strchrnul(at, '\n')) ||
		    (strstr(at, "undefined reference") != NULL && strstr(at, "undefined reference") < strchrnul(at, '\n') && sscanf(at, "%511[^:\n]:%d:", file, &line) == 2)) {
			result.file = strncmp(file, "/work/", 6) == 0 ? file + 6 : file;
			result.line = line;
			first = at;
			break;
		}
	}
	result.message = first[0] != 0 ? first : "The compiler was stopped.";
	carrel_tell(&result);
	exit(1);
}

/* await_one waits for one of the compilers. */
static void await_one(pid_t *running, char objects[][64]) {
	int status;
	pid_t pid = wait(&status);
	for (size_t i = 0; i < nsources; i++) {
		if (running[i] != pid) continue;
		running[i] = 0;
		char messages[80];
		snprintf(messages, sizeof messages, "%s.txt", objects[i]);
		char *text = show(messages);
		if (status != 0) give_up(sources[i], text);
	}
}

static char *flags[] = {"-std=gnu17", "-g", "-O0", "-Wall", "-Wextra", "-fsanitize=address,undefined",
			"-fno-sanitize-recover=integer-divide-by-zero,null,bounds,return,unreachable",
			"-fno-omit-frame-pointer", "-fdiagnostics-color=never", "-pipe", NULL};

static size_t append(char **argv, size_t n, char **more) {
	for (; *more != NULL; more++) argv[n++] = *more;
	argv[n] = NULL;
	return n;
}

/* compile starts the compiler on a source. */
static pid_t compile(size_t i, const char *object, int rename_main) {
	static char includes[MOST][600];
	char *argv[MOST + 32] = {"gcc"}, messages[80];
	size_t n = append(argv, 1, flags);
	for (size_t f = 0; f < nfolders; f++) {
		snprintf(includes[f], sizeof includes[f], "-I%s", folders[f]);
		argv[n++] = includes[f];
	}
	if (rename_main) argv[n++] = "-Dmain=carrel_learner_main";
	append(argv, n, (char *[]){"-c", "-o", (char *)object, sources[i], NULL});
	snprintf(messages, sizeof messages, "%s.txt", object);
	return start(argv, messages);
}

int main(int argc, char **argv) {
	char folder[] = "/tmp/carrel-XXXXXX";
	if (mkdtemp(folder) == NULL) {
		perror("carrel-cc");
		return 2;
	}
	find(".");
	const char *wanted = argc > 1 ? argv[1] : NULL;
	static char objects[MOST][64];
	static char *link[MOST + 32] = {"gcc"};
	static pid_t running[MOST];
	size_t nlink = append(link, 1, flags), alive = 0, ntests = 0;
	for (size_t i = 0; i < nsources; i++) {
		int test = is_test(sources[i]);
		if (wanted != NULL && strcmp(sources[i], wanted) != 0 && (test || has_main(sources[i]))) continue;
		ntests += (size_t)test;
		snprintf(objects[i], sizeof objects[i], "%s/%zu.o", folder, i);
		for (; alive >= AT_ONCE; alive--) await_one(running, objects);
		running[i] = compile(i, objects[i], wanted == NULL && !test);
		alive++;
		link[nlink++] = objects[i];
	}
	for (; alive > 0; alive--) await_one(running, objects);
	if (wanted == NULL && ntests == 0) {
		fprintf(stderr, "There are no tests here.\n");
		return 2;
	}
	char program[64], messages[80];
	snprintf(program, sizeof program, "%s/program", folder);
	snprintf(messages, sizeof messages, "%s/link.txt", folder);
	if (wanted == NULL) link[nlink++] = "-lcarrel_check";
	append(link, nlink, (char *[]){"-lm", "-o", program, NULL});
	int status;
	waitpid(start(link, messages), &status, 0);
	char *text = show(messages);
	if (status != 0) give_up("the program", text);
	if (wanted == NULL) argv[1] = NULL;
	execv(program, wanted == NULL ? argv : argv + 1);
	perror(program);
	return 126;
}
