// Package bundle turns course folders into bundles and back. A bundle is one immutable version of a
// course, named by the digest of its manifest: an OCI image manifest, a config blob with the course's
// metadata, one layer with the course's own files and one per lesson. The same folder gives the same
// digest, and a lesson that did not change keeps its layer, so that an update fetches little.
package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// The media types of a bundle, version 1.
const (
	ArtifactType = "application/vnd.carrel.course.v1"
	ConfigType   = "application/vnd.carrel.course.config.v1+json"
	LayerType    = "application/vnd.carrel.course.layer.v1.tar+zstd"
)

// The annotations of layers.
const (
	annotationLesson  = "dev.carrel.lesson.id"
	annotationVersion = "dev.carrel.lesson.version"
)

// Bundle is a packed course. It is immutable.
type Bundle struct {
	Digest   lesson.Digest // of Manifest
	Manifest []byte
	Blobs    map[lesson.Digest][]byte
}

// Fetch returns one of the bundle's blobs; it has the form that Open wants.
func (b *Bundle) Fetch(_ context.Context, d lesson.Digest) ([]byte, error) {
	if blob, ok := b.Blobs[d]; ok {
		return blob, nil
	}
	return nil, fault.New(fault.NotFound, "A part of the course is missing.", "Download the course again.")
}

// Size returns the bytes of manifest and blobs together.
func (b *Bundle) Size() int64 {
	n := int64(len(b.Manifest))
	for _, blob := range b.Blobs {
		n += int64(len(blob))
	}
	return n
}

// Pack makes a bundle of a course folder. A course with problems is not packed: the error is then the
// *lesson.InvalidError of lesson.Load.
func Pack(fsys fs.FS) (*Bundle, error) {
	files, err := lesson.ReadFolder(fsys)
	if err != nil {
		return nil, err
	}
	course, err := lesson.Load(files.FS())
	if err != nil {
		return nil, err
	}
	encoder, err := newEncoder()
	if err != nil {
		return nil, err
	}
	defer encoder.Close() //nolint:errcheck // it has no stream to flush
	b := &Bundle{Blobs: map[lesson.Digest][]byte{}}
	manifest := oci.Manifest{
		Versioned:    specs.Versioned{SchemaVersion: 2},
		MediaType:    oci.MediaTypeImageManifest,
		ArtifactType: ArtifactType,
	}
	own := lesson.Files{}
	for p, file := range files {
		if !strings.HasPrefix(p, "lessons/") {
			own[p] = file
		}
	}
	layer, err := b.addLayer(encoder, own)
	if err != nil {
		return nil, err
	}
	layer.Annotations = map[string]string{oci.AnnotationTitle: courseTitle}
	manifest.Layers = append(manifest.Layers, layer)
	metadata := metadataOf(course)
	for i, l := range course.Lessons {
		dir := lessonTitle(l.Slug)
		lessonFiles := lesson.Files{}
		for p, file := range files.Below(dir) {
			lessonFiles[dir+"/"+p] = file
		}
		layer, err := b.addLayer(encoder, lessonFiles)
		if err != nil {
			return nil, err
		}
		layer.Annotations = map[string]string{oci.AnnotationTitle: dir, annotationLesson: l.ID.String(), annotationVersion: string(l.Version)}
		manifest.Layers = append(manifest.Layers, layer)
		metadata.Lessons[i].SizeBytes = layer.Size
	}
	config, err := json.Marshal(metadata)
	if err != nil {
		return nil, fmt.Errorf("encoding the metadata of course %s: %w", course.ID, err)
	}
	manifest.Config = b.put(ConfigType, config)
	if b.Manifest, err = json.Marshal(manifest); err != nil {
		return nil, fmt.Errorf("encoding the manifest of course %s: %w", course.ID, err)
	}
	b.Digest = lesson.DigestOf(b.Manifest)
	return b, nil
}

// courseTitle names the layer with the course's own files.
const courseTitle = "course"

// lessonTitle names a lesson's layer, and the folder of its files.
func lessonTitle(slug string) string { return "lessons/" + slug }

func (b *Bundle) addLayer(encoder *zstd.Encoder, files lesson.Files) (oci.Descriptor, error) {
	blob, err := compress(encoder, files)
	if err != nil {
		return oci.Descriptor{}, err
	}
	return b.put(LayerType, blob), nil
}

func (b *Bundle) put(mediaType string, blob []byte) oci.Descriptor {
	d := lesson.DigestOf(blob)
	b.Blobs[d] = blob
	return oci.Descriptor{MediaType: mediaType, Digest: digest.Digest(d), Size: int64(len(blob))}
}
