package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/spread"
)

// parseEngine reads a value of --engine: an address as in DOCKER_HOST and, after commas, where its
// certificates are and what runs its containers, as in tcp://10.0.0.2:2376,certs=/etc/carrel/engine,runtime=runsc.
func parseEngine(value string) (docker.Options, error) {
	host, rest, _ := strings.Cut(value, ",")
	o := docker.Options{Host: host}
	if !strings.Contains(host, "://") {
		return o, usageError{fmt.Sprintf("--engine %q is no address such as unix:///var/run/docker.sock, tcp://10.0.0.2:2376 or ssh://carrel@host.", host)}
	}
	for setting := range strings.SplitSeq(rest, ",") {
		name, text, _ := strings.Cut(setting, "=")
		switch {
		case setting == "":
		case name == "certs" && text != "":
			o.TLS = docker.TLSIn(text)
		case name == "ssh-config" && text != "":
			o.SSHConfig = text
		case name == "runtime" && text != "":
			o.Runtime = text
		default:
			return o, usageError{fmt.Sprintf("--engine knows certs=, runtime= and ssh-config=, but not %q.", setting)}
		}
	}
	return o, nil
}

// engine is a container engine that checks run on.
type engine struct {
	name string // for the log
	*docker.Runner
}

// engines are those of --engine, or the one that is found on this computer. To the evaluator they are
// one Runner.
type engines struct {
	all    []engine
	runner harness.Runner // the only one, or all as one
	close  func() error
	baking atomic.Int64 // engines whose environments are not complete yet
}

func (n *node) openEngines() (*engines, error) {
	options := []docker.Options{{Parallel: n.options.jobs}}
	if len(n.options.engines) > 0 {
		options = nil
	}
	for _, value := range n.options.engines {
		o, err := parseEngine(value)
		if err != nil {
			return nil, err
		}
		if len(n.options.engines) == 1 {
			o.Parallel = n.options.jobs
		} else {
			o.Patience = -1 // there are others
		}
		options = append(options, o)
	}
	e := &engines{}
	var members []spread.Engine
	for _, o := range options {
		o.Name, o.MaxIdle, o.Agent, o.Log = "cloud", -1, n.options.agent, n.logger
		r := docker.New(o)
		e.all = append(e.all, engine{o.Host, r})
		members = append(members, spread.Engine{Name: o.Host, Runner: r, Probe: func(ctx context.Context) error {
			_, err := r.Probe(ctx)
			return err
		}})
	}
	if len(members) == 1 {
		e.runner, e.close = e.all[0].Runner, e.all[0].Close
		return e, nil
	}
	over := spread.New(members, n.logger)
	e.runner = over
	e.close = func() error {
		errs := []error{over.Close()}
		for _, r := range e.all {
			errs = append(errs, r.Close())
		}
		return errors.Join(errs...)
	}
	return e, nil
}

// prepare returns when checks can run on one of the engines, false when ctx ended first. The others are
// prepared, and environments made on all of them, meanwhile and longer, until wait returns.
func (e *engines) prepare(ctx context.Context, n *node) (ready bool, wait func()) {
	var preparing sync.WaitGroup
	one := make(chan struct{}, len(e.all))
	e.baking.Store(int64(len(e.all)))
	for _, engine := range e.all {
		preparing.Go(func() {
			defer e.baking.Add(-1)
			if n.waitForEngine(ctx, engine) {
				one <- struct{}{}
				n.bake(ctx, engine)
			}
		})
	}
	select {
	case <-one:
		return true, preparing.Wait
	case <-ctx.Done():
		return false, preparing.Wait
	}
}

// Open implements harness.Runner. While environments are being made, checks that need a missing one
// wait in the queue.
func (e *engines) Open(ctx context.Context, spec harness.Spec) (harness.Session, error) {
	session, err := e.runner.Open(ctx, spec)
	if fault.KindOf(err) == fault.NotFound && e.baking.Load() > 0 {
		return nil, fault.Wrap(err, fault.Unavailable, "The environment of this exercise is still being made.", "Wait a few minutes.")
	}
	return session, err
}

// waitForEngine returns when an engine is there and was found to be safe, false when ctx ended first.
func (n *node) waitForEngine(ctx context.Context, e engine) bool {
	for told := false; ; told = true {
		facts, err := e.Probe(ctx)
		if err == nil {
			n.logger.Info("container engine ready", "engine", facts.Host, "version", facts.Version, "runtime", facts.Runtime, "cpus", facts.CPUs,
				"rootless", facts.Rootless, "user_namespaces", facts.UserNamespaces, "protections", facts.Protections)
			return true
		}
		if !told && ctx.Err() == nil {
			message, hint := fault.Sentence(err)
			n.logger.Warn("checks wait for a container engine", "engine", e.name, "message", message, "hint", hint, "error", err)
		}
		if !pause(ctx, engineProbe) {
			return false
		}
	}
}

// bake makes the environments that ship with Carrel where the engine lacks them. What cannot be made is
// no reason to stand still: other lessons' checks run, and its own say what is missing.
func (n *node) bake(ctx context.Context, e engine) {
	baker := docker.NewBaker(e.Runner, func(environment, line string) {
		n.logger.Debug("baking", "environment", environment, "line", line)
	})
	for _, name := range images.Names() {
		if err := baker.Bake(ctx, name); err != nil && ctx.Err() == nil {
			message, hint := fault.Sentence(err)
			n.logger.Warn("an environment could not be made", "environment", name, "engine", e.name, "message", message, "hint", hint, "error", err)
		}
	}
}
