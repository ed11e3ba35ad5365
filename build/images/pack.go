package images

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// MainPlaceholder stands for the exercise's main file in the argument list of a run command.
const MainPlaceholder = "{main}"

// Pack is a language pack: what the harness must know to use an image. It is pack.json in the
// recipe's folder and the label LabelPack on the image.
type Pack struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Version int    `json:"version"` // grows with each change that could change a verdict

	// ChecksAsParent takes over from the parent's pack how checks run: Check, Zygote and Dialect.
	ChecksAsParent bool `json:"checks_as_parent,omitempty"`

	Check Check   `json:"check"`
	Run   Program `json:"run"`
	// Zygote is the command of a preloaded interpreter, which checks fork from instead of starting
	// their own; see harness/agent for how it is spoken to.
	Zygote []string `json:"zygote,omitempty"`
	// Dialect names how the tests are written, for canary checks; see harness/canary.
	Dialect string `json:"dialect,omitempty"`
	// Shell is the argument list of the terminal.
	Shell []string `json:"shell"`
	// Env are KEY=value pairs for every process; Check.Env comes on top for checks.
	Env []string `json:"env"`
	// Service makes the image one that runs beside an exercise; nil for the others.
	Service *Service `json:"service,omitempty"`
}

// Service is how an image serves an exercise: what to start, and how to bring it into its first state.
// The commands run in a container of its own, as a user without a name, with $HOME as the one folder
// that keeps files. They get CARREL_SERVICE_PORT, the port to listen on. Exit code 0 is success.
type Service struct {
	Port uint16 `json:"port"`
	// MemoryMB and DiskMB bound the container; 0 takes the defaults of an exercise.
	MemoryMB int `json:"memory_mb,omitempty"`
	DiskMB   int `json:"disk_mb,omitempty"`
	// Start runs for as long as the service does. Started again, it begins with an empty state.
	Start []string `json:"start"`
	// Ready succeeds once the service can be used; without it, an open port is enough.
	Ready []string `json:"ready,omitempty"`
	// Seed takes one seed file on its standard input.
	Seed []string `json:"seed,omitempty"`
	// Reset brings the service back to the state after its seeds. It gets one more argument: "practice"
	// for what terminals and programs see, "check" for what checks see, which share nothing.
	Reset []string `json:"reset,omitempty"`
	// ClientEnv are KEY=value pairs for the exercise's processes, PracticeEnv for terminals and programs
	// alone, CheckEnv for checks alone. {host} and {port} stand for where the service is.
	ClientEnv   []string `json:"client_env,omitempty"`
	PracticeEnv []string `json:"practice_env,omitempty"`
	CheckEnv    []string `json:"check_env,omitempty"`
}

// Check is how an exercise is checked unless it says otherwise. Its zero value means that the pack
// has no tests of its own.
type Check struct {
	Command []string `json:"command,omitempty"`
	Env     []string `json:"env,omitempty"`
	Format  string   `json:"format,omitempty"` // see harness/testreport
	// Report is the file the command writes, relative to the folder it runs in. Empty for a format that
	// is written to the report channel (file descriptor 3) or to standard output.
	Report string `json:"report,omitempty"`
	// Split is the command of split checks, which run in the folder of the tests; empty takes Command.
	Split []string `json:"split,omitempty"`
	// Driver is the program that calls functions of the learner's code for split checks; see
	// harness/agent/cases for how it is spoken to. Empty where there is none.
	Driver []string `json:"driver,omitempty"`
}

// Program is how a learner's program is started.
type Program struct {
	Command []string `json:"command,omitempty"` // holds MainPlaceholder once
}

// ParsePack reads the label LabelPack of an image. Unknown fields are ignored: images may be newer
// than this program.
func ParsePack(label string) (Pack, error) {
	var pack Pack
	if err := json.Unmarshal([]byte(label), &pack); err != nil {
		return Pack{}, fmt.Errorf("parsing language pack: %w", err)
	}
	return pack, nil
}

// parsePack reads our own pack.json, where an unknown field is a typing mistake.
func parsePack(data []byte) (Pack, error) {
	var pack Pack
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&pack); err != nil {
		return Pack{}, fmt.Errorf("parsing %s: %w", packFile, err)
	}
	return pack, nil
}

func (p Pack) label() (string, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("encoding language pack: %w", err)
	}
	if strings.Contains(string(data), "'") {
		return "", fmt.Errorf("the language pack %s must not contain single quotes", p.Name)
	}
	return string(data), nil
}
