package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/postgrestest"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

func newSummary(id, title, content string) catalog.Summary {
	return catalog.Summary{
		ID: lesson.CourseID(id), Title: lesson.Text{"en": title}, Visibility: lesson.VisibilityPublic,
		Digest: lesson.DigestOf([]byte(content)), SizeBytes: 42,
		Lessons: []catalog.LessonSummary{{ID: uuid.NewSHA1(uuid.Nil, []byte(id)), Slug: "one", Version: lesson.DigestOf([]byte("lesson " + content))}},
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	store := postgres.NewCatalog(db)
	author := newAccount(t, db)
	publish := func(publisher uuid.UUID, s catalog.Summary) {
		if err := store.Publish(t.Context(), publisher, s); err != nil {
			t.Fatal(err)
		}
	}
	list := func(after catalog.Place, limit int) []catalog.Summary {
		page, err := store.List(t.Context(), after, limit)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	shell, python := newSummary("shell", "Shell", "1"), newSummary("python", "Python", "1 too")
	internal := newSummary("internal", "Internal", "secret")
	internal.Visibility = lesson.VisibilityOrganisation
	for range 2 {
		publish(uuid.Nil, shell)
		publish(uuid.Nil, python)
		publish(uuid.Nil, internal)
	}

	t.Log("public courses are listed by title, page by page")
	if diff := cmp.Diff([]catalog.Summary{python, shell}, list(catalog.Place{}, 10)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]catalog.Summary{python}, list(catalog.Place{}, 1)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]catalog.Summary{shell}, list(catalog.PlaceOf(python), 1)); diff != "" {
		t.Error(diff)
	}

	t.Log("the newest version is listed, old lessons stay")
	second := newSummary("shell", "Shell, second edition", "2")
	publish(author, second)
	if diff := cmp.Diff([]catalog.Summary{second}, list(catalog.PlaceOf(python), 1)); diff != "" {
		t.Error(diff)
	}
	for _, s := range []catalog.Summary{shell, second} {
		digest, err := store.BundleOf(t.Context(), s.Lessons[0].ID, s.Lessons[0].Version)
		if err != nil || digest != s.Digest {
			t.Errorf("BundleOf = %s, %v; want %s", digest, err, s.Digest)
		}
	}
	if _, err := store.BundleOf(t.Context(), uuid.New(), shell.Lessons[0].Version); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown lesson: %v", err)
	}

	t.Log("a restart of the server does not undo what the author did")
	publish(uuid.Nil, shell)
	if diff := cmp.Diff([]catalog.Summary{second}, list(catalog.PlaceOf(python), 1)); diff != "" {
		t.Error(diff)
	}
	publish(author, shell)
	if diff := cmp.Diff([]catalog.Summary{shell}, list(catalog.PlaceOf(python), 1)); diff != "" {
		t.Error("an author cannot go back to an old version:", diff)
	}
	publish(uuid.Nil, newSummary("shell", "Shell, shipped again", "3"))
	if diff := cmp.Diff([]catalog.Summary{shell}, list(catalog.PlaceOf(python), 1)); diff != "" {
		t.Error("going back was undone by a restart:", diff)
	}
}
