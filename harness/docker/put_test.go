package docker

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// mirror is what an agent makes of frames.
type mirror lesson.Files

func (m mirror) apply(t require, put *harnessv1.Put) (written int) {
	if put.ReplaceAll {
		clear(m)
	}
	for _, p := range put.Remove {
		delete(m, p)
	}
	r := tar.NewReader(bytes.NewReader(put.Tar))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return written
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		m[h.Name] = lesson.File{Data: data, Executable: h.Mode&0o100 != 0}
		written++
	}
}

type require interface{ Fatal(args ...any) }

func known(files lesson.Files) map[string]lesson.Digest {
	has := map[string]lesson.Digest{}
	for p, f := range files {
		has[p] = digestOf(f)
	}
	return has
}

func TestPutFrames(t *testing.T) {
	t.Parallel()
	folder := rapid.MapOfN(rapid.StringMatching(`[a-c](/[a-c]x){0,2}`), rapid.Custom(func(t *rapid.T) lesson.File {
		return lesson.File{Data: []byte(rapid.StringMatching(`[xy]{0,3}`).Draw(t, "data")), Executable: rapid.Bool().Draw(t, "executable")}
	}), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		old, now := lesson.Files(folder.Draw(t, "old")), lesson.Files(folder.Draw(t, "now"))
		agent := mirror(maps.Clone(old))
		has := known(old)
		if rapid.Bool().Draw(t, "forgotten") {
			has = nil
		}
		written := 0
		for put, err := range putFrames(has, now, false) {
			if err != nil {
				t.Fatal(err)
			}
			written += agent.apply(t, put)
		}
		if diff := cmp.Diff(now, lesson.Files(agent)); diff != "" {
			t.Fatal(diff)
		}
		changed := 0
		for p, f := range now {
			if before, ok := old[p]; has == nil || !ok || !before.Equal(f) {
				changed++
			}
		}
		if written != changed {
			t.Fatalf("%d files travelled, %d have changed", written, changed)
		}
	})
}

func TestPutFrames_sizes(t *testing.T) {
	t.Parallel()
	big := func(n int) lesson.File { return lesson.File{Data: []byte(strings.Repeat("x", n))} }
	count := func(files lesson.Files) (frames int, err error) {
		for _, err := range putFrames(map[string]lesson.Digest{}, files, false) {
			if err != nil {
				return 0, err
			}
			frames++
		}
		return frames, nil
	}
	if n, err := count(lesson.Files{}); n != 0 || err != nil {
		t.Errorf("nothing changed: %d frames, %v", n, err)
	}
	if n, err := count(lesson.Files{"a": big(700 << 10), "b": big(700 << 10), "c": big(10)}); n != 2 || err != nil {
		t.Errorf("1.4 MB: %d frames, %v", n, err)
	}
	if n, err := count(lesson.Files{"a": big(lesson.MaxFileBytes)}); n != 1 || err != nil {
		t.Errorf("the largest file of a course: %d frames, %v", n, err)
	}
	if _, err := count(lesson.Files{"a": big(32 << 20)}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a too large file: %v", err)
	}
}
