package gate

import (
	"bytes"
	"path"
	"strings"
)

// The built-in forgeries: what a learner tries first, and what a beginner does by accident. Each is put
// into the main file of the starter, which does not solve the task; neither may pass. The large corpus is
// that of package harness/harnesstest/forgery, which holds for every lesson at once.

// forgery is code that tries to pass without solving anything.
type forgery struct {
	name string
	// put returns the main file with the forgery.
	put func(source []byte) []byte
}

// before puts code at the start of a file, after a first line that must stay the first.
func before(code string, first ...string) func([]byte) []byte {
	return func(source []byte) []byte {
		line, rest, _ := bytes.Cut(source, []byte("\n"))
		for _, start := range first {
			if bytes.HasPrefix(line, []byte(start)) {
				return []byte(string(line) + "\n" + code + "\n" + string(rest))
			}
		}
		return append([]byte(code+"\n"), source...)
	}
}

// inGo puts a function that ends the program before anything else into a Go file.
func inGo(source []byte) []byte {
	out := make([]byte, 0, len(source)+128)
	put := false
	for line := range strings.Lines(string(source)) {
		out = append(out, line...)
		if !put && strings.HasPrefix(line, "package ") {
			put = true
			if !strings.HasSuffix(line, "\n") {
				out = append(out, '\n')
			}
			out = append(out, "import forged \"os\"\n"...)
		}
	}
	return append(out, "\nfunc init() { forged.Exit(0) }\n"...)
}

// forgeries returns the forgeries for a main file; none where it is no program.
func forgeries(main string) []forgery {
	const ends, always = "a program that ends at once and says that all is well", "a program that says that all is well however it ends"
	switch path.Ext(main) {
	case ".py":
		return []forgery{
			{ends, before("import os; os._exit(0)", "#!")},
			{always, before("import atexit, os; atexit.register(os._exit, 0)", "#!")},
		}
	case ".sh", ".bash":
		return []forgery{{ends, before("exit 0", "#!")}, {always, before("trap 'exit 0' EXIT", "#!")}}
	case ".js", ".mjs", ".cjs":
		return []forgery{
			{ends, before("process.exit(0);", "#!")},
			{always, before(`process.on("exit", () => { process.exitCode = 0; });`, "#!")},
		}
	case ".go":
		return []forgery{{ends, inGo}}
	case ".c":
		return []forgery{
			{ends, before("#include <unistd.h>\n__attribute__((constructor)) static void forged(void) { _exit(0); }")},
			{always, before("#include <stdlib.h>\n#include <unistd.h>\nstatic void forged(void) { _exit(0); }\n__attribute__((constructor)) static void forge(void) { atexit(forged); }")},
		}
	case ".rb":
		return []forgery{{ends, before("exit!(0)", "#!")}, {always, before("at_exit { exit!(0) }", "#!")}}
	case ".php":
		return []forgery{{ends, before("exit(0);", "<?php")}, {always, before("register_shutdown_function(function () { exit(0); });", "<?php")}}
	default:
		return nil
	}
}
