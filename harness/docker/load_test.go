package docker

import (
	"context"
	"testing"
	"time"

	"github.com/carrel-dev/carrel/harness"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

func TestLoad_look(t *testing.T) {
	t.Parallel()
	var l load
	began := time.Now()
	if _, ok := l.look(time.Hour, began); ok {
		t.Error("the first look tells something")
	}
	steps := []struct {
		after, used time.Duration
		want        float64
	}{{10 * time.Second, time.Hour + 10*time.Second, 1}, {20 * time.Second, time.Hour + 10*time.Second, 0}, {30 * time.Second, time.Hour + 15*time.Second, 0.5}}
	for _, s := range steps {
		if got, ok := l.look(s.used, began.Add(s.after)); !ok || got != s.want {
			t.Errorf("after %v: %v CPUs, %v, want %v", s.after, got, ok, s.want)
		}
	}
}

// TestRunner_curb: a program that keeps a CPU busy gets what is left over; a check of the same learner
// does not suffer for it.
func TestRunner_curb(t *testing.T) {
	t.Parallel()
	r := testRunner(t, "curb")
	s, quiet := openShell(t, r), openShell(t, r)
	weight := func(s *session) int64 {
		t.Helper()
		found, err := r.engine.api.ContainerInspect(t.Context(), s.current.id)
		if err != nil {
			t.Fatal(err)
		}
		return found.HostConfig.CPUShares
	}
	ctx, stop := context.WithCancel(t.Context())
	ended, running := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = s.Run(ctx, harness.Command{
			Argv: []string{"sh", "-c", "echo on; while :; do :; done"}, Limits: harness.Limits{CPU: time.Minute, Wall: time.Minute},
			Output: func(int, string) { close(running) },
		})
	}()
	<-running
	if _, err := quiet.Run(t.Context(), harness.Command{Argv: []string{"true"}}); err != nil {
		t.Error(err)
	}
	l := &s.current.load
	curb := func() {
		r.curb(t.Context())
		l.mu.Lock()
		l.used -= time.Hour // on a busy computer a loop may get little
		l.mu.Unlock()
		r.curb(t.Context())
	}
	for range 5 { // the Runner looks, too, and may come in between
		if curb(); weight(s) == leftoverWeight {
			break
		}
	}
	if got := weight(s); got != leftoverWeight {
		t.Errorf("an endless loop weighs %d", got)
	}
	if got := weight(quiet); got == leftoverWeight {
		t.Error("a container at rest became light")
	}
	check := &harnessv1.Run{Check: true}
	l.begins(t.Context(), s.current, check)
	curb()
	if got := weight(s); got != fullWeight {
		t.Errorf("a check weighs %d", got)
	}
	l.ended(check, nil)
	passes(t, s)
	stop()
	<-ended
	for _, s := range []*session{s, quiet} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
