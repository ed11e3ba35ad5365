package courses_test

import (
	"testing"

	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/lesson"
)

func TestCourses_AreSound(t *testing.T) {
	t.Parallel()
	for _, id := range courses.IDs() {
		fsys, err := courses.Course(id)
		if err != nil {
			t.Fatal(err)
		}
		course, err := lesson.Load(fsys)
		if err != nil {
			t.Fatalf("%s:\n%v", id, err)
		}
		if string(course.ID) != id {
			t.Errorf("the folder %s holds the course %s", id, course.ID)
		}
	}
}
