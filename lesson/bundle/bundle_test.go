package bundle_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	oci "github.com/opencontainers/image-spec/specs-go/v1"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/bundle"
)

func firstSteps(t testing.TB) lesson.Files {
	t.Helper()
	fsys, err := courses.Course("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	files, err := lesson.ReadFolder(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func pack(t testing.TB, files lesson.Files) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Pack(files.FS())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPack_OpensAsTheSameFolder(t *testing.T) {
	t.Parallel()
	base := lesson.Files{
		"course.yaml":            lesson.NewFile([]byte("id: a\ntitle: A\nsummary: A\nlocales: [en]\nlessons: [a]\n")),
		"lessons/a/lesson.yaml":  lesson.NewFile([]byte("id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\ntitle: A\nminutes: 1\n")),
		"lessons/a/theory.en.md": lesson.NewFile([]byte("A\n")),
	}
	rapid.Check(t, func(rt *rapid.T) {
		files := base.Overlay()
		extra := rapid.MapOf(rapid.StringMatching(`(lessons/a/)?assets/[a-z]{1,8}(/[a-z]{1,8}\.sh)?`), rapid.SliceOfN(rapid.Byte(), 0, 300)).Draw(rt, "extra")
		for p, data := range extra {
			files[p] = lesson.NewFile(data)
		}
		if lesson.CheckPaths(files.Paths()) != nil {
			return
		}
		b, err := bundle.Pack(files.FS())
		if err != nil {
			rt.Fatal(err)
		}
		got, err := bundle.Open(context.Background(), b.Manifest, b.Fetch)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(files, got); diff != "" {
			rt.Fatal(diff)
		}
		again, err := bundle.Pack(got.FS())
		if err != nil {
			rt.Fatal(err)
		}
		if again.Digest != b.Digest {
			rt.Fatal("packing again gives another digest")
		}
	})
}

func TestPack_UnchangedLessonsKeepTheirLayers(t *testing.T) {
	t.Parallel()
	files := firstSteps(t)
	before := pack(t, files)
	files = files.Overlay(lesson.Files{"lessons/pipes/theory.en.md": lesson.NewFile([]byte("# Pipes\n"))})
	after := pack(t, files)
	fresh := 0
	for d := range after.Blobs {
		if _, ok := before.Blobs[d]; !ok {
			fresh++
		}
	}
	if fresh != 2 { // the lesson and the metadata
		t.Errorf("%d new blobs after a change in one lesson, want 2", fresh)
	}
	if before.Digest == after.Digest {
		t.Error("another course has the same digest")
	}
}

func TestPack_RefusesACourseWithProblems(t *testing.T) {
	t.Parallel()
	files := firstSteps(t)
	delete(files, "lessons/pipes/task.ru.md")
	_, err := bundle.Pack(files.FS())
	if _, ok := errors.AsType[*lesson.InvalidError](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestReadMetadata(t *testing.T) {
	t.Parallel()
	b := pack(t, firstSteps(t))
	blobs, err := bundle.Blobs(b.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if len(blobs) != len(b.Blobs) {
		t.Errorf("the manifest names %d blobs, the bundle has %d", len(blobs), len(b.Blobs))
	}
	config := b.Blobs[blobs[0].Digest]
	m, err := bundle.ReadMetadata(b.Manifest, config)
	if err != nil {
		t.Fatal(err)
	}
	course, err := lesson.Load(firstSteps(t).FS())
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != course.ID || len(m.Lessons) != len(course.Lessons) || m.Lessons[1].Version != course.Lessons[1].Version || m.Lessons[1].SizeBytes == 0 {
		t.Errorf("got %+v", m)
	}
	if _, err := bundle.ReadMetadata(b.Manifest, bytes.Replace(config, []byte("First"), []byte("Worst"), 1)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("changed metadata: got %v", err)
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	b := pack(t, firstSteps(t))
	dir := filepath.Join(t.TempDir(), "course")
	if err := bundle.Unpack(t.Context(), b.Manifest, b.Fetch, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := lesson.Load(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	older, err := lesson.ReadFolder(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("every flipped byte is noticed and the old course stays", func(t *testing.T) {
		t.Parallel()
		for _, victim := range slices.Sorted(maps.Keys(b.Blobs)) {
			torn := &bundle.Bundle{Blobs: maps.Clone(b.Blobs)}
			changed := bytes.Clone(b.Blobs[victim])
			changed[len(changed)/2] ^= 1
			torn.Blobs[victim] = changed
			err := bundle.Unpack(t.Context(), b.Manifest, torn.Fetch, dir)
			if message, _ := fault.Sentence(err); fault.KindOf(err) != fault.Invalid || message != "The course file is damaged or was changed on its way." {
				t.Fatalf("got %v", err)
			}
		}
		now, err := lesson.ReadFolder(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(older, now); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a part that cannot be fetched is the fetcher's error", func(t *testing.T) {
		t.Parallel()
		offline := fault.New(fault.Unavailable, "Offline.", "")
		err := bundle.Unpack(t.Context(), b.Manifest, func(context.Context, lesson.Digest) ([]byte, error) { return nil, offline }, dir)
		if !errors.Is(err, offline) {
			t.Errorf("got %v", err)
		}
	})
}

// forge makes a bundle of layers as they are, with right digests.
func forge(t testing.TB, layers ...[]byte) *bundle.Bundle {
	t.Helper()
	b := &bundle.Bundle{Blobs: map[lesson.Digest][]byte{}}
	put := func(mediaType, title string, blob []byte) oci.Descriptor {
		d := lesson.DigestOf(blob)
		b.Blobs[d] = blob
		return oci.Descriptor{MediaType: mediaType, Digest: digest.Digest(d), Size: int64(len(blob)), Annotations: map[string]string{oci.AnnotationTitle: title}}
	}
	m := oci.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: oci.MediaTypeImageManifest, ArtifactType: bundle.ArtifactType}
	m.Config = put(bundle.ConfigType, "", []byte(`{"format": 1}`))
	for i, layer := range layers {
		m.Layers = append(m.Layers, put(bundle.LayerType, []string{"course", "lessons/a", "lessons/b"}[i], layer))
	}
	var err error
	if b.Manifest, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	return b
}

func squeeze(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(data, nil)
}

// archive makes a layer of headers as they are; the content of each is its size in zero bytes.
func archive(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	zeros := make([]byte, lesson.MaxFileBytes+1)
	for _, h := range headers {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(zeros[:h.Size]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpen_RefusesWhatCouldHarm(t *testing.T) {
	t.Parallel()
	file := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name} }
	ok := archive(t, file("course.yaml"))
	var many []tar.Header
	for range 33 {
		many = append(many, tar.Header{Typeflag: tar.TypeReg, Name: "assets/" + strings.Repeat("x", len(many)+1), Size: lesson.MaxFileBytes})
	}
	tests := map[string][][]byte{
		"absolute path":             {archive(t, file("/etc/passwd"))},
		"path out of the folder":    {archive(t, file("../x"))},
		"backslashes":               {archive(t, file(`a\b`))},
		"reserved name":             {archive(t, file("nul.txt"))},
		"symbolic link":             {archive(t, tar.Header{Typeflag: tar.TypeSymlink, Name: "a", Linkname: "/etc"})},
		"hard link":                 {archive(t, tar.Header{Typeflag: tar.TypeLink, Name: "a", Linkname: "b"})},
		"device":                    {archive(t, tar.Header{Typeflag: tar.TypeChar, Name: "a"})},
		"pipe":                      {archive(t, tar.Header{Typeflag: tar.TypeFifo, Name: "a"})},
		"the same file twice":       {archive(t, file("a"), file("a"))},
		"names that differ in case": {archive(t, file("a"), file("A"))},
		"file that is a folder":     {archive(t, file("a"), file("a/b"))},
		"file that is too large":    {archive(t, tar.Header{Typeflag: tar.TypeReg, Name: "a", Size: lesson.MaxFileBytes + 1})},
		"course that is too large":  {archive(t, many...)},
		"lesson in the course":      {archive(t, file("lessons/a/x"))},
		"lesson in another lesson":  {ok, archive(t, file("lessons/b/x"))},
	}
	for name, layers := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := forge(t, layers...)
			dir := filepath.Join(t.TempDir(), "course")
			err := bundle.Unpack(t.Context(), b.Manifest, b.Fetch, dir)
			message, hint := fault.Sentence(err)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(message, "could harm") || hint == "" {
				t.Errorf("got %v", err)
			}
			if _, err := os.Stat(dir); err == nil {
				t.Error("something was written")
			}
		})
	}
}

func TestOpen_BombOfZeros(t *testing.T) {
	t.Parallel()
	// 1 GiB of zeros: not an archive, or an endless padding after one.
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	block := bytes.Repeat([]byte("x"), 1<<20)
	for range 1 << 10 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	forged := forge(t, b.Bytes())
	if _, err := bundle.Open(t.Context(), forged.Manifest, forged.Fetch); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestOpen_Manifests(t *testing.T) {
	t.Parallel()
	good := string(forge(t, archive(t, tar.Header{Typeflag: tar.TypeReg, Name: "course.yaml"})).Manifest)
	tests := []struct{ name, manifest, want string }{
		{"not JSON", "x", "The course file is damaged or was changed on its way."},
		{"an image", strings.Replace(good, bundle.ArtifactType, "application/vnd.other", 1), "This is not a course."},
		{"a later format", strings.Replace(good, bundle.ArtifactType, "application/vnd.carrel.course.v2", 1), "The course was made for a newer Carrel."},
		{"a layer of a later format", strings.Replace(good, bundle.LayerType, "application/x", 1), "The course was made for a newer Carrel."},
		{"no layers", good[:strings.Index(good, `,"layers"`)] + `,"layers":[]}`, "The course file is damaged or was changed on its way."},
		{"a size below zero", strings.Replace(good, `"size":13`, `"size":-1`, 1), "The course file is damaged or was changed on its way."},
		{"another digest algorithm", strings.ReplaceAll(good, "sha256:", "md5:"), "The course file is damaged or was changed on its way."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := bundle.Open(t.Context(), []byte(tt.manifest), func(context.Context, lesson.Digest) ([]byte, error) {
				t.Error("something was fetched")
				return nil, errors.New("no")
			})
			if message, _ := fault.Sentence(err); message != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	b := pack(f, firstSteps(f))
	for _, blob := range b.Blobs {
		f.Add(b.Manifest, blob, false)
	}
	f.Add([]byte("{}"), archive(f, tar.Header{Typeflag: tar.TypeReg, Name: "course.yaml"}), true)
	f.Add([]byte("{}"), []byte("lessons/a/x"), true)
	f.Fuzz(func(t *testing.T, manifest, layer []byte, raw bool) {
		if raw {
			layer = squeeze(t, layer)
		}
		forged := forge(t, layer)
		files, err := bundle.Open(t.Context(), forged.Manifest, forged.Fetch)
		if err == nil {
			if err := lesson.CheckPaths(files.Paths()); err != nil {
				t.Errorf("an unsafe path came through: %v", err)
			}
		} else if fault.KindOf(err) != fault.Invalid {
			t.Errorf("not told as the file's problem: %v", err)
		}
		// A hostile manifest, with every blob the hostile layer.
		if _, err := bundle.Open(t.Context(), manifest, func(context.Context, lesson.Digest) ([]byte, error) { return layer, nil }); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("not told as the file's problem: %v", err)
		}
	})
}
