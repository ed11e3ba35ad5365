package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the sessions in testdata/script, each in a folder and with a state of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("CARREL_HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("CARREL_SERVER", "http://127.0.0.1:9") // the discard port: nobody there
			env.Setenv("LC_ALL", "C.UTF-8")
			if host, ok := os.LookupEnv("DOCKER_HOST"); ok {
				env.Setenv("DOCKER_HOST", host)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// cloud starts carreld on a data folder and makes it the default server.
			"cloud": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: cloud DATA")
				}
				p, err := startProgram(`ready on (http://\S+)`, nil, "carreld",
					"serve", "--embedded", "--data", ts.MkAbs(args[0]), "--listen", "127.0.0.1:0")
				ts.Check(err)
				ts.Defer(p.stop)
				ts.Setenv("CARREL_SERVER", p.said[1])
				ts.Setenv("TAKEN_PORT", p.said[1][strings.LastIndex(p.said[1], ":")+1:])
				ts.Setenv("TAKEN", strings.TrimPrefix(p.said[1], "http://"))
			},
			"terminal": typeInTerminal,
			"preview":  askPreview,
		},
	})
}
