package canary

// The dialect "c" are tests written with carrel_check.h, which the C environment brings:
//
//	#include "carrel_check.h"
//	#include "leap.h"
//
//	TEST(a_century_is_none) {
//		CHECK(!is_leap(1900));
//		CHECK_EQ_INT(days_in(1900), 365);
//	}
//
// TEST(name) begins a test at the start of a line; its id is "file::name", its name the words of name.
// The assertions, in the order (actual, expected):
//
//	CHECK(condition)
//	CHECK_EQ_INT(actual, expected)    whole numbers, compared as long long
//	CHECK_EQ_UINT(actual, expected)   whole numbers, compared as unsigned long long
//	CHECK_EQ_DBL(actual, expected)    equal within 1e-9 of the larger one, or both NaN
//	CHECK_EQ_STR(actual, expected)    strings; NULL equals NULL only
//	CHECK_EQ_CHAR(actual, expected)   one character
//
// A failed assertion ends its test. A test without a failed one has passed.
