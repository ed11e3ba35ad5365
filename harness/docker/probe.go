package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/client"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Facts returns the engine that checks run on, or a fault that says what to do. It asks the engine and
// no more, which takes a moment; Probe proves what it says.
func (r *Runner) Facts(ctx context.Context) (Engine, error) {
	api, facts, err := r.options.connect(ctx)
	if err != nil {
		return Engine{}, err
	}
	return facts, api.Close()
}

// Probe returns the engine that checks run on, after it has opened a container on it and let the agent
// try what must not be possible. An engine whose containers are not safe is refused with a fault that
// says what to change. It needs no environment and takes about as long as opening one.
func (r *Runner) Probe(ctx context.Context) (Engine, error) {
	engine, err := r.connect(ctx)
	if err != nil {
		return Engine{}, err
	}
	facts, err := examine(ctx, engine.api, r.options.Runtime) // it may have changed since we connected
	if err != nil {
		return Engine{}, infrastructure(err)
	}
	facts.Host = engine.facts.Host
	ref, err := probeImage(ctx, engine.api, facts.Architecture)
	if err != nil {
		return Engine{}, infrastructure(err)
	}
	spec := harness.Spec{Environment: lesson.Environment{Image: ref}, Limits: harness.DefaultLimits(), Owner: "probe", Fresh: true}
	c, err := r.start(ctx, spec, image{ref: ref})
	if refused := (*unfitError)(nil); err != nil && !errors.As(err, &refused) && ctx.Err() == nil && !client.IsErrConnectionFailed(err) {
		err = fault.Wrap(err, fault.Unavailable, "This Docker could not run a container for a trial.", "Restart Docker. If it happens again, look at its log.")
	}
	if err != nil {
		return Engine{}, err
	}
	facts.Protections = c.protections
	return facts, c.remove()
}

// probeImage returns an image with nothing in it: the agent comes on its volume. It is made when it is
// missing, the same to the byte everywhere, and stays.
func probeImage(ctx context.Context, api *client.Client, arch string) (string, error) {
	layer := make([]byte, 2*512) // an empty tar
	sum := sha256.Sum256(layer)
	config, err := json.Marshal(map[string]any{
		"architecture": arch, "os": "linux", "created": time.Unix(0, 0).UTC(), "config": map[string]any{},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(sum[:])}},
	})
	if err != nil {
		return "", err
	}
	ref := "carrel/probe:" + arch
	if _, err := api.ImageInspect(ctx, ref); err == nil || !errdefs.IsNotFound(err) {
		return ref, err
	}
	manifest, err := json.Marshal([]map[string]any{{"Config": "config.json", "RepoTags": []string{ref}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return "", err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, f := range []struct {
		name string
		data []byte
	}{{"layer.tar", layer}, {"config.json", config}, {"manifest.json", manifest}} {
		if err := errors.Join(w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: int64(len(f.data))}), write(w, f.data)); err != nil {
			return "", err
		}
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	loaded, err := api.ImageLoad(ctx, &archive, client.ImageLoadWithQuiet(true))
	if err != nil {
		return "", fmt.Errorf("loading the image for probes: %w", err)
	}
	said, err := io.ReadAll(io.LimitReader(loaded.Body, 4<<10))
	if err := errors.Join(err, loaded.Body.Close()); err != nil {
		return "", fmt.Errorf("loading the image for probes: %w", err)
	}
	if _, err := api.ImageInspect(ctx, ref); err != nil {
		return "", fmt.Errorf("loading the image for probes: %w: %s", err, said)
	}
	return ref, nil
}
