package journal

// Memory is a Store and StateStore that forgets everything with the process: for tests and fakes. The
// zero value is ready; it is safe for concurrent use.
type Memory struct{}
