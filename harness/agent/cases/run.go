package cases

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Launcher starts commands of the learner's.
type Launcher interface {
	// Start starts a command in the learner's folder. Its channel, descriptor 3, is connected to the
	// program's Channel when asked for.
	Start(argv []string, stdin string, channel bool) (*Program, error)
}

// maxOutput bounds what is kept of a program's output; one that prints more has not printed what was
// wanted.
const maxOutput = 1 << 20

// Run runs the cases of a suite one after another and writes their results. It returns whether all of
// them passed; the error is about the report.
func Run(ctx context.Context, suite Suite, launcher Launcher, report io.Writer) (bool, error) {
	out := json.NewEncoder(report)
	out.SetEscapeHTML(false)
	plan := struct {
		Plan []result `json:"plan"`
	}{}
	for _, c := range suite.Cases {
		plan.Plan = append(plan.Plan, result{ID: c.Name, Name: c.Name, File: suite.Source, Line: c.Line})
	}
	if err := out.Encode(plan); err != nil {
		return false, err
	}
	r := &runner{suite: suite, launcher: launcher}
	defer r.close()
	all := true
	for _, c := range suite.Cases {
		if err := out.Encode(result{ID: c.Name, Status: running}); err != nil {
			return false, err
		}
		one := result{ID: c.Name, Name: c.Name, Status: passed, File: suite.Source, Line: c.Line}
		began := time.Now()
		r.run(ctx, c, &one)
		one.DurationMS = float64(time.Since(began).Microseconds()) / 1000
		if err := out.Encode(one); err != nil {
			return false, err
		}
		all = all && one.Status == passed
	}
	return all, nil
}

// runner runs the cases of one suite.
type runner struct {
	suite    Suite
	launcher Launcher
	driver   *driver
	server   *Program
}

func (r *runner) close() {
	if r.driver != nil {
		r.driver.close()
	}
	if r.server != nil {
		r.server.Kill()
	}
}

func (r *runner) run(ctx context.Context, c Case, out *result) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutMS)*time.Millisecond)
	defer cancel()
	switch {
	case len(c.Run) > 0:
		r.program(ctx, c, out)
	case c.Call != "":
		r.call(ctx, c, out)
	case c.HTTP != nil:
		r.request(ctx, c, out)
	default:
		out.Status, out.Message = errored, "The case says nothing to do."
	}
}

// program runs a program to its end.
func (r *runner) program(ctx context.Context, c Case, out *result) {
	p, err := r.launcher.Start(c.Run, c.Stdin, false)
	if err != nil {
		out.Status, out.Message = errored, "The program could not be started: "+err.Error()
		return
	}
	defer p.Kill()
	status, ok := p.Wait(ctx)
	stdout, stderr := p.Output()
	out.Output = stderr
	switch {
	case !ok:
		out.Status, out.Message = failed, fmt.Sprintf("The program did not end within %d ms.", c.TimeoutMS)
		if c.Want.Stdout != nil {
			out.Expected, out.Actual = *c.Want.Stdout, stdout
		}
	case c.Want.Exit != nil && status != *c.Want.Exit:
		out.fail(fmt.Sprintf("The program ended with status %d instead of %d.", status, *c.Want.Exit), fmt.Sprintf("exit status %d", *c.Want.Exit), fmt.Sprintf("exit status %d", status))
		if out.Output == "" {
			out.Output = stdout
		}
	case c.Want.Stdout != nil && !sameText(*c.Want.Stdout, stdout):
		out.fail("The program printed something else.", *c.Want.Stdout, stdout)
	default:
		contained(c.Want.Contains, stdout, "The output does not contain what it should.", out)
	}
}

func contained(texts []string, in, message string, out *result) {
	for _, text := range texts {
		if !contains(in, text) {
			out.fail(message, "containing "+text, in)
			return
		}
	}
}

// call calls a function through the driver.
func (r *runner) call(ctx context.Context, c Case, out *result) {
	if len(r.suite.Driver) == 0 {
		out.Status, out.Message = errored, "Functions cannot be called in this environment: tell the author of the lesson."
		return
	}
	if r.driver == nil || r.driver.gone() {
		d, err := startDriver(r.launcher, r.suite.Driver)
		if err != nil {
			out.Status, out.Message = errored, "The program could not be started: "+err.Error()
			return
		}
		r.driver = d
	}
	answer, err := r.driver.call(ctx, c)
	out.Output = r.driver.printed()
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		out.Status, out.Message = failed, fmt.Sprintf("The call did not return within %d ms.", c.TimeoutMS)
	case errors.Is(err, errEnded):
		out.Status, out.Message = errored, "The call ended the program: look for a call that exits."
	case err != nil:
		out.Status, out.Message = errored, "The call gave no readable answer: "+err.Error()
	case c.Want.Error != "" && answer.Error == "":
		out.fail("The call should fail, and it returned.", c.Want.Error, readable(answer.Result))
	case c.Want.Error != "" && answer.Error != c.Want.Error:
		out.fail("The call failed in another way than it should.", c.Want.Error, joined(answer))
	case c.Want.Error != "":
	case answer.Error != "":
		out.Status, out.Message = errored, joined(answer)
		if c.Want.Result != nil {
			out.Expected, out.Actual = readable(c.Want.Result), answer.Error
		}
	case c.Want.Result != nil && !sameValue(c.Want.Result, answer.Result):
		out.fail("The call returned something else.", readable(c.Want.Result), readable(answer.Result))
	}
	if err != nil {
		r.driver.close() // what it may still say belongs to nobody
	}
}

func joined(a Answer) string {
	if a.Message == "" {
		return a.Error
	}
	return a.Error + ": " + a.Message
}

// newID returns what a forged answer would have to guess.
func newID() string { return rand.Text() }

// Main runs the cases of File in the current folder and returns the exit status: 0 when all passed.
func Main(ctx context.Context) int {
	data, err := os.ReadFile(File)
	var suite Suite
	if err == nil {
		err = json.Unmarshal(data, &suite)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "reading cases:", err)
		return 2
	}
	report := os.NewFile(3, "report")
	all, err := Run(ctx, suite, Exec{}, report)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "writing the report:", err)
		return 2
	case !all:
		return 1
	default:
		return 0
	}
}
