/* The report: one JSON object per line on file descriptor 3, the last one about a test counts. */
#ifndef CARREL_REPORT_H
#define CARREL_REPORT_H

#include <stddef.h>

/* What is told of a test; NULL and 0 are left out. */
struct carrel_result {
	const char *id, *name, *group, *file, *status;
	const char *message, *expected, *actual, *output;
	int line;
	double duration_ms;
};

/* Writes one result, or a plan of one test. */
void carrel_tell(const struct carrel_result *result);
void carrel_plan(const struct carrel_result *result);

#endif
