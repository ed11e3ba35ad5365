package bundle

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/carrel-dev/carrel/lesson"
)

// maxWindow bounds what a layer's compression may ask of this computer's memory.
const maxWindow = 8 << 20

// newEncoder returns what compresses layers. One goroutine, because the number of blocks and with it
// the digest would depend on the machine.
func newEncoder() (*zstd.Encoder, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithWindowSize(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("starting compression: %w", err)
	}
	return encoder, nil
}

// compress returns the layer of some files. It is a function of paths and contents only.
func compress(encoder *zstd.Encoder, files lesson.Files) ([]byte, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, p := range files.Paths() {
		file := files[p]
		header := &tar.Header{Typeflag: tar.TypeReg, Name: p, Size: int64(len(file.Data)), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
		if file.Executable {
			header.Mode = 0o755
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("packing %s: %w", p, err)
		}
		if _, err := w.Write(file.Data); err != nil {
			return nil, fmt.Errorf("packing %s: %w", p, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("packing a layer: %w", err)
	}
	return encoder.EncodeAll(archive.Bytes(), nil), nil
}

// budget is what may still come out of a bundle.
type budget struct {
	bytes int64
	files int
}

var errBudget = errors.New("more than a course may have")

// decompress returns the files of a layer and takes them off the budget.
func decompress(blob []byte, left *budget) (lesson.Files, error) {
	decoder, err := zstd.NewReader(bytes.NewReader(blob), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow),
		zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("starting decompression: %w", err)
	}
	defer decoder.Close()
	out := lesson.Files{}
	// Headers and padding count too: an archive of nothing but headers would else be free.
	limited := &io.LimitedReader{R: decoder, N: left.bytes + int64(left.files)*4096 + 1<<20}
	r := tar.NewReader(limited)
	for {
		header, err := r.Next()
		switch {
		case limited.N <= 0: // first, because a cut at a block's border looks like the end
			return nil, dangerous(errBudget)
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, damaged(err)
		}
		if err := take(out, header, r, left); err != nil {
			return nil, err
		}
	}
}

// take adds one file of an archive.
func take(out lesson.Files, header *tar.Header, r io.Reader, left *budget) error {
	if header.Typeflag != tar.TypeReg {
		return dangerous(fmt.Errorf("%q is of type %q", header.Name, header.Typeflag))
	}
	if err := lesson.CheckPath(header.Name); err != nil {
		return dangerous(fmt.Errorf("%q: %w", header.Name, err))
	}
	if _, twice := out[header.Name]; twice {
		return dangerous(fmt.Errorf("%q is there twice", header.Name))
	}
	left.files--
	left.bytes -= header.Size
	if header.Size > lesson.MaxFileBytes || left.files < 0 || left.bytes < 0 {
		return dangerous(errBudget)
	}
	data, err := io.ReadAll(io.LimitReader(r, lesson.MaxFileBytes))
	if err != nil {
		return damaged(err)
	}
	out[header.Name] = lesson.NewFile(data)
	return nil
}
