package settings

import (
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/fault"
)

// defaultServerURL is where `carreld serve --embedded` listens.
const defaultServerURL = "http://127.0.0.1:7373"

const choicesFile = "settings.json"

// Choices are what a person chose on this computer. Zero fields mean the default.
type Choices struct {
	Theme       string `json:"theme,omitempty"`        // "system", "light", "dark" or "contrast"
	Locale      string `json:"locale,omitempty"`       // "en" or "ru"
	CodeSize    int    `json:"code_size,omitempty"`    // pixels, 11 to 22
	ReadingSize int    `json:"reading_size,omitempty"` // pixels, 15 to 20
	Runner      string `json:"runner,omitempty"`       // "auto", "docker" or "cloud"
	LayoutJSON  string `json:"layout_json,omitempty"`  // as the frontend wrote it
}

// maxLayout bounds what the frontend may keep here.
const maxLayout = 64 << 10

// saved is the form of settings.json.
type saved struct {
	Choices
	ServerURL string `json:"server_url,omitempty"`
}

// Choices returns the saved choices, or the zero value when none were saved.
func (h *Home) Choices() (Choices, error) {
	var s saved
	err := h.ReadJSON(choicesFile, &s)
	return s.Choices, err
}

// SaveChoices replaces the choices. Invalid choices are refused as a whole.
func (h *Home) SaveChoices(c Choices) error {
	if err := c.validate(); err != nil {
		return err
	}
	var s saved
	return h.UpdateJSON(choicesFile, &s, func() error {
		s.Choices = c
		return nil
	})
}

// ServerURL returns the address of the cloud: $CARREL_SERVER, else the saved one, else this computer.
func (h *Home) ServerURL() (string, error) {
	if u := os.Getenv(serverVariable); u != "" {
		return u, nil
	}
	var s saved
	if err := h.ReadJSON(choicesFile, &s); err != nil {
		return "", err
	}
	if s.ServerURL == "" {
		return defaultServerURL, nil
	}
	return s.ServerURL, nil
}

// SaveServerURL keeps the address of the cloud.
func (h *Home) SaveServerURL(address string) error {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fault.Wrap(err, fault.Invalid, "This is not the address of a Carrel service.",
			"Write it like https://carrel.example.org.")
	}
	var s saved
	return h.UpdateJSON(choicesFile, &s, func() error {
		s.ServerURL = address
		return nil
	})
}

func (c Choices) validate() error {
	switch {
	case !slices.Contains([]string{"", "system", "light", "dark", "contrast"}, c.Theme):
		return invalidChoice("theme")
	case !slices.Contains([]string{"", "en", "ru"}, c.Locale):
		return invalidChoice("language")
	case !slices.Contains([]string{"", "auto", "docker", "cloud"}, c.Runner):
		return invalidChoice("runner")
	case c.CodeSize != 0 && (c.CodeSize < 11 || c.CodeSize > 22):
		return invalidChoice("code size")
	case c.ReadingSize != 0 && (c.ReadingSize < 15 || c.ReadingSize > 20):
		return invalidChoice("reading size")
	case len(c.LayoutJSON) > maxLayout, c.LayoutJSON != "" && !json.Valid([]byte(c.LayoutJSON)):
		return invalidChoice("layout")
	}
	return nil
}

func invalidChoice(what string) error {
	return fault.New(fault.Invalid, "Carrel does not know this "+what+".", "Choose one of those offered.")
}
