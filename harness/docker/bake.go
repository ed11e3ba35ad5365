package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/filters"
	imagetypes "github.com/docker/docker/api/types/image"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

// Baker makes the environments that ship with Carrel, on the engine of a Runner. What is there
// already is left as it is, so it may be stopped and started again at any time. It is safe for
// concurrent use.
type Baker struct {
	runner  *Runner
	network buildNetwork
	places  chan struct{} // how many images are made at once

	telling sync.Mutex
	told    func(environment, line string)

	mu    sync.Mutex
	locks map[string]*sync.Mutex // one per environment: children wait for the parent that one of them makes
}

// atOnce is how many images are made at a time. Most of a build is one thread's unpacking and waiting
// for a mirror.
const atOnce = 2

// NewBaker returns a Baker. progress is told each step for people, one call at a time; it may be nil.
func NewBaker(r *Runner, progress func(environment, line string)) *Baker {
	if progress == nil {
		progress = func(string, string) {}
	}
	return &Baker{
		runner: r, network: hostNetwork(os.Getenv), places: make(chan struct{}, atOnce), told: progress,
		locks: map[string]*sync.Mutex{},
	}
}

func (b *Baker) progress(environment, line string) {
	b.telling.Lock()
	defer b.telling.Unlock()
	b.told(environment, line)
}

func (b *Baker) lock(name string) *sync.Mutex {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.locks[name] == nil {
		b.locks[name] = &sync.Mutex{}
	}
	return b.locks[name]
}

// rootRef is the bootstrapped root file system that the root recipe builds on without a registry.
const rootRef = "carrel/rootfs:bookworm"

// Bake makes the environment with this name and those it builds on. Errors are faults: NotFound for
// a name nobody knows, Unavailable when something it needs cannot be reached.
func (b *Baker) Bake(ctx context.Context, name string) error {
	engine, err := b.runner.connect(ctx)
	if err != nil {
		return err
	}
	return b.bake(ctx, engine, name)
}

// Baked is an environment that is ready.
type Baked struct {
	Name  string
	Ref   string
	Bytes int64         // with the layers it shares with others
	Took  time.Duration // with the time it waited for its parent; 0 when it was there
}

// BakeAll makes several environments. done is told each that is ready, one call at a time. One that
// cannot be made does not keep the others from it; the error tells of all of them.
func (b *Baker) BakeAll(ctx context.Context, names []string, done func(Baked)) error {
	engine, err := b.runner.connect(ctx)
	if err != nil {
		return err
	}
	errs := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			ready, err := b.timed(ctx, engine, name)
			if errs[i] = err; err != nil {
				return
			}
			b.telling.Lock()
			defer b.telling.Unlock()
			done(ready)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (b *Baker) timed(ctx context.Context, engine *connected, name string) (Baked, error) {
	began := time.Now()
	recipe, known := images.Lookup(name)
	if known {
		if found, err := engine.api.ImageInspect(ctx, recipe.Ref()); err == nil {
			return Baked{Name: name, Ref: recipe.Ref(), Bytes: found.Size}, nil
		}
	}
	if err := b.bake(ctx, engine, name); err != nil {
		return Baked{}, err
	}
	found, err := engine.api.ImageInspect(ctx, recipe.Ref())
	if err != nil {
		return Baked{}, infrastructure(err)
	}
	return Baked{Name: name, Ref: recipe.Ref(), Bytes: found.Size, Took: time.Since(began)}, nil
}

func (b *Baker) bake(ctx context.Context, engine *connected, name string) error {
	recipe, ok := images.Lookup(name)
	if !ok {
		return fault.New(fault.NotFound, fmt.Sprintf("This version of Carrel does not know the environment %q.", name), "Update Carrel.")
	}
	lock := b.lock(name)
	lock.Lock()
	defer lock.Unlock()
	if present, err := b.present(ctx, engine, recipe.Ref()); err != nil || present {
		return err
	}
	arguments := map[string]*string{}
	if recipe.Parent != "" {
		if err := b.bake(ctx, engine, recipe.Parent); err != nil {
			return err
		}
	}
	select {
	case b.places <- struct{}{}:
		defer func() { <-b.places }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if recipe.Parent == "" {
		parent, origin, err := b.root(ctx, engine, name)
		if err != nil {
			return err
		}
		arguments[images.ArgParent], arguments[images.ArgOrigin] = &parent, &origin
	}
	files, err := recipe.Context(b.network.authorities)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "An environment's recipe is damaged.", "Install Carrel again.")
	}
	b.progress(name, "Building "+recipe.Pack().Title)
	err = b.build(ctx, engine, name, recipe.Ref(), files, arguments)
	if left := b.removeStages(ctx, engine, name); err == nil && left != nil {
		b.runner.log.Warn("build stages not removed", "environment", name, "error", left)
	}
	return err
}

// removeStages removes what only the build needed, such as a compiler: it would take more of the disk
// than the image.
func (b *Baker) removeStages(ctx context.Context, engine *connected, name string) error {
	_, err := engine.api.ImagesPrune(ctx, filters.NewArgs(filters.Arg("dangling", "true"), filters.Arg("label", images.LabelStage+"="+name)))
	return err
}

func (b *Baker) present(ctx context.Context, engine *connected, ref string) (bool, error) {
	_, err := engine.api.ImageInspect(ctx, ref)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, infrastructure(err)
	}
	return true, nil
}

// root returns the image the root recipe starts from and how it came about.
func (b *Baker) root(ctx context.Context, engine *connected, name string) (ref, origin string, err error) {
	from := images.RootOrigin()
	bootstrapped := "mmdebstrap bookworm"
	if present, err := b.present(ctx, engine, rootRef); err != nil || present {
		return rootRef, bootstrapped, err
	}
	b.progress(name, "Downloading the base image")
	digest, pullErr := b.pull(ctx, engine, from.Image)
	if pullErr == nil {
		return from.Image, digest, nil
	}
	if ctx.Err() != nil {
		return "", "", context.Cause(ctx)
	}
	b.progress(name, "No image registry answers; making the base from packages")
	if engine.facts.Architecture != runtime.GOARCH {
		return "", "", fault.Wrap(pullErr, fault.Unavailable, "No image registry answers, and this computer cannot make an image for that engine.",
			"Try again with a connection to an image registry.")
	}
	return rootRef, bootstrapped, b.bootstrap(ctx, engine, name, from.Bootstrap, rootRef)
}

// silence is how long a registry may say nothing: one that is blocked often never answers.
const silence = 20 * time.Second

// pull fetches an image and returns its repository digest.
func (b *Baker) pull(ctx context.Context, engine *connected, ref string) (digest string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	stream, err := engine.api.ImagePull(ctx, ref, imagetypes.PullOptions{})
	if err != nil {
		return "", fmt.Errorf("pulling base image: %w", err)
	}
	defer func() { _ = stream.Close() }()
	if err := eachMessage(stream, func(string) { watchdog.Reset(silence) }); err != nil {
		return "", fmt.Errorf("pulling base image: %w", err)
	}
	found, err := engine.api.ImageInspect(ctx, ref)
	if err != nil {
		return "", fmt.Errorf("looking at base image: %w", err)
	}
	if len(found.RepoDigests) == 0 {
		return found.ID, nil
	}
	return found.RepoDigests[0], nil
}

// bootstrap makes a root file system with a command that writes a tar, and imports it.
func (b *Baker) bootstrap(ctx context.Context, engine *connected, name string, argv []string, ref string) error {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "No image registry answers, and mmdebstrap, which could do without one, is not installed.",
			"Connect to the internet, or install mmdebstrap (on Debian: apt-get install mmdebstrap).")
	}
	argv = append([]string{path}, argv[1:]...)
	if os.Geteuid() != 0 {
		if sudo, err := exec.LookPath("sudo"); err == nil {
			argv = append([]string{sudo, "-n"}, argv...)
		}
	}
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var said tailBuffer
	read, write := io.Pipe()
	command.Stdout, command.Stderr = write, &said
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// A command that fails must not leave half an image: the import sees its error.
		_ = write.CloseWithError(command.Run())
	}()
	b.progress(name, "Fetching packages; this takes a minute or two")
	stream, err := engine.api.ImageImport(ctx, imagetypes.ImportSource{Source: read, SourceName: "-"}, ref, imagetypes.ImportOptions{})
	if err == nil {
		err = errors.Join(eachMessage(stream, func(string) {}), stream.Close())
	}
	_ = read.CloseWithError(err)
	<-ended
	if err != nil {
		return fault.Wrap(fmt.Errorf("%w: %s", err, said.String()), fault.Unavailable, "The base of the environments could not be made from packages.",
			"Check the connection to the package mirror and the free disk space, then try again.")
	}
	return nil
}

// build makes an image from a build context.
func (b *Baker) build(ctx context.Context, engine *connected, name, ref string, files []byte, arguments map[string]*string) error {
	// The classic builder: every engine has it, and BuildKit needs a session of its own.
	options := build.ImageBuildOptions{Tags: []string{ref}, BuildArgs: arguments, Remove: true, ForceRemove: true, Version: build.BuilderV1}
	b.network.apply(&options)
	result, err := engine.api.ImageBuild(ctx, bytes.NewReader(files), options)
	var last tailBuffer
	if err == nil {
		err = errors.Join(eachMessage(result.Body, func(line string) {
			_, _ = last.Write([]byte(line + "\n"))
			b.progress(name, line)
		}), result.Body.Close())
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fault.Wrap(fmt.Errorf("%w; the build said: %s", err, last.String()), fault.Unavailable, fmt.Sprintf("The environment %q could not be prepared.", name),
		"Check the connection and the free disk space, then try again.")
}

// eachMessage reads the engine's progress to its end and returns the error it tells.
func eachMessage(from io.Reader, visit func(line string)) error {
	messages := json.NewDecoder(from)
	for {
		var m struct {
			Stream, Status, Error string
		}
		if err := messages.Decode(&m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading the engine's progress: %w", err)
		}
		if m.Error != "" {
			return errors.New(strings.TrimSpace(m.Error))
		}
		if line := strings.TrimSpace(harness.Neutral(m.Stream + m.Status)); line != "" {
			visit(line)
		}
	}
}
