/*
 * Tests for exercises in C.
 *
 *     #include "carrel_check.h"
 *     #include "leap.h"
 *
 *     TEST(a_century_is_none) {
 *         CHECK(!is_leap(1900));
 *         CHECK_EQ_INT(days_in(1900), 365);
 *     }
 *
 * There is no main to write. Every test runs in a process of its own: one that crashes, exits or hangs
 * takes no other with it. A failed assertion ends its test. A main in the learner's files is no
 * obstacle; a test may call it as carrel_learner_main.
 */
#ifndef CARREL_CHECK_H
#define CARREL_CHECK_H

/* A test. Its name in words is what people read. */
#define TEST(name)                                                                                       \
	static void carrel_test_##name(void);                                                            \
	__attribute__((constructor)) static void carrel_add_##name(void) {                               \
		carrel_add_test(#name, __FILE__, __LINE__, carrel_test_##name);                          \
	}                                                                                                \
	static void carrel_test_##name(void)

/* Passes when the condition is true. */
#define CHECK(condition)                                                                                 \
	((condition) ? (void)0 : carrel_fail(__FILE__, __LINE__, "This is not true: " #condition))

/* Whole numbers, compared as long long. */
#define CHECK_EQ_INT(actual, expected)                                                                   \
	carrel_check_int(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

/* Whole numbers, compared as unsigned long long. */
#define CHECK_EQ_UINT(actual, expected)                                                                  \
	carrel_check_uint(__FILE__, __LINE__, #actual, (unsigned long long)(actual), (unsigned long long)(expected))

/* Equal within 1e-9 of the larger one, or both not a number. */
#define CHECK_EQ_DBL(actual, expected)                                                                   \
	carrel_check_dbl(__FILE__, __LINE__, #actual, (double)(actual), (double)(expected))

/* Strings; NULL equals NULL only. */
#define CHECK_EQ_STR(actual, expected) carrel_check_str(__FILE__, __LINE__, #actual, (actual), (expected))

/* One character. */
#define CHECK_EQ_CHAR(actual, expected)                                                                  \
	carrel_check_char(__FILE__, __LINE__, #actual, (char)(actual), (char)(expected))

/* What the macros stand on. */
void carrel_add_test(const char *name, const char *file, int line, void (*run)(void));
void carrel_fail(const char *file, int line, const char *message) __attribute__((noreturn));
void carrel_check_int(const char *file, int line, const char *what, long long actual, long long expected);
void carrel_check_uint(const char *file, int line, const char *what, unsigned long long actual,
		       unsigned long long expected);
void carrel_check_dbl(const char *file, int line, const char *what, double actual, double expected);
void carrel_check_str(const char *file, int line, const char *what, const char *actual, const char *expected);
void carrel_check_char(const char *file, int line, const char *what, char actual, char expected);
int carrel_learner_main();

#endif
