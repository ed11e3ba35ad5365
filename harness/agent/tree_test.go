package agent

import (
	"archive/tar"
	"bytes"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func archive(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(h.Name))
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte(h.Name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func file(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644} }

func TestReadTar_refuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		headers []tar.Header
	}{
		{"an absolute path", []tar.Header{file("/etc/passwd")}},
		{"a path that leaves", []tar.Header{file("../x")}},
		{"a path that leaves later", []tar.Header{file("a/../../x")}},
		{"a path that is not clean", []tar.Header{file("a//b")}},
		{"a symbolic link", []tar.Header{{Typeflag: tar.TypeSymlink, Name: "a", Linkname: "/etc/passwd"}}},
		{"a hard link", []tar.Header{{Typeflag: tar.TypeLink, Name: "a", Linkname: "b"}}},
		{"a device", []tar.Header{{Typeflag: tar.TypeChar, Name: "a", Devmajor: 1, Devminor: 3}}},
		{"a pipe", []tar.Header{{Typeflag: tar.TypeFifo, Name: "a"}}},
		{"a file twice", []tar.Header{file("a"), file("a")}},
		{"a folder that leaves", []tar.Header{{Typeflag: tar.TypeDir, Name: "../", Mode: 0o755}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := readTar(archive(t, tt.headers...)); err == nil {
				t.Errorf("accepted as %v", got)
			}
		})
	}
}

func TestTree_apply(t *testing.T) {
	t.Parallel()
	old := tree{"a": {data: []byte("a")}, "b": {data: []byte("b")}}
	t.Run("writes and removes", func(t *testing.T) {
		t.Parallel()
		next, err := old.apply(archive(t, file("d/c")), []string{"a"}, false)
		if err != nil {
			t.Fatal(err)
		}
		want := tree{"b": {data: []byte("b")}, "d/c": {data: []byte("d/c")}}
		if diff := cmp.Diff(want, next, cmp.AllowUnexported(entry{})); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a removed file may become a folder", func(t *testing.T) {
		t.Parallel()
		if _, err := old.apply(archive(t, file("a/x")), []string{"a"}, false); err != nil {
			t.Error(err)
		}
	})
	t.Run("refuses a file that is a folder too", func(t *testing.T) {
		t.Parallel()
		if _, err := old.apply(archive(t, file("a/x")), nil, false); err == nil {
			t.Error("accepted")
		}
	})
	t.Run("replaces everything", func(t *testing.T) {
		t.Parallel()
		next, err := old.apply(archive(t, file("c")), nil, true)
		if err != nil || len(next) != 1 {
			t.Errorf("got %v, %v", next, err)
		}
	})
}

func TestTree_since(t *testing.T) {
	t.Parallel()
	old := tree{"same": {data: []byte("1")}, "changed": {data: []byte("1")}, "mode": {data: []byte("1")}, "gone": {}}
	now := tree{"same": {data: []byte("1")}, "changed": {data: []byte("2")}, "mode": {data: []byte("1"), executable: true}, "new": {}}
	write, remove := now.since(old)
	wantWrite := tree{"changed": now["changed"], "mode": now["mode"], "new": now["new"]}
	if diff := cmp.Diff(wantWrite, write, cmp.AllowUnexported(entry{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"gone"}, remove); diff != "" {
		t.Error(diff)
	}
}

func FuzzReadTar(f *testing.F) {
	f.Add(archive(f, file("a"), file("b/c")))
	f.Add(archive(f, file("../a")))
	f.Add([]byte("not a tar"))
	f.Fuzz(func(t *testing.T, data []byte) {
		files, err := readTar(data)
		if err != nil {
			return
		}
		for p, e := range files {
			if !filepath.IsLocal(p) {
				t.Errorf("%q names something outside", p)
			}
			if len(e.data) > len(data) {
				t.Errorf("%q has more bytes than the archive", p)
			}
		}
	})
}
