package catalog_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/blob"
	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/bundle"
)

// memory is a catalog.Store.
type memory struct {
	mu      sync.Mutex
	courses map[lesson.CourseID]catalog.Summary
	bundles map[string]lesson.Digest
}

func newMemory() *memory {
	return &memory{courses: map[lesson.CourseID]catalog.Summary{}, bundles: map[string]lesson.Digest{}}
}

func (m *memory) Publish(_ context.Context, _ uuid.UUID, summary catalog.Summary) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.courses[summary.ID] = summary
	for _, l := range summary.Lessons {
		m.bundles[l.ID.String()+string(l.Version)] = summary.Digest
	}
	return nil
}

func (m *memory) List(_ context.Context, after catalog.Place, limit int) ([]catalog.Summary, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []catalog.Summary
	for _, s := range m.courses {
		if place := catalog.PlaceOf(s); place.Title > after.Title {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b catalog.Summary) int {
		return strings.Compare(catalog.PlaceOf(a).Title, catalog.PlaceOf(b).Title)
	})
	return list[:min(limit, len(list))], nil
}

func (m *memory) BundleOf(_ context.Context, id lesson.ID, version lesson.Digest) (lesson.Digest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	digest, ok := m.bundles[id.String()+string(version)]
	if !ok {
		return "", fault.New(fault.NotFound, "unknown", "")
	}
	return digest, nil
}

// firstSteps returns the shipped course with a change in course.yaml.
func firstSteps(t *testing.T, old, changed string) lesson.Files {
	t.Helper()
	fsys, err := courses.Course("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	files, err := lesson.ReadFolder(fsys)
	if err != nil {
		t.Fatal(err)
	}
	files["course.yaml"] = lesson.NewFile([]byte(strings.Replace(string(files["course.yaml"].Data), old, changed, 1)))
	return files
}

func TestService_PublishFolder(t *testing.T) {
	t.Parallel()
	service := catalog.NewService(newMemory(), blob.Memory())
	folder := firstSteps(t, "", "")
	published, err := service.PublishFolder(t.Context(), folder.FS())
	if err != nil {
		t.Fatal(err)
	}
	again, err := service.PublishFolder(t.Context(), folder.FS())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(published, again); diff != "" {
		t.Errorf("the same folder is another version: %s", diff)
	}
	want, err := lesson.Load(folder.FS())
	if err != nil {
		t.Fatal(err)
	}
	page, next, err := service.List(t.Context(), 0, "")
	if err != nil || len(page) != 1 || next != "" || page[0].ID != want.ID || len(page[0].Lessons) != len(want.Lessons) {
		t.Fatalf("List = %+v, %q, %v", page, next, err)
	}

	t.Log("every version of a lesson stays readable")
	if _, err := service.PublishFolder(t.Context(), firstSteps(t, "en:", "en: New").FS()); err != nil {
		t.Fatal(err)
	}
	for _, l := range want.Lessons {
		got, err := service.LessonVersion(t.Context(), l.ID, l.Version)
		if err != nil {
			t.Fatalf("lesson %s: %v", l.Slug, err)
		}
		if diff := cmp.Diff(l, got); diff != "" {
			t.Errorf("lesson %s: %s", l.Slug, diff)
		}
	}
	if _, err := service.LessonVersion(t.Context(), want.Lessons[0].ID, lesson.DigestOf(nil)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown version: %v", err)
	}
}

func TestService_Publish_Refuses(t *testing.T) {
	t.Parallel()
	packed, err := bundle.Pack(firstSteps(t, "", "").FS())
	if err != nil {
		t.Fatal(err)
	}
	upload := func(blobs *blob.Store, parts map[lesson.Digest][]byte) {
		for _, part := range parts {
			if _, err := blobs.Write(t.Context(), part); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("a manifest that did not arrive", func(t *testing.T) {
		t.Parallel()
		blobs := blob.Memory()
		upload(blobs, packed.Blobs)
		wantKind(t, blobs, packed.Digest, fault.NotFound)
	})
	t.Run("a bundle whose lessons did not arrive", func(t *testing.T) {
		t.Parallel()
		blobs := blob.Memory()
		upload(blobs, map[lesson.Digest][]byte{packed.Digest: packed.Manifest})
		wantKind(t, blobs, packed.Digest, fault.NotFound)
	})
	t.Run("a blob that is no manifest", func(t *testing.T) {
		t.Parallel()
		blobs := blob.Memory()
		digest, err := blobs.Write(t.Context(), []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		wantKind(t, blobs, digest, fault.Invalid)
	})
}

func wantKind(t *testing.T, blobs *blob.Store, digest lesson.Digest, kind fault.Kind) {
	t.Helper()
	store := newMemory()
	_, err := catalog.NewService(store, blobs).Publish(t.Context(), uuid.New(), digest)
	if fault.KindOf(err) != kind {
		t.Errorf("error = %v, want %s", err, kind)
	}
	if message, hint := fault.Sentence(err); message == "" || hint == "" {
		t.Errorf("message %q, hint %q: both are needed", message, hint)
	}
	if len(store.courses) != 0 {
		t.Error("it was published")
	}
}

func TestService_List_Pages(t *testing.T) {
	t.Parallel()
	store := newMemory()
	for i := range 120 {
		summary := catalog.Summary{ID: lesson.CourseID(fmt.Sprintf("c%d", i)), Title: lesson.Text{"en": fmt.Sprintf("Course %03d", i)}}
		if err := store.Publish(t.Context(), uuid.Nil, summary); err != nil {
			t.Fatal(err)
		}
	}
	service := catalog.NewService(store, blob.Memory())
	var sizes []int
	seen := map[lesson.CourseID]bool{}
	for token, first := "", true; first || token != ""; first = false {
		page, next, err := service.List(t.Context(), 0, token)
		if err != nil {
			t.Fatal(err)
		}
		sizes, token = append(sizes, len(page)), next
		for _, s := range page {
			seen[s.ID] = true
		}
	}
	if diff := cmp.Diff([]int{50, 50, 20}, sizes); diff != "" || len(seen) != 120 {
		t.Errorf("%d courses on pages of %v", len(seen), sizes)
	}
	if _, _, err := service.List(t.Context(), 1000, "not a token!"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a token that is none: %v", err)
	}
}
