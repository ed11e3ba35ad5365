// Package cases runs tests that are data: programs with their input and output, functions with their
// arguments and results, requests with their responses. It is the trusted side of a split check: it runs
// as the tester inside the container, starts the learner's code through the launcher only, and reports
// in the format "carrel" (see harness/testreport). The format for authors is described in package lesson.
package cases
