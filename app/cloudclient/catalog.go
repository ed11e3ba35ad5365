package cloudclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// partBytes is the most a part of a blob carries.
const partBytes = 1 << 20

// partRetries is how often a part is tried again when the line breaks; what came before is not repeated.
const partRetries = 5

// ListCourses returns the newest version of each public course, by title.
func (c *Client) ListCourses(ctx context.Context) ([]wire.CourseSummary, error) {
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	var courses []wire.CourseSummary
	for token := ""; ; {
		resp, err := c.catalog.ListCourses(ctx, &cloudv1.ListCoursesRequest{PageSize: 200, PageToken: token})
		if err != nil {
			return nil, err
		}
		for _, course := range resp.GetCourses() {
			summary, err := wire.CourseSummaryFromProto(course)
			if err != nil {
				return nil, err
			}
			courses = append(courses, summary)
		}
		next := resp.GetNextPageToken()
		if next == "" || next == token {
			return courses, nil
		}
		token = next
	}
}

// PublishCourse makes an uploaded bundle the newest version of its course.
func (c *Client) PublishCourse(ctx context.Context, manifest lesson.Digest) (wire.CourseSummary, error) {
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	resp, err := c.catalog.PublishCourse(ctx, &cloudv1.PublishCourseRequest{Digest: string(manifest)})
	if err != nil {
		return wire.CourseSummary{}, err
	}
	return wire.CourseSummaryFromProto(resp.GetCourse())
}

// ReadBlob writes the whole blob to w, part by part, and verifies its digest: after an error, what w
// received is worth nothing. Parts that a broken line loses are asked for again. The function progress
// is told the bytes so far after each part; it may be nil.
func (c *Client) ReadBlob(ctx context.Context, digest lesson.Digest, w io.Writer, progress func(done, total int64)) error {
	hash := sha256.New()
	for done := int64(0); ; {
		var resp *cloudv1.ReadBlobResponse
		err := retry(ctx, func(ctx context.Context) (err error) {
			resp, err = c.bundle.ReadBlob(ctx, &cloudv1.ReadBlobRequest{Digest: string(digest), Offset: done})
			return err
		})
		if err != nil {
			return err
		}
		data, total := resp.GetData(), resp.GetTotalBytes()
		done += int64(len(data))
		if done > total || (len(data) == 0 && done < total) {
			return damaged(fmt.Errorf("blob %s has %d of %d bytes", digest, done, total))
		}
		hash.Write(data)
		if _, err := w.Write(data); err != nil {
			return fmt.Errorf("writing blob: %w", err)
		}
		if progress != nil {
			progress(done, total)
		}
		if done < total {
			continue
		}
		if got := lesson.Digest("sha256:" + hex.EncodeToString(hash.Sum(nil))); got != digest {
			return damaged(fmt.Errorf("blob %s came as %s", digest, got))
		}
		return nil
	}
}

func damaged(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The download was damaged on the way.", "Try again.")
}

// WriteBlob uploads a blob of size bytes. An upload that broke off goes on where it ended. The function
// progress is told the bytes so far after each part; it may be nil.
func (c *Client) WriteBlob(ctx context.Context, digest lesson.Digest, r io.ReaderAt, size int64, progress func(done, total int64)) error {
	part := make([]byte, min(size, partBytes))
	for done := int64(0); ; {
		data := part[:min(size-done, partBytes)]
		if n, err := r.ReadAt(data, done); err != nil && (!errors.Is(err, io.EOF) || n < len(data)) {
			return fmt.Errorf("reading blob: %w", err)
		}
		var received int64
		err := retry(ctx, func(ctx context.Context) error {
			resp, err := c.bundle.WriteBlob(ctx, &cloudv1.WriteBlobRequest{
				Digest: string(digest), Data: data, Offset: done, TotalBytes: size,
			})
			received = resp.GetReceivedBytes()
			return err
		})
		if err != nil {
			return err
		}
		if received > size || (received <= done && received < size) {
			return fault.Wrap(fmt.Errorf("server has %d bytes after part at %d of %d", received, done, size), fault.Unavailable,
				"The upload does not get on.", "Try again.")
		}
		done = received
		if progress != nil {
			progress(done, size)
		}
		if done == size {
			return nil
		}
	}
}

// retry carries out one part of a transfer, again when the line breaks.
func retry(ctx context.Context, part func(ctx context.Context) error) error {
	backoff := journal.Backoff{Base: 500 * time.Millisecond, Max: 10 * time.Second}
	for failures := 0; ; failures++ {
		err := withTimeout(ctx, transferTimeout, part)
		if err == nil || failures == partRetries || fault.KindOf(err) != fault.Unavailable {
			return err
		}
		if err := sleep(ctx, backoff.Next()); err != nil {
			return err
		}
	}
}

func withTimeout(ctx context.Context, timeout time.Duration, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return work(ctx)
}

// sleep waits, or returns ctx's error when it is done before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
