package agent

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzParseLaunch(f *testing.F) {
	f.Add(rehearsal, 1)
	f.Add([]byte(`{"argv":["x"],"uid":1,"gid":1,"fds":[0,1,2,3],"limits":{"nproc":5},"terminal":true}`), 4)
	f.Add([]byte(`{"argv":["x"],"uid":0,"gid":1,"fds":[0]}`), 1)
	f.Add([]byte(`{"argv":["x"],"uid":1,"gid":1,"fds":[0,0]}`), 2)
	f.Add([]byte(`{"argv":["x"],"uid":1,"gid":1,"fds":[-1]}`), 1)
	f.Fuzz(func(t *testing.T, data []byte, files int) {
		l, err := parseLaunch(data, files)
		if err != nil {
			return
		}
		if l.UID == 0 || l.GID == 0 || len(l.Argv) == 0 || len(l.FDs) != files {
			t.Errorf("accepted %+v with %d files", l, files)
		}
		seen := slices.Clone(l.FDs)
		slices.Sort(seen)
		if len(slices.Compact(seen)) != files || files > 0 && (seen[0] < 0 || slices.Max(seen) >= maxFDs) {
			t.Errorf("accepted descriptors %v", l.FDs)
		}
		again, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		same, err := parseLaunch(again, files)
		if diff := cmp.Diff(l, same); err != nil || diff != "" {
			t.Errorf("it is not what was sent: %v\n%s", err, diff)
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"argv":["python3","main.py"],"env":["A=1"]}`), 3)
	f.Add([]byte(`{"argv":[]}`), 3)
	f.Add([]byte(`{"argv":["x"],"env":["=1"]}`), 4)
	f.Add([]byte("{"), 0)
	f.Fuzz(func(t *testing.T, data []byte, files int) {
		r, err := parseRequest(data, files)
		if err != nil {
			return
		}
		if len(r.Argv) == 0 || files < 3 || files > 4 {
			t.Errorf("accepted %+v with %d files", r, files)
		}
		for _, e := range r.Env {
			if name, _, ok := strings.Cut(e, "="); !ok || name == "" || strings.ContainsAny(name, "= \x00\n/") {
				t.Errorf("%q is no variable", e)
			}
		}
	})
}

func FuzzParseZygoteAnswer(f *testing.F) {
	for _, seed := range []string{`{"ready":true}`, `{"id":1,"pid":77}`, `{"id":1,"unsupported":""}`, `{"id":1,"status":256,"utime_us":1,"stime_us":2,"maxrss_kb":3}`,
		`{"id":1,"pid":1}`, `{"id":1,"pid":-1}`, `{"id":1,"pid":7,"status":0}`, `{"id":-1}`, `[]`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parseZygoteAnswer(data)
		if err != nil {
			return
		}
		// The agent signals what it is told: never itself, never a group, never everyone.
		if got.PID != nil && *got.PID <= 1 {
			t.Errorf("accepted process %d", *got.PID)
		}
	})
}

func FuzzParseStatus(f *testing.F) {
	f.Add("Name:\tsh\nPPid:\t7\nUid:\t20000\t20000\t20000\t20000\nThreads:\t3\n")
	f.Add("Name:\tUid:\\n0\nUid:\t5\n")
	f.Add("Uid:\nPPid:\tx\nThreads")
	f.Fuzz(func(_ *testing.T, text string) { parseStatus(text) })
}
