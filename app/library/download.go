package library

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/carrel-dev/carrel/app/atomicfile"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/bundle"
)

// cacheFolder holds the blobs of downloads that go on, below the state folder. They stay after a broken
// download, so that the next try fetches only what is missing, and go once the course is installed.
const cacheFolder = "downloads"

// download fetches a bundle beside the installed ones and switches to it in one step.
func (l *Library) download(ctx context.Context, r Remote, progress func(float64)) error {
	cache, err := openCache(l.State.Path(cacheFolder))
	if err != nil {
		return err
	}
	defer func() { _ = cache.root.Close() }()
	cache.catalog, cache.total = l.Catalog, r.SizeBytes
	cache.progress = func(done, total int64) {
		if total > 0 {
			progress(min(1, float64(done)/float64(total)))
		}
	}
	manifest, err := cache.fetch(ctx, r.Digest)
	if err != nil {
		return err
	}
	name := string(r.Course.ID) + "-" + short(r.Digest)
	dir := l.State.Path(bundleFolder, name)
	if err := unpack(ctx, manifest, cache.fetch, dir); err != nil {
		return err
	}
	if found := l.load(folder(dir)); found.err != nil {
		return found.err
	}
	var st state
	err = l.State.UpdateJSON(stateFile, &st, func() error {
		if st.Installed == nil {
			st.Installed = map[lesson.CourseID]installed{}
		}
		st.Installed[r.Course.ID] = installed{Digest: r.Digest, SizeBytes: r.SizeBytes, Folder: name}
		return nil
	})
	if err != nil {
		return err
	}
	return cache.clear(manifest, r.Digest)
}

// unpack makes dir the course folder of a bundle. A folder that is there is the same version: its name
// carries the digest, and bundles are unpacked whole or not at all.
func unpack(ctx context.Context, manifest []byte, fetch bundle.Fetch, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	return bundle.Unpack(ctx, manifest, fetch, dir)
}

// cache fetches blobs once.
type cache struct {
	root     *os.Root
	catalog  Catalog
	progress func(done, total int64)
	done     int64
	total    int64
}

func openCache(dir string) (*cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, noRoom(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, noRoom(err)
	}
	return &cache{root: root}, nil
}

// fetch returns a blob, from the folder when it is whole there.
func (c *cache) fetch(ctx context.Context, d lesson.Digest) ([]byte, error) {
	if data, err := c.root.ReadFile(blobName(d)); err == nil && lesson.DigestOf(data) == d {
		c.done += int64(len(data))
		c.progress(c.done, c.total)
		return data, nil
	}
	var data bytes.Buffer
	err := c.catalog.ReadBlob(ctx, d, &data, func(done, _ int64) { c.progress(c.done+done, c.total) })
	if err != nil {
		return nil, err
	}
	c.done += int64(data.Len())
	if err := atomicfile.Write(c.root, ".", blobName(d), data.Bytes(), 0o600); err != nil {
		return nil, noRoom(err)
	}
	return data.Bytes(), nil
}

// clear removes what the bundle consisted of.
func (c *cache) clear(manifest []byte, digest lesson.Digest) error {
	blobs, err := bundle.Blobs(manifest)
	if err != nil {
		return err
	}
	for _, b := range append(blobs, bundle.Blob{Digest: digest}) {
		if err := c.root.Remove(blobName(b.Digest)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clearing downloads: %w", err)
		}
	}
	return nil
}

func blobName(d lesson.Digest) string { return strings.ReplaceAll(string(d), ":", "-") }

// short is the part of a digest that names a folder: enough to be unique, short enough for Windows.
func short(d lesson.Digest) string {
	digits := strings.TrimPrefix(string(d), "sha256:")
	return digits[:min(16, len(digits))]
}

func noRoom(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The course cannot be stored.", "Make room on the disk and try again.")
}
