package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/filters"
	imagetypes "github.com/docker/docker/api/types/image"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
)

func newTestBaker(t *testing.T, progress func(string, string)) (*Baker, *connected) {
	t.Helper()
	r := New(Options{Agent: func(string) ([]byte, error) { return []byte(t.Name()), nil }})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	engine, err := r.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return NewBaker(r, progress), engine
}

func removeImage(t *testing.T, e *connected, ref string) {
	t.Cleanup(func() {
		if _, err := e.api.ImageRemove(context.WithoutCancel(t.Context()), ref, imagetypes.RemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
}

func TestBaker(t *testing.T) {
	t.Parallel()
	t.Run("what is there is left as it is", func(t *testing.T) {
		t.Parallel()
		b, _ := newTestBaker(t, func(_, line string) { t.Errorf("did something: %s", line) })
		for _, name := range []string{"python", "shell"} {
			if err := b.Bake(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("several at once, of which one is unknown", func(t *testing.T) {
		t.Parallel()
		b, _ := newTestBaker(t, nil)
		var ready []string
		err := b.BakeAll(t.Context(), []string{"shell", "cobol", "base"}, func(done Baked) {
			if done.Bytes == 0 || done.Ref == "" || done.Took != 0 {
				t.Errorf("got %+v", done)
			}
			ready = append(ready, done.Name)
		})
		slices.Sort(ready)
		if fault.KindOf(err) != fault.NotFound || !slices.Equal(ready, []string{"base", "shell"}) {
			t.Errorf("ready are %q; %v", ready, err)
		}
	})
	t.Run("what only a build needed goes after it", func(t *testing.T) {
		t.Parallel()
		b, engine := newTestBaker(t, nil)
		const stage, ref = "carrel-test-stage", "carrel-test/staged:1"
		recipe := "FROM " + shellRef() + " AS fetch\nLABEL " + images.LabelStage + "=" + stage + "\nRUN echo x > /x\n" +
			"FROM " + shellRef() + "\nCOPY --from=fetch /x /x\n"
		if err := b.build(t.Context(), engine, "test", ref, buildContext(t, recipe), nil); err != nil {
			t.Fatal(err)
		}
		removeImage(t, engine, ref)
		if err := b.removeStages(t.Context(), engine, stage); err != nil {
			t.Fatal(err)
		}
		left, err := engine.api.ImageList(t.Context(), imagetypes.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", images.LabelStage+"="+stage))})
		if err != nil || len(left) > 0 {
			t.Errorf("left are %+v, %v", left, err)
		}
		if present, err := b.present(t.Context(), engine, ref); !present {
			t.Errorf("the image went, too: %v", err)
		}
	})
	t.Run("an unknown name is refused", func(t *testing.T) {
		t.Parallel()
		b, _ := newTestBaker(t, nil)
		if err := b.Bake(t.Context(), "cobol"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a root file system is imported, and an image built on it", func(t *testing.T) {
		t.Parallel()
		var told []string
		b, engine := newTestBaker(t, func(_, line string) { told = append(told, line) })
		const root, child = "carrel-test/root:1", "carrel-test/child:1"
		if err := b.bootstrap(t.Context(), engine, "test", []string{"tar", "-c", "-C", "/", "etc/hostname"}, root); err != nil {
			t.Fatal(err)
		}
		removeImage(t, engine, root)
		parent := root
		err := b.build(t.Context(), engine, "test", child, buildContext(t, "ARG PARENT\nFROM ${PARENT}\nLABEL a=b\n"), map[string]*string{"PARENT": &parent})
		if err != nil {
			t.Fatal(err)
		}
		removeImage(t, engine, child)
		if present, err := b.present(t.Context(), engine, child); !present {
			t.Errorf("the image is not there: %v", err)
		}
		if !slices.ContainsFunc(told, func(line string) bool { return strings.HasPrefix(line, "Step 1/3") }) {
			t.Errorf("progress was %q", told)
		}
	})
	t.Run("a bootstrap that fails leaves no image", func(t *testing.T) {
		t.Parallel()
		b, engine := newTestBaker(t, nil)
		err := b.bootstrap(t.Context(), engine, "test", []string{"tar", "-c", "/no/such/folder"}, "carrel-test/half:1")
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "no/such/folder") {
			t.Errorf("got %v", err)
		}
		if present, err := b.present(t.Context(), engine, "carrel-test/half:1"); present || err != nil {
			t.Errorf("present %v, %v", present, err)
		}
	})
	t.Run("without the tool the sentence says what to do", func(t *testing.T) {
		t.Parallel()
		b, engine := newTestBaker(t, nil)
		err := b.bootstrap(t.Context(), engine, "test", []string{"no-such-tool"}, "carrel-test/none:1")
		if _, hint := fault.Sentence(err); !strings.Contains(hint, "mmdebstrap") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a build that fails says why in the log's words", func(t *testing.T) {
		t.Parallel()
		b, engine := newTestBaker(t, nil)
		err := b.build(t.Context(), engine, "test", "carrel-test/bad:1", buildContext(t, "FROM scratch\nRUN nothing\n"), nil)
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "Step 2/2") {
			t.Errorf("got %v", err)
		}
	})
}

func buildContext(t *testing.T, dockerfile string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "Dockerfile", Mode: 0o644, Size: int64(len(dockerfile))}); err != nil {
		t.Fatal(err)
	}
	if err := write(w, []byte(dockerfile)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
