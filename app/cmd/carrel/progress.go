package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// logInterval is how often progress is written where nobody watches: a log wants a few lines, not a
// redrawn one.
const logInterval = 10 * time.Second

// progress shows how far long work is: a bar in a terminal, a line now and then elsewhere. Its
// methods are safe for concurrent use.
type progress struct {
	w     io.Writer
	title string

	mu      sync.Mutex
	bar     *progressbar.ProgressBar // nil outside a terminal
	written time.Time
}

// newProgress writes to w. Close ends it.
func newProgress(w io.Writer, title string) *progress {
	p := &progress{w: w, title: title, written: time.Now()}
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		p.bar = progressbar.NewOptions(1,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetDescription(title),
			progressbar.OptionShowCount(),
			progressbar.OptionSetElapsedTime(true),
			progressbar.OptionSetWidth(32),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// To says that done of total are done, the last of them being subject.
func (p *progress) To(done, total int, subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.ChangeMax(total)
		p.bar.Describe(p.title + " " + subject)
		_ = p.bar.Set(done) // a bar that cannot be drawn is no reason to stop
		return
	}
	if done < total && time.Since(p.written) < logInterval {
		return
	}
	p.written = time.Now()
	fmt.Fprintf(p.w, "%s: %d of %d (%s)\n", p.title, done, total, subject)
}

// Note says one line between steps.
func (p *progress) Note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, line)
}

// Close removes the bar.
func (p *progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
