package main

import (
	"os"
	"strings"
)

// module is what a go.mod says.
type module struct {
	path    string
	version string // of the language, such as "1.26"
	godebug string // the settings this version of the language asks the runtime for
}

// readModule reads a go.mod that names nothing but the module and its version of Go.
func readModule(file string) (module, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return module{}, err
	}
	m, err := parseModule(string(data))
	if err != nil {
		return module{}, err
	}
	known, err := os.ReadFile(godebugs)
	if err != nil {
		return module{}, err
	}
	for line := range strings.Lines(string(known)) {
		if version, settings, _ := strings.Cut(strings.TrimSpace(line), " "); version == m.version {
			m.godebug = settings
			return m, nil
		}
	}
	return module{}, errUnusual
}

func parseModule(text string) (module, error) {
	var m module
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case len(fields) == 2 && fields[0] == "module" && m.path == "":
			m.path = strings.Trim(fields[1], `"`)
		case len(fields) == 2 && fields[0] == "go" && m.version == "":
			parts := strings.SplitN(fields[1], ".", 3)
			if len(parts) < 2 {
				return module{}, errUnusual
			}
			m.version = parts[0] + "." + parts[1]
		default:
			return module{}, errUnusual
		}
	}
	if m.path == "" || m.version == "" {
		return module{}, errUnusual
	}
	return m, nil
}
