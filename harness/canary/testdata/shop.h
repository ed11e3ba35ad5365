#include <stddef.h>

int total(int a, int b);
void greet(char *buffer, size_t size, const char *name);
double average(int a, int b);
int is_open(const char *day);
char initial(const char *name);
