package docker

import (
	"context"
	"fmt"

	"github.com/containerd/errdefs"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent"
	"github.com/carrel-dev/carrel/lesson"
)

// Pack tells how an environment is used, and what it is.
type Pack struct {
	images.Pack
	// Digest names the environment on every machine: the recipe's digest, or a foreign image's name
	// with its digest.
	Digest string
}

// image is an environment that is present on the engine.
type image struct {
	ref  string
	pack Pack
	env  []string // the image's own

	services []serviceImage // what runs beside it
}

// harnessDigest names what turns files into a verdict beside the environment.
func (i image) harnessDigest() string {
	return harness.DigestOf(struct {
		Level int
		Pack  images.Pack
	}{agent.Level, i.pack.Pack})
}

// Environment returns the language pack of an environment that is present. Errors are faults: NotFound
// when it is missing, Unavailable without an engine.
func (r *Runner) Environment(ctx context.Context, env lesson.Environment) (Pack, error) {
	engine, err := r.connect(ctx)
	if err != nil {
		return Pack{}, err
	}
	i, err := r.image(ctx, engine, env)
	return i.pack, err
}

// Missing reports whether an environment has to be prepared first. It is false when that is not
// known, without an engine for example.
func (r *Runner) Missing(ctx context.Context, env lesson.Environment) bool {
	_, err := r.Environment(ctx, env)
	return fault.KindOf(err) == fault.NotFound
}

func (r *Runner) image(ctx context.Context, engine *connected, env lesson.Environment) (image, error) {
	ref, digest := env.Image, env.Image
	if ref == "" {
		recipe, ok := images.Lookup(env.Name)
		if !ok {
			return image{}, fault.New(fault.NotFound, fmt.Sprintf("This version of Carrel does not know the environment %q.", env.Name),
				"Update Carrel, or ask the author of the lesson.")
		}
		ref, digest = recipe.Ref(), string(recipe.Digest())
	}
	found, err := engine.api.ImageInspect(ctx, ref)
	if errdefs.IsNotFound(err) {
		return image{}, errMissing(env)
	}
	if err != nil {
		return image{}, infrastructure(err)
	}
	i := image{ref: ref, pack: Pack{Digest: digest}}
	if found.Config == nil {
		return i, nil
	}
	i.env = found.Config.Env
	label := found.Config.Labels[images.LabelPack]
	if label == "" {
		return i, nil
	}
	if i.pack.Pack, err = images.ParsePack(label); err != nil {
		return image{}, fault.Wrap(err, fault.Invalid, fmt.Sprintf("The environment %q is damaged.", ref), "Prepare it again.")
	}
	return i, nil
}
