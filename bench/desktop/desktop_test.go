//go:build linux

package main

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	got, err := parseStat("27973 (Web) (Proces) S 27909 27704 10640 0 -1 4194560 61212 0 40 0 310 41 5 4 20 0 33 0 1 2 3\n")
	want := process{pid: 27973, parent: 27909, cpu: 3600 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("parseStat = %+v, %v; want %+v", got, err, want)
	}
	for _, broken := range []string{"", "1 (init", "1 (init) S 0", "x (init) S 0 1 1 0 -1 4194560 61212 0 40 0 310 41 5 4 20"} {
		if _, err := parseStat(broken); err == nil {
			t.Errorf("%q was taken for a stat", broken)
		}
	}
}

func TestParseRollup(t *testing.T) {
	t.Parallel()
	got, err := parseRollup("55d0-7ffc ---p 00000000 00:00 0  [rollup]\nRss:  9000 kB\nPss:        4321 kB\nPss_Dirty: 1 kB\n")
	if err != nil || got != 4321*1024 {
		t.Errorf("parseRollup = %d, %v", got, err)
	}
	if _, err := parseRollup("Rss: 1 kB\n"); err == nil {
		t.Error("a rollup without Pss was taken")
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	all := []process{{pid: 5, parent: 4}, {pid: 2, parent: 1}, {pid: 4, parent: 2}, {pid: 3, parent: 1}, {pid: 6, parent: 2}}
	var got []int
	for _, p := range tree(all, 2) {
		got = append(got, p.pid)
	}
	if diff := cmp.Diff([]int{2, 4, 6, 5}, got); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	if gone := tree(all, 9); len(gone) != 0 {
		t.Errorf("a process that ended has the tree %v", gone)
	}
}

func TestTreeOf(t *testing.T) {
	t.Parallel()
	self, err := treeOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if bytes, err := proportional(self[:1]); err != nil || bytes < 1<<20 {
		t.Errorf("this test takes %d bytes, %v", bytes, err)
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	tests := map[string]struct {
		readings []reading
		since    reading
		ok       bool
	}{
		"nothing read":        {nil, reading{}, false},
		"too short":           {[]reading{{0, 10 * ms}, {900 * ms, 10 * ms}}, reading{}, false},
		"still busy":          {[]reading{{0, 10 * ms}, {1000 * ms, 40 * ms}}, reading{0, 10 * ms}, false},
		"a caret blinks":      {[]reading{{0, 10 * ms}, {1000 * ms, 30 * ms}}, reading{0, 10 * ms}, true},
		"busy before, not in": {[]reading{{0, 0}, {500 * ms, 900 * ms}, {1500 * ms, 900 * ms}}, reading{500 * ms, 900 * ms}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			since, ok := settled(tt.readings)
			if ok != tt.ok || since != tt.since {
				t.Errorf("settled = %v, %v; want %v, %v", since, ok, tt.since, tt.ok)
			}
		})
	}
}

func TestFirstScreen(t *testing.T) {
	t.Parallel()
	bundle := fstest.MapFS{
		"index.html": {Data: []byte(`<script type="module" src="./a.js"></script><link href="./b.js"><link href="./c.css">`)},
		"a.js":       {Data: []byte("let a = 1")},
		"later.js":   {Data: []byte("let later = 3")},
	}
	if _, err := firstScreen(bundle); err == nil {
		t.Error("a script that is missing was not noticed")
	}
	bundle["b.js"] = &fstest.MapFile{Data: []byte("let b = 2")}
	one, err := compressed([]byte("let a = 1"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := firstScreen(bundle); err != nil || got != 2*one {
		t.Errorf("first screen has %d bytes, %v; want %d", got, err, 2*one)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	got := table("2 cores", []sample{
		{open: 300 * time.Millisecond, usable: 900 * time.Millisecond, cpu: time.Second, pss: 200e6},
		{open: 100 * time.Millisecond, usable: 700 * time.Millisecond, cpu: 3 * time.Second, pss: 100e6},
		{open: 200 * time.Millisecond, usable: 800 * time.Millisecond, cpu: 2 * time.Second, pss: 300e6},
	}, 38e6, 123_400)
	want := `2 cores; 3 rounds
A loaded machine distorts all times; the numbers of an idle one count.

| measure | median | p95 |
|---|---:|---:|
| start, processor seconds of all processes | 2.00 | 3.00 |
| start until the window is open, ms | 200 | 300 |
| start until the lesson is there and quiet, ms | 800 | 900 |
| memory of all processes after it (PSS), MB | 200 | 300 |
| size of the program, MB | 38.0 | |
| JavaScript of the first screen, gzip, kB | 123.4 | |
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table differs (-want +got):\n%s", diff)
	}
}
