package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
)

func TestServeCache(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	lower := t.TempDir()
	talk := func(t *testing.T, lines ...string) []cacheResponse {
		t.Helper()
		read, write := io.Pipe()
		failed := make(chan error, 1)
		go func() {
			err := serveCache(strings.NewReader(strings.Join(lines, "\n")), write, lower)
			failed <- err
			_ = write.CloseWithError(err)
		}()
		var all []cacheResponse
		for from := json.NewDecoder(read); ; {
			var r cacheResponse
			if err := from.Decode(&r); err != nil {
				break
			}
			all = append(all, r)
		}
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
		return all
	}
	const get, put = `{"ID":1,"Command":"get","ActionID":"AQID"}`, `{"ID":2,"Command":"put","ActionID":"AQID","OutputID":"BAUG","BodySize":5}` + "\n" + `"aGVsbG8="`
	t.Run("what was put is found, also by the next", func(t *testing.T) {
		got := talk(t, get, put, get, `{"ID":3,"Command":"close"}`)
		if len(got) != 5 || len(got[0].KnownCommands) != 3 || !got[1].Miss || got[3].Miss || got[3].Size != 5 || got[4].ID != 3 {
			t.Fatalf("got %+v", got)
		}
		again := talk(t, get)
		if len(again) != 2 || again[1].Miss {
			t.Fatalf("got %+v", again)
		}
		if data, err := os.ReadFile(again[1].DiskPath); string(data) != "hello" {
			t.Errorf("the output is %q, %v", data, err)
		}
	})
	t.Run("the image's cache comes first and is not written", func(t *testing.T) {
		if err := os.CopyFS(lower, os.DirFS(home+"/carrel-go")); err != nil {
			t.Fatal(err)
		}
		got := talk(t, get)
		if len(got) != 2 || !strings.HasPrefix(got[1].DiskPath, lower) {
			t.Fatalf("got %+v", got)
		}
	})
	t.Run("half an entry is a miss", func(t *testing.T) {
		if err := os.Truncate(place(lower, []byte{4, 5, 6}, "d"), 3); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(place(home+"/carrel-go", []byte{1, 2, 3}, "a"), 9); err != nil {
			t.Fatal(err)
		}
		if got := talk(t, get); len(got) != 2 || !got[1].Miss {
			t.Fatalf("got %+v", got)
		}
	})
}
