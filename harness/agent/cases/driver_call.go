package cases

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

var errEnded = errors.New("the program ended")

// driver is a running driver.
type driver struct {
	program *Program
	answers *bufio.Reader
	dead    bool
}

func startDriver(launcher Launcher, argv []string) (*driver, error) {
	p, err := launcher.Start(argv, "", true)
	if err != nil {
		return nil, err
	}
	return &driver{program: p, answers: bufio.NewReaderSize(p.Channel, 64<<10)}, nil
}

func (d *driver) gone() bool { return d.dead }

func (d *driver) close() {
	if !d.dead {
		d.dead = true
		d.program.Kill()
	}
}

// printed returns what the learner's code has printed since the last call of it.
func (d *driver) printed() string { return d.program.NewOutput() }

// call asks for one call. After an error the driver is not asked again.
func (d *driver) call(ctx context.Context, c Case) (Answer, error) {
	request := Request{ID: newID(), Call: c.Call, Args: c.Args}
	if request.Args == nil {
		request.Args = []json.RawMessage{}
	}
	line, err := json.Marshal(request)
	if err != nil {
		return Answer{}, err
	}
	deadline, _ := ctx.Deadline() // every case has one
	if err := d.program.Channel.SetDeadline(deadline); err != nil {
		return Answer{}, errEnded
	}
	if _, err := d.program.Channel.Write(append(line, '\n')); err != nil {
		return Answer{}, d.why(ctx, err)
	}
	data, err := readLine(d.answers)
	if err != nil {
		return Answer{}, d.why(ctx, err)
	}
	var a Answer
	if err := json.Unmarshal(data, &a); err != nil {
		return Answer{}, errors.New("it is no JSON")
	}
	switch {
	case a.ID != request.ID:
		return Answer{}, errors.New("it answers something else")
	case a.Error == "" && a.Result == nil:
		return Answer{}, errors.New("it has neither a result nor an error")
	}
	// What it printed may still be on its way through pipes.
	d.program.settle(20 * time.Millisecond)
	return a, nil
}

// why tells a driver that ended from one that takes too long.
func (d *driver) why(ctx context.Context, err error) error {
	if timeout := (interface{ Timeout() bool })(nil); errors.As(err, &timeout) && timeout.Timeout() || ctx.Err() != nil {
		return context.DeadlineExceeded
	}
	if errors.Is(err, errTooLong) {
		return err
	}
	return errEnded
}

var errTooLong = fmt.Errorf("it is longer than %d bytes", MaxLine)

// readLine reads a line of bounded length.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > MaxLine {
			return nil, errTooLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil, errEnded
		}
		return line, err
	}
}
