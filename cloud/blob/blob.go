// Package blob keeps immutable contents by their digest in an object store: a folder, memory, or a
// bucket of a cloud. Nothing is stored that does not have its digest. It is the adapter around
// gocloud.dev/blob and knows nothing of courses.
package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

const (
	// MaxPartBytes is the most that travels in one request.
	MaxPartBytes = 1 << 20
	// MaxBytes is the largest blob.
	MaxBytes = 256 << 20
)

// Store is a content-addressed store. It is safe for concurrent use, also by several processes.
type Store struct {
	bucket *blob.Bucket
	// sync makes an object survive a power cut; nil where the bucket promises that itself.
	sync func(key string) error
}

// New returns a store in a bucket, which the caller closes.
func New(bucket *blob.Bucket) *Store { return &Store{bucket: bucket} }

// Memory returns a store that forgets everything with the process.
func Memory() *Store { return New(memblob.OpenBucket(nil)) }

// OpenDirectory returns a store in a folder, which is created when missing.
func OpenDirectory(directory string) (*Store, error) {
	bucket, err := fileblob.OpenBucket(directory, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700,
		// The temporary folder may be on another disk, where renaming would fail.
		NoTempDir: true,
		// Digests are all we need to know about an object.
		Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Denied, "The folder for course bundles cannot be opened: "+directory+".",
			"Check that it is a folder and writable.")
	}
	return &Store{bucket: bucket, sync: func(key string) error {
		path := filepath.Join(directory, filepath.FromSlash(key))
		return syncPaths(path, filepath.Dir(path))
	}}, nil
}

// Close releases the bucket.
func (s *Store) Close() error { return s.bucket.Close() }

// Exists tells whether the blob is stored whole.
func (s *Store) Exists(ctx context.Context, digest lesson.Digest) (bool, error) {
	if err := check(digest); err != nil {
		return false, err
	}
	found, err := s.bucket.Exists(ctx, key(digest))
	if err != nil {
		return false, failure(err, "looking for a blob")
	}
	return found, nil
}

// Read returns at most limit bytes from offset on, and the size of the whole blob. An offset at the end
// returns nothing; an unknown blob is a NotFound fault.
func (s *Store) Read(ctx context.Context, digest lesson.Digest, offset int64, limit int) (data []byte, total int64, err error) {
	if err := check(digest); err != nil {
		return nil, 0, err
	}
	if offset < 0 {
		return nil, 0, fault.New(fault.Invalid, "A blob has no bytes before its start.", "Ask for an offset of 0 or more.")
	}
	attributes, err := s.bucket.Attributes(ctx, key(digest))
	if err != nil {
		return nil, 0, failure(err, "looking at a blob")
	}
	if offset >= attributes.Size {
		return nil, attributes.Size, nil
	}
	reader, err := s.bucket.NewRangeReader(ctx, key(digest), offset, int64(limit), nil)
	if err != nil {
		return nil, 0, failure(err, "opening a blob")
	}
	defer func() { _ = reader.Close() }() // nothing was written
	data, err = io.ReadAll(reader)
	if err != nil {
		return nil, 0, failure(err, "reading a blob")
	}
	return data, attributes.Size, nil
}

// ReadAll returns a whole blob after checking its digest: a damaged disk must not become a lesson.
func (s *Store) ReadAll(ctx context.Context, digest lesson.Digest) ([]byte, error) {
	if err := check(digest); err != nil {
		return nil, err
	}
	data, err := s.bucket.ReadAll(ctx, key(digest))
	if err != nil {
		return nil, failure(err, "reading a blob")
	}
	if lesson.DigestOf(data) != digest {
		return nil, fault.New(fault.Internal, "A part of a course is damaged on the server.", "Publish the course again.")
	}
	return data, nil
}

// Write stores data under its digest, which it returns. Writing twice is writing once.
func (s *Store) Write(ctx context.Context, data []byte) (lesson.Digest, error) {
	digest := lesson.DigestOf(data)
	found, err := s.bucket.Exists(ctx, key(digest))
	if err != nil {
		return "", failure(err, "looking for a blob")
	}
	if found {
		return digest, nil
	}
	return digest, s.store(ctx, digest, bytes.NewReader(data))
}

// store writes what the reader gives, if it has the digest.
func (s *Store) store(ctx context.Context, digest lesson.Digest, content io.Reader) error {
	// Cancelling before Close is how a writer is told to keep nothing.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writer, err := s.bucket.NewWriter(ctx, key(digest), &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return failure(err, "opening a new blob")
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(writer, sum), content)
	if err == nil && lesson.Digest("sha256:"+hex.EncodeToString(sum.Sum(nil))) != digest {
		err = fault.New(fault.Invalid, "What arrived is not what its digest says.", "Upload it again.")
	}
	if err != nil {
		cancel()
		_ = writer.Close() // reports the cancellation
		return failure(err, "writing a blob")
	}
	if err := writer.Close(); err != nil {
		return failure(err, "finishing a blob")
	}
	if s.sync != nil {
		return s.sync(key(digest))
	}
	return nil
}

func check(digest lesson.Digest) error {
	if !digest.Valid() {
		return fault.New(fault.Invalid, "This is not a digest.", `A digest is "sha256:" and 64 hexadecimal digits.`)
	}
	return nil
}

// key spreads blobs over folders of a size that file systems like.
func key(digest lesson.Digest) string {
	digits := strings.TrimPrefix(string(digest), "sha256:")
	return "blobs/sha256/" + digits[:2] + "/" + digits
}

// failure keeps faults, and makes the bucket's other errors readable.
func failure(err error, doing string) error {
	switch {
	case fault.KindOf(err) != fault.Internal:
		return err
	case gcerrors.Code(err) == gcerrors.NotFound:
		return fault.Wrap(err, fault.NotFound, "The server does not have this part of a course.", "Refresh the list of courses.")
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

func syncPaths(paths ...string) error {
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("opening for sync: %w", err)
		}
		err = file.Sync()
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return fmt.Errorf("syncing: %w", err)
		}
	}
	return nil
}
