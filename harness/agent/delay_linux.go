package agent

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// delays adds up how long the container's processes were ready to run and had to wait for a CPU. On
// a busy computer that is most of the time, and without it a right answer would be out of time.
type delays struct {
	last  map[string]time.Duration // by task
	at    time.Time
	total time.Duration
}

// delayInterval is how often tasks are looked at; one that lives shorter is missed.
const delayInterval = 100 * time.Millisecond

// sample counts the longest wait of any one task since the last sample: tasks wait side by side.
func (d *delays) sample(now time.Time) {
	if d.at.IsZero() {
		d.at = now // a run that is over sooner costs nothing
	}
	if now.Sub(d.at) < delayInterval {
		return
	}
	files, err := filepath.Glob("/proc/[0-9]*/task/[0-9]*/schedstat")
	if err != nil {
		return
	}
	seen := make(map[string]time.Duration, len(files))
	longest := time.Duration(0)
	for _, file := range files {
		if strings.HasPrefix(file, "/proc/1/") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			continue // ended meanwhile
		}
		waited, ok := parseSchedstat(string(data))
		if !ok {
			continue
		}
		seen[file] = waited
		longest = max(longest, waited-d.last[file])
	}
	if d.last != nil {
		d.total += min(longest, now.Sub(d.at))
	}
	d.last, d.at = seen, now
}

// parseSchedstat returns the second of "<running> <waiting> <times>", in nanoseconds.
func parseSchedstat(text string) (time.Duration, bool) {
	fields := strings.Fields(text)
	if len(fields) < 2 {
		return 0, false
	}
	n, err := strconv.ParseInt(fields[1], 10, 64)
	return time.Duration(n), err == nil && n >= 0
}
