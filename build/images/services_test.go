package images

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/lesson"
)

func TestPack_sqlChecksAsPythonDoes(t *testing.T) {
	t.Parallel()
	sql, _ := Lookup("sql")
	python, _ := Lookup("python")
	want, got := python.Pack(), sql.Pack()
	if diff := cmp.Diff(want.Check, got.Check); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want.Zygote, got.Zygote); diff != "" {
		t.Error(diff)
	}
	if want.Dialect != got.Dialect {
		t.Errorf("the dialects are %q and %q", want.Dialect, got.Dialect)
	}
}

func TestPack_services(t *testing.T) {
	t.Parallel()
	var served []string
	for _, name := range Names() {
		recipe, _ := Lookup(name)
		s := recipe.Pack().Service
		if s == nil {
			continue
		}
		served = append(served, name)
		if s.Port == 0 || s.MemoryMB == 0 || s.DiskMB == 0 || len(s.Start) == 0 || len(s.Ready) == 0 || len(s.Seed) == 0 || len(s.Reset) == 0 || len(s.ClientEnv) == 0 {
			t.Errorf("%s leaves something out: %+v", name, s)
		}
	}
	if diff := cmp.Diff(lesson.ShippedServices(), served); diff != "" {
		t.Error(diff)
	}
}
