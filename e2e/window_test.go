package e2e

import (
	"encoding/json"
	"image"
	_ "image/png" // what import writes
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// screenshots is where the window's pictures go, for people to look at after a run.
const screenshots = "../build/.cache/screenshots"

// lessonColours is more than the grey bars of a lesson that is still loading have (some 450), and less
// than its text and code have (some 2,300).
const lessonColours = 1000

// display is an X server of our own without a screen.
type display struct {
	t    testing.TB
	name string
}

func startDisplay(t testing.TB) *display {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp")
	command.ExtraFiles = []*os.File{write}
	if err := command.Start(); err != nil {
		t.Fatalf("starting Xvfb: %v", err)
	}
	_ = write.Close()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	number := make([]byte, 16)
	n, err := read.Read(number)
	if err != nil {
		t.Fatalf("waiting for Xvfb: %v", err)
	}
	return &display{t, ":" + strings.TrimSpace(string(number[:n]))}
}

// run runs an X program and returns its output.
func (d *display) run(name string, args ...string) (string, error) {
	command := exec.Command(name, args...)
	command.Env = append(os.Environ(), "DISPLAY="+d.name)
	out, err := command.Output()
	return strings.TrimSpace(string(out)), err
}

// keys presses keys in the focused window, such as "ctrl+Return".
func (d *display) keys(keys ...string) {
	d.t.Helper()
	if _, err := d.run("xdotool", append([]string{"key", "--clearmodifiers"}, keys...)...); err != nil {
		d.t.Fatalf("pressing %v: %v", keys, err)
	}
}

// checkUntil presses Check until ok holds. A press counts for nothing before the lesson is there and
// while a check goes on, and an X client cannot ask when that is over.
func (d *display) checkUntil(t testing.TB, what string, ok func() bool) {
	t.Helper()
	const patience = 5 * time.Second
	var pressed time.Time
	eventually(t, what, 2*time.Minute, func() bool {
		if ok() {
			return true
		}
		if time.Since(pressed) > patience {
			d.keys("ctrl+Return")
			pressed = time.Now()
		}
		return false
	})
}

// picture takes a screenshot and counts the colours in it: a blank window has few.
func (d *display) picture(name string) (colours int) {
	d.t.Helper()
	if err := os.MkdirAll(screenshots, 0o755); err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(screenshots, name+".png")
	if _, err := d.run("import", "-window", "root", path); err != nil {
		d.t.Fatalf("taking a screenshot: %v", err)
	}
	f, err := os.Open(path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		d.t.Fatal(err)
	}
	seen := map[[3]uint32]bool{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			r, g, b, _ := picture.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}] = true
		}
	}
	return len(seen)
}

// attempts returns how many attempts the journal in home has, and whether a lesson is passed.
func attempts(t testing.TB, home string) (n int, passed bool) {
	t.Helper()
	out, code := carrel(t, home, nil, "", "status", "--json")
	if code != 0 {
		t.Fatalf("carrel status: exit code %d", code)
	}
	var status struct {
		Lessons []struct {
			Attempts int
			Status   string
		}
	}
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		t.Fatal(err)
	}
	for _, l := range status.Lessons {
		n += l.Attempts
		passed = passed || l.Status == "passed" || l.Status == "verified"
	}
	return n, passed
}

// TestWindow works in the real window with the keyboard alone: a check that fails, the work corrected
// by another editor, a check that passes, typing, and a kill -9 that loses none of it.
func TestWindow(t *testing.T) {
	d := startDisplay(t)
	home := t.TempDir()
	env := []string{"DISPLAY=" + d.name, "CARREL_HOME=" + home, "CARREL_SERVER=http://127.0.0.1:9", "GDK_BACKEND=x11"}
	open := func() *program {
		t.Helper()
		p, err := startProgram(`the window is open`, env, "carrel-desktop", "first-steps/pipes")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.kill)
		if _, err := d.run("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Carrel"); err != nil {
			t.Fatalf("no window appeared: %v\n%s", err, p.text())
		}
		return p
	}
	window := open()
	work := filepath.Join(home, "work", "first-steps", "pipes", "busiest.sh")
	eventually(t, "the lesson's files are laid out", time.Minute, func() bool {
		_, err := os.Stat(work)
		return err == nil
	})
	eventually(t, "the window shows the lesson", time.Minute, func() bool { return d.picture("window-lesson") > lessonColours })

	d.checkUntil(t, "a check makes an attempt", func() bool {
		n, _ := attempts(t, home)
		return n > 0
	})
	d.picture("window-failed")

	solution := "#!/bin/bash\nawk '{ print $2 }' \"$1\" | sort | uniq -c | sort -rn | head -n 3\n"
	if err := os.WriteFile(work, []byte(solution), 0o755); err != nil {
		t.Fatal(err)
	}
	d.checkUntil(t, "the corrected work passes", func() bool {
		_, passed := attempts(t, home)
		return passed
	})
	d.picture("window-passed")

	// What is typed reaches the disk by itself, so a kill after it loses nothing and damages nothing.
	// How soon it does is measured in the browser tests, where keys have a known moment.
	if _, err := d.run("xdotool", "mousemove", "900", "400", "click", "1", "key", "ctrl+End", "type", "--delay", "20", "# kept for ever"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "typing reaches the disk", 30*time.Second, func() bool {
		text, err := os.ReadFile(work)
		return err == nil && strings.HasSuffix(string(text), "# kept for ever")
	})
	window.kill()
	if text, err := os.ReadFile(work); err != nil || string(text) != solution+"# kept for ever" {
		t.Errorf("after the kill the file is %q, %v", text, err)
	}

	open()
	eventually(t, "the window is back", time.Minute, func() bool { return d.picture("window-again") > lessonColours })
}
