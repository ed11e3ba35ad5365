package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var alone, beside []sample
	for n := range 100 {
		alone = append(alone, sample{time.Duration(n+1) * time.Millisecond, 0})
		beside = append(beside, sample{time.Duration(2*n+2) * time.Millisecond, time.Second})
	}
	want := `| | alone ms | beside bombs ms | times |
|---|---:|---:|---:|
| check, p50 | 51.00 | 102.00 | 2.00 |
| check, p99 | 100.00 | 200.00 | 2.00 |
| waiting for a CPU, p50 | 0.00 | 1000.00 |  |
| waiting for a CPU, p99 | 0.00 | 1000.00 |  |
`
	if diff := cmp.Diff(want, table(alone, beside)); diff != "" {
		t.Errorf("table differs (-want +got):\n%s", diff)
	}
}
