package docker

import (
	"archive/tar"
	"bytes"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/agent/frame"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// frameBytes is about how large a frame with files gets; one larger file makes a larger frame.
const frameBytes = 1 << 20

// putFrames yields the frames that bring the agent's copy from has to files; nil means that it is
// unknown what the agent has.
func putFrames(has map[string]lesson.Digest, files lesson.Files, tests bool) iter.Seq2[*harnessv1.Put, error] {
	return func(yield func(*harnessv1.Put, error) bool) {
		first := &harnessv1.Put{Tests: tests, ReplaceAll: has == nil}
		for p := range has {
			if _, ok := files[p]; !ok {
				first.Remove = append(first.Remove, p)
			}
		}
		slices.Sort(first.Remove)
		next, archive := first, newArchive()
		for _, p := range files.Paths() {
			f := files[p]
			if before, ok := has[p]; ok && before == digestOf(f) {
				continue
			}
			if len(f.Data) > frame.MaxBytes-frameBytes {
				yield(nil, fault.New(fault.Invalid, fmt.Sprintf("The file %s is too large to be checked.", p), "Make it smaller than 16 MB."))
				return
			}
			if archive.size() > 0 && archive.size()+len(f.Data) > frameBytes {
				if !archive.send(next, yield) {
					return
				}
				next, archive = &harnessv1.Put{Tests: tests}, newArchive()
			}
			if err := archive.add(p, f); err != nil {
				yield(nil, err)
				return
			}
		}
		if archive.size() > 0 || len(first.Remove) > 0 && next == first || next == first && first.ReplaceAll {
			archive.send(next, yield)
		}
	}
}

type archive struct {
	buf bytes.Buffer
	tar *tar.Writer
}

func newArchive() *archive {
	a := &archive{}
	a.tar = tar.NewWriter(&a.buf)
	return a
}

func (a *archive) size() int { return a.buf.Len() }

func (a *archive) add(p string, f lesson.File) error {
	mode := int64(0o644)
	if f.Executable {
		mode = 0o755
	}
	if err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: p, Mode: mode, Size: int64(len(f.Data)), ModTime: time.Unix(0, 0)}); err != nil {
		return err
	}
	_, err := a.tar.Write(f.Data)
	return err
}

func (a *archive) send(put *harnessv1.Put, yield func(*harnessv1.Put, error) bool) bool {
	if err := a.tar.Close(); err != nil {
		yield(nil, err)
		return false
	}
	put.Tar = a.buf.Bytes()
	return yield(put, nil)
}
