//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of processor times in /proc: 100 per second on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// process is what /proc tells about a process.
type process struct {
	pid, parent int
	cpu         time.Duration // of it and of its children that have ended, user and system
}

// parseStat reads a /proc/PID/stat. The name in it may contain anything, blanks and brackets too.
func parseStat(text string) (process, error) {
	var p process
	head, _, ok := strings.Cut(text, " (")
	end := strings.LastIndex(text, ") ")
	if !ok || end < 0 {
		return p, fmt.Errorf("stat without a name: %q", text)
	}
	fields := strings.Fields(text[end+2:]) // from the state, the third field of proc(5)
	if len(fields) < 15 {
		return p, fmt.Errorf("stat with %d fields after the name", len(fields))
	}
	var err error
	number := func(s string) int64 {
		n, failed := strconv.ParseInt(s, 10, 64)
		err = errors.Join(err, failed)
		return n
	}
	p.pid, p.parent = int(number(head)), int(number(fields[1]))
	for _, ticks := range fields[11:15] { // utime, stime, cutime, cstime
		p.cpu += time.Duration(number(ticks)) * tick
	}
	return p, err
}

// processes returns everything that runs now.
func processes() ([]process, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	all := make([]process, 0, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if ended(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p, err := parseStat(string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// ended tells whether a file of /proc could not be read because its process has ended meanwhile.
func ended(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// tree returns root and what descends from it.
func tree(all []process, root int) []process {
	children := map[int][]process{}
	var found []process
	for _, p := range all {
		if p.pid == root {
			found = append(found, p)
		}
		children[p.parent] = append(children[p.parent], p)
	}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].pid]...)
	}
	return found
}

// treeOf is tree as things are now. It is an error when root has ended.
func treeOf(root int) ([]process, error) {
	all, err := processes()
	if err != nil {
		return nil, err
	}
	found := tree(all, root)
	if len(found) == 0 {
		return nil, fmt.Errorf("process %d has ended", root)
	}
	return found, nil
}

// proportional returns the memory of processes in bytes, what they share with others divided by how many
// share it (PSS).
func proportional(tree []process) (int64, error) {
	var sum int64
	for _, p := range tree {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.pid))
		if ended(err) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("reading memory: %w", err)
		}
		n, err := parseRollup(string(text))
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// parseRollup reads the PSS from a /proc/PID/smaps_rollup, in bytes.
func parseRollup(text string) (int64, error) {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "Pss:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kilobytes * 1024, err
		}
	}
	return 0, errors.New("no Pss in smaps_rollup")
}
