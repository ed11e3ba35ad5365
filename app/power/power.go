// Package power tells whether the computer saves power, so that nothing is done that nobody asked for.
// It knows Linux; elsewhere nothing is saved.
package power

import (
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// low is the charge, in percent, below which a computer without a charger counts as saving power:
// where desktops switch their battery saver on by themselves.
const low = 20

// Saving tells whether the person chose a profile that saves power, or the battery runs low. It reads a
// few short files.
func Saving() bool {
	return runtime.GOOS == "linux" && savingIn(os.DirFS("/sys"))
}

// savingIn reads the files of /sys. What cannot be read says nothing.
func savingIn(sys fs.FS) bool {
	// The profiles of firmware; power-profiles-daemon and tuned set them.
	if slices.Contains([]string{"low-power", "quiet"}, read(sys, "firmware/acpi/platform_profile")) {
		return true
	}
	supplies, err := fs.ReadDir(sys, "class/power_supply")
	if err != nil {
		return false
	}
	draining := false
	for _, s := range supplies {
		at := func(name string) string { return read(sys, path.Join("class/power_supply", s.Name(), name)) }
		switch at("type") {
		case "Mains", "USB":
			if at("online") == "1" {
				return false
			}
		case "Battery":
			// Scope "Device" is the battery of a mouse.
			charge, err := strconv.Atoi(at("capacity"))
			if at("scope") != "Device" && at("status") == "Discharging" && err == nil && charge < low {
				draining = true
			}
		}
	}
	return draining
}

func read(sys fs.FS, name string) string {
	data, err := fs.ReadFile(sys, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
