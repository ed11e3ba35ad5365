package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	tests := map[string]struct {
		times []time.Duration
		q     float64
		want  time.Duration
	}{
		"nothing measured":       {nil, 0.5, 0},
		"one value":              {[]time.Duration{7}, 0.95, 7},
		"the middle of three":    {[]time.Duration{9, 1, 5}, 0.5, 5},
		"the lower of two":       {[]time.Duration{9, 1}, 0.5, 1},
		"the 95th of a hundred":  {hundred, 0.95, 95},
		"the largest of hundred": {hundred, 1, 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := quantile(tt.times, tt.q); got != tt.want {
				t.Errorf("quantile = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	got := table([]row{
		{"run", "slow", []time.Duration{30 * time.Millisecond}},
		{"run", "Carrel", []time.Duration{3 * time.Millisecond}},
	})
	want := `| task | way | median ms | p95 ms | times Carrel |
|---|---|---:|---:|---:|
| run | slow | 30.0 | 30.0 | 10.0 |
| run | Carrel | 3.0 | 3.0 | 1.0 |
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table differs (-want +got):\n%s", diff)
	}
}

// counting is a way that takes no time and notes its turns.
type counting struct {
	label string
	turns *[]string
	fail  error
}

func (c counting) name() string { return c.label }

func (c counting) trivial(context.Context, int) error {
	*c.turns = append(*c.turns, c.label)
	return c.fail
}

func (c counting) check(context.Context, int) error { return nil }

func TestInterleave(t *testing.T) {
	t.Parallel()
	t.Run("every way has its turn, in another order each round, and warming up is not measured", func(t *testing.T) {
		t.Parallel()
		var turns []string
		ways := []way{counting{label: "a", turns: &turns}, counting{label: "b", turns: &turns}}
		samples, err := interleave(t.Context(), ways, way.trivial, 2, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a", "b", "b", "a", "a", "b"}, turns); diff != "" {
			t.Error(diff)
		}
		if len(samples[0]) != 2 || len(samples[1]) != 2 {
			t.Errorf("samples %v, want two of each", samples)
		}
	})
	t.Run("a wrong verdict ends the measurement", func(t *testing.T) {
		t.Parallel()
		var turns []string
		wrong := errors.New("wrong")
		_, err := interleave(t.Context(), []way{counting{label: "a", turns: &turns, fail: wrong}}, way.trivial, 2, 0)
		if !errors.Is(err, wrong) {
			t.Errorf("err = %v, want %v", err, wrong)
		}
	})
}
