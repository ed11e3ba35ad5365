#include "carrel_check.h"
#include "shop.h"

/* TEST(in_a_comment) { */
#define TWO \
	2

static int helper(void) { return TWO; }

TEST(adds_two_numbers) {
	CHECK_EQ_INT(total(1, helper()), 3);
}

TEST(greets) {
	char buffer[32];
	greet(buffer, sizeof buffer, "Ada");
	CHECK_EQ_STR(buffer, "Hello, " "Ada!\n");
	for (int i = 0; i < 3; i++) {
		CHECK(total(i, 0) == i);
	}
}

TEST(average_is_exact) { CHECK_EQ_DBL(average(1, 2), 1.5); }

TEST(open_days) {
	CHECK(!is_open("sunday"));
	CHECK(is_open("monday"));
	CHECK_EQ_CHAR(initial("Ada"), 'A');
}
