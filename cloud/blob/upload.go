package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Part is a piece of a blob on its way in.
type Part struct {
	Digest     lesson.Digest
	Offset     int64
	TotalBytes int64
	Data       []byte
}

// WritePart stores a piece and returns how many bytes from the start are there; the blob exists when
// that is all of them. A piece that does not continue what is there is not stored: the answer tells where
// to go on, so an upload resumes by sending any piece. Uploaders, named by any word without slashes,
// cannot disturb each other.
func (s *Store) WritePart(ctx context.Context, uploader string, part Part) (received int64, err error) {
	if err := part.check(); err != nil {
		return 0, err
	}
	if found, err := s.bucket.Exists(ctx, key(part.Digest)); err != nil {
		return 0, failure(err, "looking for a blob")
	} else if found {
		return part.TotalBytes, nil
	}
	prefix := "uploads/" + uploader + "/" + strings.TrimPrefix(string(part.Digest), "sha256:") + "/"
	parts, received, err := s.parts(ctx, prefix)
	if err != nil {
		return 0, err
	}
	if part.Offset == received && len(part.Data) > 0 {
		name := prefix + fmt.Sprintf("%020d", part.Offset)
		if err := s.bucket.WriteAll(ctx, name, part.Data, nil); err != nil {
			return 0, failure(err, "storing a part")
		}
		parts = append(parts, name)
		received += int64(len(part.Data))
	}
	if received < part.TotalBytes {
		return received, nil
	}
	err = s.store(ctx, part.Digest, &joined{ctx: ctx, bucket: s.bucket, names: parts})
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return 0, err // the parts are good; the next try finds them
	}
	return received, errors.Join(err, s.drop(ctx, parts))
}

func (p Part) check() error {
	if err := check(p.Digest); err != nil {
		return err
	}
	end := p.Offset + int64(len(p.Data))
	switch {
	case len(p.Data) > MaxPartBytes:
		return fault.New(fault.Invalid, "This piece is too large.", "Send at most 1 MiB at a time.")
	case p.TotalBytes > MaxBytes:
		return fault.New(fault.Exhausted, "This file is too large for a course.", "A single file may have 256 MiB.")
	case p.Offset < 0 || p.TotalBytes < 0 || end > p.TotalBytes:
		return fault.New(fault.Invalid, "This piece does not fit into the whole.", "Upload it again from the start.")
	}
	return nil
}

// parts returns the pieces that follow each other from the start, and how many bytes they have.
func (s *Store) parts(ctx context.Context, prefix string) (names []string, received int64, err error) {
	list := s.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return names, received, nil
		}
		if err != nil {
			return nil, 0, failure(err, "listing parts")
		}
		offset, err := strconv.ParseInt(strings.TrimPrefix(object.Key, prefix), 10, 64)
		if err != nil || offset != received {
			continue // a piece that two uploads at once left behind; sweeping takes it
		}
		names, received = append(names, object.Key), received+object.Size
	}
}

func (s *Store) drop(ctx context.Context, names []string) error {
	for _, name := range names {
		// Another request that finished the same upload may have been faster.
		if err := s.bucket.Delete(ctx, name); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return failure(err, "removing a part")
		}
	}
	return nil
}

// Sweep removes the pieces of uploads that nobody has continued since before.
func (s *Store) Sweep(ctx context.Context, before time.Time) error {
	list := s.bucket.List(&blob.ListOptions{Prefix: "uploads/"})
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return failure(err, "listing uploads")
		}
		if object.ModTime.Before(before) {
			if err := s.drop(ctx, []string{object.Key}); err != nil {
				return err
			}
		}
	}
}

// joined reads objects one after the other; memory holds one piece at a time.
type joined struct {
	ctx    context.Context //nolint:containedctx // io.Reader has no place for it
	bucket *blob.Bucket
	names  []string
	piece  []byte
}

// Read implements io.Reader.
func (j *joined) Read(p []byte) (int, error) {
	for len(j.piece) == 0 {
		if len(j.names) == 0 {
			return 0, io.EOF
		}
		piece, err := j.bucket.ReadAll(j.ctx, j.names[0])
		if err != nil {
			return 0, err
		}
		j.piece, j.names = piece, j.names[1:]
	}
	n := copy(p, j.piece)
	j.piece = j.piece[n:]
	return n, nil
}
