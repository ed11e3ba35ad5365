package catalog

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/bundle"
)

// Blobs keeps the parts of bundles. Errors are faults: NotFound for a blob that is not there.
type Blobs interface {
	// ReadAll returns a blob, whose digest it has checked.
	ReadAll(ctx context.Context, digest lesson.Digest) ([]byte, error)
	// Write stores a blob and returns its digest. Writing twice is writing once.
	Write(ctx context.Context, data []byte) (lesson.Digest, error)
}

// Service publishes and finds courses. It is safe for concurrent use.
type Service struct {
	store  Store
	blobs  Blobs
	loaded *shelf
}

// NewService returns a service.
func NewService(store Store, blobs Blobs) *Service {
	return &Service{store: store, blobs: blobs, loaded: newShelf()}
}

// Publish makes an uploaded bundle the newest version of its course. The whole bundle is read and its
// course loaded first: what does not load here would not load for a learner. Publishing twice is
// publishing once.
func (s *Service) Publish(ctx context.Context, publisher uuid.UUID, digest lesson.Digest) (Summary, error) {
	course, size, err := s.open(ctx, digest)
	if fault.KindOf(err) == fault.NotFound {
		return Summary{}, fault.Wrap(err, fault.NotFound, "A part of the course has not arrived.", "Upload every part, then publish again.")
	}
	if err != nil {
		return Summary{}, err
	}
	summary := summarise(course, digest, size)
	return summary, s.store.Publish(ctx, publisher, summary)
}

// PublishFolder packs a course folder and publishes it in the name of the server. It does not replace a
// version that an author published.
func (s *Service) PublishFolder(ctx context.Context, fsys fs.FS) (Summary, error) {
	packed, err := bundle.Pack(fsys)
	if err != nil {
		return Summary{}, err
	}
	for _, blob := range packed.Blobs {
		if _, err := s.blobs.Write(ctx, blob); err != nil {
			return Summary{}, err
		}
	}
	digest, err := s.blobs.Write(ctx, packed.Manifest)
	if err != nil {
		return Summary{}, err
	}
	return s.Publish(ctx, uuid.Nil, digest)
}

// LessonVersion returns a version of a lesson that was published at any time, or a NotFound fault. It
// must not be changed.
func (s *Service) LessonVersion(ctx context.Context, id lesson.ID, version lesson.Digest) (*lesson.Lesson, error) {
	digest, err := s.store.BundleOf(ctx, id, version)
	if err != nil {
		return nil, err
	}
	course, err := s.loaded.course(ctx, digest, func(ctx context.Context) (*lesson.Course, error) {
		course, _, err := s.open(ctx, digest)
		return course, err
	})
	if err != nil {
		return nil, err
	}
	found := course.LessonByID(id)
	if found == nil || found.Version != version {
		// The same files may load differently after an update of this program.
		return nil, fault.New(fault.NotFound, "This version of the lesson can no longer be read.", "Publish the course again.")
	}
	return found, nil
}

// open loads the course in a bundle and returns the bundle's size.
func (s *Service) open(ctx context.Context, digest lesson.Digest) (*lesson.Course, int64, error) {
	manifest, err := s.blobs.ReadAll(ctx, digest)
	if err != nil {
		return nil, 0, fmt.Errorf("reading manifest: %w", err)
	}
	size := int64(len(manifest))
	files, err := bundle.Open(ctx, manifest, func(ctx context.Context, digest lesson.Digest) ([]byte, error) {
		part, err := s.blobs.ReadAll(ctx, digest)
		size += int64(len(part))
		return part, err
	})
	if err != nil {
		return nil, 0, err
	}
	course, err := lesson.Load(files.FS())
	return course, size, err
}
