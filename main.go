// Carrel is practical programming lessons in a real environment, in a window.
package main

import (
	"fmt"
	"os"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/frontend"
)

// version is set by the linker.
var version = "dev" //nolint:gochecknoglobals // the linker can set nothing else

func main() {
	options := app.Options{Version: version, Frontend: frontend.Dist()}
	if len(os.Args) > 1 {
		options.Open = os.Args[1]
	}
	if err := app.Run(options); err != nil {
		message, hint := fault.Sentence(err)
		fmt.Fprintf(os.Stderr, "carrel: %s\n  %s\n  (%v)\n", message, hint, err)
		os.Exit(1)
	}
}
