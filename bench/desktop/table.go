//go:build linux

package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// table returns the samples as Markdown; program and script are sizes in bytes.
func table(machine string, samples []sample, program, script int64) string {
	opens := make([]time.Duration, 0, len(samples))
	usables, cpus, memory := slices.Clone(opens), slices.Clone(opens), make([]int64, 0, len(samples))
	for _, s := range samples {
		opens, usables = append(opens, s.open), append(usables, s.usable)
		cpus, memory = append(cpus, s.cpu), append(memory, s.pss)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %d rounds\n", machine, len(samples))
	b.WriteString("A loaded machine distorts all times; the numbers of an idle one count.\n\n")
	b.WriteString("| measure | median | p95 |\n|---|---:|---:|\n")
	milliseconds := func(name string, times []time.Duration) {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", name, quantile(times, 0.5).Milliseconds(), quantile(times, 0.95).Milliseconds())
	}
	fmt.Fprintf(&b, "| start, processor seconds of all processes | %.2f | %.2f |\n",
		quantile(cpus, 0.5).Seconds(), quantile(cpus, 0.95).Seconds())
	milliseconds("start until the window is open, ms", opens)
	milliseconds("start until the lesson is there and quiet, ms", usables)
	fmt.Fprintf(&b, "| memory of all processes after it (PSS), MB | %.0f | %.0f |\n",
		mb(quantile(memory, 0.5)), mb(quantile(memory, 0.95)))
	fmt.Fprintf(&b, "| size of the program, MB | %.1f | |\n", mb(program))
	fmt.Fprintf(&b, "| JavaScript of the first screen, gzip, kB | %.1f | |\n", float64(script)/1000)
	return b.String()
}

// quantile returns the smallest value that at least the share q of the values does not exceed.
func quantile[T cmp.Ordered](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	rank := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }

// loaded finds the scripts that a page asks for at once; what these import later is not among them.
var loaded = regexp.MustCompile(`(?:src|href)="\./([^"]+\.js)"`)

// firstScreen returns the size of the scripts that the built page loads first, compressed one by one.
func firstScreen(bundle fs.FS) (int64, error) {
	page, err := fs.ReadFile(bundle, "index.html")
	if err != nil {
		return 0, err
	}
	scripts := loaded.FindAllSubmatch(page, -1)
	if len(scripts) == 0 {
		return 0, errors.New("index.html loads no script")
	}
	var sum int64
	for _, s := range scripts {
		data, err := fs.ReadFile(bundle, string(s[1]))
		if err != nil {
			return 0, err
		}
		n, err := compressed(data)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func compressed(data []byte) (int64, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(data); err != nil {
		return 0, err
	}
	err = w.Close()
	return int64(out.Len()), err
}

// machine tells what the numbers depend on. A load near the number of cores means that something else
// was measured too.
func machine(before, after string) string {
	return fmt.Sprintf("%d cores, kernel %s, load average %s at the start and %s at the end",
		runtime.NumCPU(), procFile("/proc/sys/kernel/osrelease"), before, after)
}

// load returns the load average of the last minute.
func load() string {
	minute, _, _ := strings.Cut(procFile("/proc/loadavg"), " ")
	return minute
}

func procFile(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(data))
}
