package power

import (
	"maps"
	"testing"
	"testing/fstest"
)

func TestSavingIn(t *testing.T) {
	t.Parallel()
	supply := func(name string, fields ...string) fstest.MapFS {
		files := fstest.MapFS{}
		for i := 0; i < len(fields); i += 2 {
			files["class/power_supply/"+name+"/"+fields[i]] = &fstest.MapFile{Data: []byte(fields[i+1] + "\n")}
		}
		return files
	}
	profile := func(name string) fstest.MapFS {
		return fstest.MapFS{"firmware/acpi/platform_profile": {Data: []byte(name + "\n")}}
	}
	battery := func(status, capacity string) fstest.MapFS {
		return supply("BAT0", "type", "Battery", "status", status, "capacity", capacity)
	}
	tests := []struct {
		name string
		sys  []fstest.MapFS
		want bool
	}{
		{"a computer that tells nothing", nil, false},
		{"a battery that runs low", []fstest.MapFS{battery("Discharging", "12")}, true},
		{"a battery with enough in it", []fstest.MapFS{battery("Discharging", "20")}, false},
		{"a battery that is charged", []fstest.MapFS{battery("Charging", "12")}, false},
		{"a charger at the other end", []fstest.MapFS{battery("Discharging", "12"), supply("AC", "type", "Mains", "online", "1")}, false},
		{"no charger", []fstest.MapFS{battery("Discharging", "12"), supply("AC", "type", "Mains", "online", "0")}, true},
		{"a mouse's battery", []fstest.MapFS{supply("mouse", "type", "Battery", "scope", "Device", "status", "Discharging", "capacity", "5")}, false},
		{"a battery that does not tell its charge", []fstest.MapFS{supply("BAT0", "type", "Battery", "status", "Discharging")}, false},
		{"a profile that saves", []fstest.MapFS{profile("low-power")}, true},
		{"a profile that saves, with a charger", []fstest.MapFS{profile("quiet"), supply("AC", "type", "Mains", "online", "1")}, true},
		{"any other profile", []fstest.MapFS{profile("balanced")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sys := fstest.MapFS{}
			for _, part := range tt.sys {
				maps.Copy(sys, part)
			}
			if got := savingIn(sys); got != tt.want {
				t.Errorf("saving is %v, want %v", got, tt.want)
			}
		})
	}
}
