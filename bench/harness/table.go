package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is what was measured of one way at one task.
type row struct {
	task, way string
	times     []time.Duration
}

// table returns the rows as Markdown. The last way of each task is the one the others are compared to.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| task | way | median ms | p95 ms | times Carrel |\n|---|---|---:|---:|---:|\n")
	reference := map[string]time.Duration{}
	for _, r := range rows {
		reference[r.task] = quantile(r.times, 0.5)
	}
	for _, r := range rows {
		median := quantile(r.times, 0.5)
		fmt.Fprintf(&b, "| %s | %s | %.1f | %.1f | %.1f |\n", r.task, r.way, ms(median), ms(quantile(r.times, 0.95)),
			float64(median)/float64(reference[r.task]))
	}
	return b.String()
}

// rateTable returns runs per second as Markdown, compared to the last way.
func rateTable(workers int, names []string, rates [][]float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| runs per second, %d at a time | median | Carrel does |\n|---|---:|---:|\n", workers)
	carrel := middle(rates[len(rates)-1])
	for i, name := range names {
		fmt.Fprintf(&b, "| %s | %.0f | %.1fx |\n", name, middle(rates[i]), carrel/middle(rates[i]))
	}
	return b.String()
}

// middle returns the lower median.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// quantile returns the smallest time that at least the share q of the times does not exceed.
func quantile(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	rank := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
