//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/carrel-dev/carrel/fault"
)

// display is an X server without a screen.
type display struct {
	name    string
	command *exec.Cmd
}

// startDisplay starts an X server that chooses its own number. It ends with stop and not with ctx: windows
// that lose their display cannot give back what they have.
func startDisplay(ctx context.Context) (*display, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making pipe: %w", err)
	}
	defer func() { _ = read.Close() }() // read to its end
	command := exec.CommandContext(context.WithoutCancel(ctx), "Xvfb", "-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp")
	command.ExtraFiles = []*os.File{write}
	err = command.Start()
	_ = write.Close() // the server has its own
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "Xvfb cannot be started.", "Install it: apt-get install xvfb")
	}
	d := &display{command: command}
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for Xvfb: %w", err), d.stop())
	}
	d.name = ":" + strings.TrimSpace(number)
	return d, nil
}

// stop ends the server as its users are gone: it has nothing to save.
func (d *display) stop() error {
	err := d.command.Process.Signal(os.Interrupt)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping Xvfb: %w", err)
	}
	_ = d.command.Wait() // it ends by the signal, on purpose
	return nil
}
