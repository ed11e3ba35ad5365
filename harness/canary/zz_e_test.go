package canary

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/carrel-dev/carrel/lesson"
)

func TestZZ(t *testing.T) {
	data, _ := os.ReadFile("../harnesstest/testdata/languages/shell.txtar")
	f := lesson.Files{}
	for _, x := range txtar.Parse(data).Files {
		f[x.Name] = lesson.NewFile(x.Data)
	}
	t.Log(Check("bats", f))
	data2, _ := os.ReadFile("../../build/images/shell/pack.json")
	t.Log(string(data2))
}
