package docker

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// services are those of one container. The zero value has none.
type services []*service

// startServices starts a container's services, all at once.
func (r *Runner) startServices(ctx context.Context, c *container, list []serviceImage) (services, error) {
	started := make(services, len(list))
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, image := range list {
		all.Go(func() { started[i], errs[i] = r.startService(ctx, c, image) })
	}
	all.Wait()
	err := errors.Join(errs...)
	if err == nil {
		return started, nil
	}
	for i, s := range started {
		if s != nil && errs[i] == nil {
			err = errors.Join(err, s.remove())
		}
	}
	return nil, err
}

// each does something with every service, all at once.
func (all services) each(do func(*service) error) error {
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	for i, s := range all {
		wait.Go(func() { errs[i] = do(s) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// up starts those that have stopped.
func (all services) up(ctx context.Context) error {
	return all.each(func(s *service) error { return s.up(ctx) })
}

// anew brings what terminals and programs see back to the first state.
func (all services) anew(ctx context.Context) error {
	return all.each(func(s *service) error { return s.anew(ctx) })
}

func (all services) remove() error {
	return all.each((*service).remove)
}

// served runs a check with the container's services in their first state. A check in which a service
// stopped is run again with a new one: only what happens twice is the learner's doing, and then the report
// says so.
func (s *session) served(ctx context.Context, c *container, report *harness.Report, check func() error) error {
	if len(c.services) == 0 {
		return check()
	}
	before := *report
	for attempt := 1; ; attempt++ {
		if err := c.services.each(func(s *service) error { return s.fresh(ctx) }); err != nil {
			return err
		}
		uses := c.services.uses()
		err := check()
		var lost *use
		if err == nil && report.Verdict != harness.Passed {
			lost = firstLost(ctx, uses)
		}
		s.runner.cleanUp(uses)
		if lost == nil {
			return err
		}
		if attempt == 1 {
			s.runner.log.Warn("service stopped during a check, trying again", "service", lost.service.image.Name, "said", lost.life.said.String())
			*report = before
			continue
		}
		lost.tell(report)
		return nil
	}
}

// use is what a check has of a service.
type use struct {
	service *service
	check   int // counted by the service
	life    *serviceRun
}

func (all services) uses() []use {
	var out []use
	for _, s := range all {
		check, life := s.current()
		out = append(out, use{s, check, life})
	}
	return out
}

func firstLost(ctx context.Context, uses []use) *use {
	for i, u := range uses {
		if !u.service.survived(ctx, u.life) {
			return &uses[i]
		}
	}
	return nil
}

// tell makes the report say what the learner's code did to the service.
func (u *use) tell(report *harness.Report) {
	report.Verdict = harness.Crashed
	report.Message = fmt.Sprintf("The service %s stopped while your code used it. It starts again with the next check.", u.service.image.Name)
	if u.life.exit.LimitHit == harness.LimitMemory {
		report.Verdict, report.LimitHit = harness.OutOfMemory, harness.LimitMemory
		report.Message = fmt.Sprintf("The service %s ran out of memory while your code used it. It starts again with the next check.", u.service.image.Name)
	}
}

// cleanUp resets services after a check while nobody waits for them.
func (r *Runner) cleanUp(uses []use) {
	if !r.begin() {
		return
	}
	go func() {
		defer r.work.Done()
		var all sync.WaitGroup
		for _, u := range uses {
			all.Go(func() { u.service.clean(r.stopped, u.check) })
		}
		all.Wait()
	}()
}

// serviceEnv is what the exercise's processes get to find the services.
func (i image) serviceEnv(what string) []string {
	var env []string
	for _, s := range i.services {
		env = append(env, s.clientEnv(what)...)
	}
	return env
}

// environmentDigest names everything the exercise runs in: services count, and what they are seeded with.
func (i image) environmentDigest() string {
	if len(i.services) == 0 {
		return i.pack.Digest
	}
	type served struct {
		Service     lesson.Service
		Environment string
	}
	var list []served
	for _, s := range i.services {
		list = append(list, served{s.Service, s.pack.Digest})
	}
	return harness.DigestOf(struct {
		Environment string
		Services    []served
	}{i.pack.Digest, list})
}

// checkNetwork refuses what cannot be had on this engine.
func checkNetwork(spec harness.Spec, engine Engine) error {
	if len(spec.Services) > 0 && engine.Runtime == "runsc" {
		return fault.New(fault.Unavailable, "This exercise needs services, which this engine cannot connect to it: its runtime, gVisor, gives every container a network of its own.",
			"Run the check on another engine, or without gVisor.")
	}
	return nil
}
