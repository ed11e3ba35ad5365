package checks

import (
	"context"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// Kind is a place where checks run.
type Kind string

// The kinds. The zero value chooses by itself.
const (
	KindAuto   Kind = ""
	KindDocker Kind = "docker"
	KindCloud  Kind = "cloud"
)

// RunnerState tells about one runner. Err is nil when a check can start there now.
type RunnerState struct {
	Kind Kind
	Err  error
}

const (
	// answerFresh is how long an answer of Docker's counts: asking costs a few milliseconds when it
	// runs, and seconds when a remote engine does not.
	answerFresh = 3 * time.Second
	// watchPause is how long it may take until the window notices that Docker was started.
	watchPause = 5 * time.Second
)

// Runners tells where checks can run now, in order of preference.
func (s *Service) Runners(ctx context.Context) []RunnerState {
	return []RunnerState{
		{KindDocker, s.runners.dockerAnswer(ctx)},
		{KindCloud, s.Cloud.Ready()},
	}
}

// runners remembers what Docker answered.
type runners struct {
	docker  Docker
	cloud   Cloud
	changed func()

	mu      sync.Mutex
	asked   time.Time
	answer  error
	told    [2]string // the sentences last told
	hasTold bool
}

// dockerAnswer returns Docker's answer, asking again when the last one is old.
func (r *runners) dockerAnswer(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.IsZero() && time.Since(r.asked) < answerFresh {
		return r.answer
	}
	answer := r.docker.Answer(ctx)
	if ctx.Err() != nil {
		return answer // the asker left; that says nothing about Docker
	}
	r.asked, r.answer = time.Now(), answer
	return answer
}

// watch tells of runners that come and go, until ctx ends.
func (r *runners) watch(ctx context.Context) {
	ticker := time.NewTicker(watchPause)
	defer ticker.Stop()
	for {
		docker := r.dockerAnswer(ctx)
		if ctx.Err() != nil {
			return
		}
		now := [2]string{sentence(docker), sentence(r.cloud.Ready())}
		if r.hasTold && now != r.told {
			r.changed()
		}
		r.told, r.hasTold = now, true
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func sentence(err error) string {
	if err == nil {
		return ""
	}
	message, _ := fault.Sentence(err)
	return message
}
