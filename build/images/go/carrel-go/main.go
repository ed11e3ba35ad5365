// carrel-go is the Go environment's helper. It is compiled into the image, from the standard library
// alone:
//
//	carrel-go test    runs the tests of the module in this folder and prints what go test -json does
//	carrel-go cache   is a GOCACHEPROG: the image's build cache, which nobody can change, below a new one
//	carrel-go drive   calls functions of the learner's code, see harness/agent/cases
package main

import (
	"fmt"
	"os"
)

// Where the image keeps what was compiled when it was made.
const (
	goroot    = "/usr/local/go"
	share     = "/usr/local/share/carrel-go"
	baked     = share + "/cache"         // in the layout of a GOCACHE
	archives  = share + "/std.importcfg" // "packagefile PATH=FILE" for the standard library
	godebugs  = share + "/godebug"       // "VERSION SETTINGS" per language version
	test2json = share + "/test2json"
)

func main() {
	verb := ""
	if len(os.Args) > 1 {
		verb = os.Args[1]
	}
	var err error
	switch verb {
	case "test":
		err = test(os.Args[2:])
	case "cache":
		err = serveCache(os.Stdin, os.Stdout, baked)
	case "drive":
		err = drive()
	default:
		err = fmt.Errorf("unknown verb %q", verb)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "carrel-go:", err)
		os.Exit(2)
	}
}
