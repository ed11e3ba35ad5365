package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/containerd/errdefs"
	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"

	"github.com/carrel-dev/carrel/harness/agent"
)

// The agent's place in every container.
const (
	agentFolder = "/carrel"
	agentFile   = "agent"
	readyFile   = "ready" // written last: a volume without it was not filled to the end
	agentPath   = agentFolder + "/" + agentFile
)

// labelAgent says what a volume holds.
const labelAgent = "dev.carrel.agent"

// volumePrefix starts the names of our volumes. They are found by it and not by their label, which a
// volume that an engine or an older Carrel made may lack.
const volumePrefix = "carrel-agent-"

func volumeName(program []byte) string {
	sum := sha256.Sum256(program)
	return volumePrefix + hex.EncodeToString(sum[:6])
}

// fillVolume makes sure that the volume holds the agent. It may be interrupted, and run twice at the
// same time: the same bytes are written, and files are replaced, not changed, so that a running agent
// keeps its own. The image only serves to make a container whose volume can be written to; it is
// never started.
func (r *Runner) fillVolume(ctx context.Context, e *connected, imageRef string) (err error) {
	_, err = e.api.VolumeCreate(ctx, volume.CreateOptions{Name: e.volume, Labels: r.volumeLabels(e.volume)})
	if err != nil {
		return fmt.Errorf("creating the agent's volume: %w", err)
	}
	name := r.ledger.name()
	defer r.ledger.forget(name)
	made, err := e.create(ctx,
		&containertypes.Config{Image: imageRef, Entrypoint: []string{agentPath}, Labels: r.labels()},
		&containertypes.HostConfig{NetworkMode: "none", Mounts: []mount.Mount{r.agentMount(e.volume, false)}}, name)
	if err != nil {
		return fmt.Errorf("creating a container for the agent's volume: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
		defer cancel()
		err = errors.Join(err, e.api.ContainerRemove(ctx, made, containertypes.RemoveOptions{Force: true}))
	}()
	_, err = e.api.ContainerStatPath(ctx, made, agentFolder+"/"+readyFile)
	if err == nil {
		return nil
	}
	if !errdefs.IsNotFound(err) {
		return fmt.Errorf("looking into the agent's volume: %w", err)
	}
	for _, f := range []struct {
		name string
		data []byte
		link string
	}{{agentFile, e.agent, ""}, {agent.LearnerProgram, nil, agentFile}, {readyFile, nil, ""}} {
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o755, Size: int64(len(f.data)), ModTime: time.Unix(0, 0)}
		if f.link != "" {
			header.Typeflag, header.Linkname = tar.TypeLink, f.link
		}
		if err := errors.Join(w.WriteHeader(header), write(w, f.data), w.Close()); err != nil {
			return err
		}
		if err := e.api.CopyToContainer(ctx, made, agentFolder, &archive, containertypes.CopyToContainerOptions{}); err != nil {
			return fmt.Errorf("filling the agent's volume: %w", err)
		}
	}
	return nil
}

func write(w *tar.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}

// volumeLabels are those of the agent's volume, which an engine makes as well when a container names
// one that is not there.
func (r *Runner) volumeLabels(name string) map[string]string {
	labels := r.labels()
	labels[labelAgent] = name
	return labels
}

func (r *Runner) agentMount(name string, readOnly bool) mount.Mount {
	return mount.Mount{
		Type: mount.TypeVolume, Source: name, Target: agentFolder, ReadOnly: readOnly,
		VolumeOptions: &mount.VolumeOptions{NoCopy: true, Labels: r.volumeLabels(name)},
	}
}
