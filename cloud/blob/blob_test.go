package blob_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/cloud/blob"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// stores runs a test on every kind of store.
func stores(t *testing.T, test func(t *testing.T, s *blob.Store)) {
	t.Helper()
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		test(t, blob.Memory())
	})
	t.Run("in a folder", func(t *testing.T) {
		t.Parallel()
		s, err := blob.OpenDirectory(filepath.Join(t.TempDir(), "blobs"))
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

func TestStore(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s *blob.Store) {
		content := []byte("content")
		digest, err := s.Write(t.Context(), content)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Write(t.Context(), content); err != nil || again != digest {
			t.Errorf("writing again = %s, %v", again, err)
		}
		if got, err := s.ReadAll(t.Context(), digest); err != nil || !bytes.Equal(got, content) {
			t.Errorf("ReadAll = %q, %v", got, err)
		}
		for offset, want := range map[int64]string{0: "con", 5: "nt", 7: "", 100: ""} {
			got, total, err := s.Read(t.Context(), digest, offset, 3)
			if err != nil || string(got) != want || total != 7 {
				t.Errorf("Read(%d) = %q, %d, %v; want %q", offset, got, total, err, want)
			}
		}
		if _, _, err := s.Read(t.Context(), digest, -1, 3); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a negative offset: %v", err)
		}
		if _, _, err := s.Read(t.Context(), lesson.DigestOf([]byte("other")), 0, 3); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an unknown blob: %v", err)
		}
		if _, err := s.Exists(t.Context(), "../../etc/passwd"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a path for a digest: %v", err)
		}
	})
}

func TestStore_WritePart(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s *blob.Store) {
		content := bytes.Repeat([]byte("0123456789"), 10)
		digest := lesson.DigestOf(content)
		part := func(from, to int64) blob.Part {
			return blob.Part{Digest: digest, Offset: from, TotalBytes: 100, Data: content[from:to]}
		}
		steps := []struct {
			what     string
			part     blob.Part
			received int64
		}{
			{"the first piece", part(0, 40), 40},
			{"the same piece again", part(0, 40), 40},
			{"a piece too far on", part(80, 100), 40},
			{"the next piece", part(40, 80), 80},
			{"an empty piece, to ask", part(0, 0), 80},
			{"the last piece", part(80, 100), 100},
			{"a piece of a whole blob", part(0, 40), 100},
		}
		for _, step := range steps {
			if got, err := s.WritePart(t.Context(), "ada", step.part); err != nil || got != step.received {
				t.Fatalf("%s: %d, %v; want %d", step.what, got, err, step.received)
			}
		}
		if got, err := s.ReadAll(t.Context(), digest); err != nil || !bytes.Equal(got, content) {
			t.Errorf("the blob = %q, %v", got, err)
		}
	})
}

func TestStore_WritePart_Refuses(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s *blob.Store) {
		digest := lesson.DigestOf([]byte("expected"))
		lie := blob.Part{Digest: digest, TotalBytes: 5, Data: []byte("other")}
		if _, err := s.WritePart(t.Context(), "ada", lie); fault.KindOf(err) != fault.Invalid {
			t.Errorf("another content: %v", err)
		}
		if found, err := s.Exists(t.Context(), digest); err != nil || found {
			t.Errorf("another content was stored: %v, %v", found, err)
		}
		honest := blob.Part{Digest: digest, TotalBytes: 8, Data: []byte("expected")}
		if got, err := s.WritePart(t.Context(), "ada", honest); err != nil || got != 8 {
			t.Errorf("the right content after it: %d, %v", got, err)
		}
		for what, part := range map[string]blob.Part{
			"a huge piece":         {Digest: digest, TotalBytes: 2 << 20, Data: make([]byte, 1<<20+1)},
			"a huge blob":          {Digest: digest, TotalBytes: 1 << 40},
			"a piece over the end": {Digest: digest, TotalBytes: 3, Data: []byte("four")},
			"a negative offset":    {Digest: digest, Offset: -1, TotalBytes: 3},
			"no digest":            {TotalBytes: 3},
		} {
			if _, err := s.WritePart(t.Context(), "ada", part); err == nil || fault.KindOf(err) == fault.Internal {
				t.Errorf("%s: %v, want a sentence", what, err)
			}
		}
	})
}

func TestStore_WritePart_AnyPieces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := blob.Memory()
		content := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "content")
		digest, received := lesson.DigestOf(content), int64(0)
		for first := true; first || received < int64(len(content)); first = false {
			offset := rapid.Int64Range(0, received).Draw(t, "offset")
			end := rapid.Int64Range(received, int64(len(content))).Draw(t, "end")
			if offset != received && rapid.Bool().Draw(t, "honest") {
				offset = received
			}
			got, err := s.WritePart(t.Context(), "ada", blob.Part{Digest: digest, Offset: offset,
				TotalBytes: int64(len(content)), Data: content[offset:end]})
			if err != nil {
				t.Fatal(err)
			}
			if got < received {
				t.Fatalf("received went from %d back to %d", received, got)
			}
			received = got
		}
		got, err := s.ReadAll(t.Context(), digest)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("the blob = %x, %v; want %x", got, err, content)
		}
	})
}

func TestStore_Sweep(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s *blob.Store) {
		part := blob.Part{Digest: lesson.DigestOf([]byte("whole")), TotalBytes: 5, Data: []byte("wh")}
		if _, err := s.WritePart(t.Context(), "ada", part); err != nil {
			t.Fatal(err)
		}
		received := func() int64 {
			got, err := s.WritePart(t.Context(), "ada", blob.Part{Digest: part.Digest, TotalBytes: 5})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := received(); got != 2 {
			t.Errorf("a fresh upload has %d bytes after sweeping, want 2", got)
		}
		if err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := received(); got != 0 {
			t.Errorf("an old upload has %d bytes after sweeping, want none", got)
		}
	})
}

func TestStore_ReadAll_NoticesDamage(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	s, err := blob.OpenDirectory(directory)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := s.Write(t.Context(), []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	matches, err := filepath.Glob(filepath.Join(directory, "blobs", "sha256", "*", "*"))
	if err != nil || len(matches) != 1 {
		t.Fatalf("files = %v, %v; want one", matches, err)
	}
	if err := os.WriteFile(matches[0], []byte("c0ntent"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadAll(t.Context(), digest); err == nil {
		t.Error("a damaged blob was returned")
	}
}
