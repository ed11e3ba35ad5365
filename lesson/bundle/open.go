package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/folder"
)

// The caps on what a bundle may claim before anything of it is fetched.
const (
	maxManifestBytes = 8 << 20
	maxConfigBytes   = 8 << 20
	maxLayers        = 10_000
)

// Fetch returns the blob with this digest. Open proves that it got what it asked for.
type Fetch func(ctx context.Context, digest lesson.Digest) ([]byte, error)

// Blob is a part of a bundle.
type Blob struct {
	Digest lesson.Digest
	Size   int64
}

// Blobs returns what a manifest consists of, the config first, so that a download knows its size and
// what it has already.
func Blobs(manifest []byte) ([]Blob, error) {
	m, err := readManifest(manifest)
	if err != nil {
		return nil, err
	}
	out := []Blob{{lesson.Digest(m.Config.Digest), m.Config.Size}}
	for _, layer := range m.Layers {
		out = append(out, Blob{lesson.Digest(layer.Digest), layer.Size})
	}
	return out, nil
}

// Open fetches a bundle and returns the course folder in it. Errors of fetch are returned wrapped; a
// bundle that is damaged, forged or dangerous is a fault of kind Invalid.
func Open(ctx context.Context, manifest []byte, fetch Fetch) (lesson.Files, error) {
	m, err := readManifest(manifest)
	if err != nil {
		return nil, err
	}
	config, err := get(ctx, m.Config, fetch)
	if err != nil {
		return nil, err
	}
	if _, err := decodeMetadata(config); err != nil {
		return nil, err
	}
	out := lesson.Files{}
	left := budget{bytes: lesson.MaxCourseBytes, files: lesson.MaxCourseFiles}
	for _, layer := range m.Layers {
		blob, err := get(ctx, layer, fetch)
		if err != nil {
			return nil, err
		}
		files, err := decompress(blob, &left)
		if err != nil {
			return nil, err
		}
		if err := merge(out, files, layer.Annotations[oci.AnnotationTitle]); err != nil {
			return nil, err
		}
	}
	if err := lesson.CheckPaths(out.Paths()); err != nil {
		return nil, dangerous(err)
	}
	return out, nil
}

// Unpack fetches a bundle and makes dir the course folder in it: whole, or not at all.
func Unpack(ctx context.Context, manifest []byte, fetch Fetch, dir string) error {
	files, err := Open(ctx, manifest, fetch)
	if err != nil {
		return err
	}
	return folder.Write(ctx, dir, files)
}

// merge adds a layer's files. A layer may hold only what its title says, so that none can replace
// another's files.
func merge(out, files lesson.Files, title string) error {
	for p, file := range files {
		own := strings.HasPrefix(p, title+"/")
		if title == courseTitle {
			own = !strings.HasPrefix(p, "lessons/")
		}
		if !own {
			return dangerous(fmt.Errorf("layer %q holds %q", title, p))
		}
		if _, twice := out[p]; twice {
			return dangerous(fmt.Errorf("%q is there twice", p))
		}
		out[p] = file
	}
	return nil
}

func get(ctx context.Context, want oci.Descriptor, fetch Fetch) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("reading the bundle: %w", err)
	}
	blob, err := fetch(ctx, lesson.Digest(want.Digest))
	if err != nil {
		return nil, fmt.Errorf("fetching a part of the bundle: %w", err)
	}
	return blob, verify(want, blob)
}

func verify(want oci.Descriptor, blob []byte) error {
	if int64(len(blob)) != want.Size || lesson.DigestOf(blob) != lesson.Digest(want.Digest) {
		return damaged(fmt.Errorf("%d bytes do not match %s of %d bytes", len(blob), want.Digest, want.Size))
	}
	return nil
}

func readManifest(data []byte) (*oci.Manifest, error) {
	if len(data) > maxManifestBytes {
		return nil, dangerous(errors.New("manifest too large"))
	}
	var m oci.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, damaged(err)
	}
	switch {
	case m.SchemaVersion != 2 || m.MediaType != oci.MediaTypeImageManifest:
		return nil, fault.New(fault.Invalid, "This is not a course.", "Choose a file that was made with \"carrel course pack\".")
	case m.ArtifactType != ArtifactType || m.Config.MediaType != ConfigType:
		if strings.HasPrefix(m.ArtifactType, "application/vnd.carrel.course.") {
			return nil, tooNew()
		}
		return nil, fault.New(fault.Invalid, "This is not a course.", "Choose a file that was made with \"carrel course pack\".")
	case len(m.Layers) == 0 || len(m.Layers) > maxLayers:
		return nil, damaged(fmt.Errorf("%d layers", len(m.Layers)))
	}
	if m.Config.Size < 0 || m.Config.Size > maxConfigBytes || !lesson.Digest(m.Config.Digest).Valid() {
		return nil, damaged(errors.New("impossible config"))
	}
	var total int64
	for _, layer := range m.Layers {
		if layer.MediaType != LayerType {
			return nil, tooNew()
		}
		if layer.Size < 0 || layer.Size > lesson.MaxCourseBytes || !lesson.Digest(layer.Digest).Valid() {
			return nil, damaged(errors.New("impossible layer"))
		}
		if total += layer.Size; total > lesson.MaxCourseBytes {
			return nil, dangerous(errors.New("too many bytes"))
		}
	}
	return &m, nil
}

func damaged(err error) error {
	return fault.Wrap(err, fault.Invalid, "The course file is damaged or was changed on its way.", "Download it again.")
}

func dangerous(err error) error {
	return fault.Wrap(err, fault.Invalid, "The course file holds something that could harm this computer, so it was not opened.",
		"Ask its author for another one.")
}

func tooNew() error {
	return fault.New(fault.Invalid, "The course was made for a newer Carrel.", "Update Carrel, then open the course again.")
}
