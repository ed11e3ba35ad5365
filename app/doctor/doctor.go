// Package doctor looks at what Carrel needs on this computer and says, for each thing, whether it is as
// it should be and what to do when it is not.
package doctor

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/app/atomicfile"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Finding is one thing that was looked at.
type Finding struct {
	Subject string
	OK      bool
	Message string
	Hint    string // empty when OK
}

// Engine is this computer's Docker.
type Engine interface {
	// Describe returns the engine in words, such as "Docker 28.5 with 4 CPUs and 8 GB, at unix:///run/docker.sock".
	Describe(ctx context.Context) (string, error)
	// Isolation opens a container, tries what must not be possible in it, and returns in words what keeps
	// exercises apart from the computer; else a fault that says what to change.
	Isolation(ctx context.Context) (string, error)
	// Present returns nil when the environment is on this computer, else a fault that says how to get it.
	Present(ctx context.Context, environment lesson.Environment) error
}

// Doctor is safe for concurrent use.
type Doctor struct {
	// Dir is the state folder.
	Dir    string
	Engine Engine
	// Environments are those the courses on this computer need.
	Environments func() []lesson.Environment
	// ServerURL is the address of the cloud.
	ServerURL func() (string, error)
	// Transport asks the cloud; nil is the default.
	Transport http.RoundTripper
}

const (
	patience  = 15 * time.Second // a container on a busy computer
	minFree   = 2 << 30          // an environment's image and some room for it to work in
	maxSkew   = 5 * time.Minute
	probeFile = "doctor.probe"
)

// Diagnose looks at everything, at once, and returns what it found in order of importance. It takes at
// most a quarter of a minute, whatever hangs.
func (d *Doctor) Diagnose(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	looks := []func(context.Context) []Finding{d.docker, d.folder, d.disk, d.cloud}
	found := make([][]Finding, len(looks))
	var wg sync.WaitGroup
	for i, look := range looks {
		wg.Go(func() { found[i] = look(ctx) })
	}
	wg.Wait()
	var out []Finding
	for _, f := range found {
		out = append(out, f...)
	}
	return out
}

func good(subject, message string) Finding {
	return Finding{Subject: subject, OK: true, Message: message}
}

func bad(subject string, err error) Finding {
	message, hint := fault.Sentence(err)
	return Finding{Subject: subject, Message: message, Hint: hint}
}

func (d *Doctor) docker(ctx context.Context) []Finding {
	words, err := d.Engine.Describe(ctx)
	if err != nil {
		return []Finding{bad("Docker", err)}
	}
	out := []Finding{good("Docker", words+" answers.")}
	if kept, err := d.Engine.Isolation(ctx); err != nil {
		out = append(out, bad("Isolation", err))
	} else {
		out = append(out, good("Isolation", kept))
	}
	for _, env := range d.Environments() {
		name := env.Name
		if name == "" {
			name = env.Image
		}
		subject := "Environment " + name
		if err := d.Engine.Present(ctx, env); err != nil {
			out = append(out, bad(subject, err))
		} else {
			out = append(out, good(subject, "It is on this computer."))
		}
	}
	return out
}

func (d *Doctor) folder(context.Context) []Finding {
	const subject = "State folder"
	root, err := os.OpenRoot(d.Dir)
	if err == nil {
		defer func() { _ = root.Close() }()
		if err = atomicfile.Write(root, ".", probeFile, []byte("probe\n"), 0o600); err == nil {
			err = root.Remove(probeFile)
		}
	}
	if err != nil {
		return []Finding{bad(subject, fault.Wrap(err, fault.Unavailable, "Carrel cannot write to "+d.Dir+".",
			"Check that the folder is yours and that the disk is not full."))}
	}
	return []Finding{good(subject, d.Dir+" can be written to.")}
}

func (d *Doctor) disk(context.Context) []Finding {
	const subject = "Disk"
	free, err := freeBytes(d.Dir)
	if err != nil {
		return nil // some network drives do not tell; the folder was tried above
	}
	words := fmt.Sprintf("%.1f GB are free.", float64(free)/1e9)
	if free < minFree {
		return []Finding{{Subject: subject, Message: words, Hint: "Make room: environments of exercises take a few hundred MB each."}}
	}
	return []Finding{good(subject, words)}
}
