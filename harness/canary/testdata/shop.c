#include "shop.h"

#include <stdio.h>
#include <string.h>

int total(int a, int b) { return a + b; }

void greet(char *buffer, size_t size, const char *name) { snprintf(buffer, size, "Hello, %s!\n", name); }

double average(int a, int b) { return (a + b) / 2.0; }

int is_open(const char *day) { return strcmp(day, "sunday") != 0; }

char initial(const char *name) { return name[0]; }
