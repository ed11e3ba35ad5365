package main

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The messages of the protocol, as cmd/go documents them.
type cacheRequest struct {
	ID       int64
	Command  string
	ActionID []byte
	OutputID []byte
	BodySize int64
}

type cacheResponse struct {
	ID            int64
	Err           string     `json:",omitempty"`
	KnownCommands []string   `json:",omitempty"`
	Miss          bool       `json:",omitempty"`
	OutputID      []byte     `json:",omitempty"`
	Size          int64      `json:",omitempty"`
	Time          *time.Time `json:",omitempty"`
	DiskPath      string     `json:",omitempty"`
}

// serveCache answers the go command until it says "close". The root of an image cannot be written, so
// its cache is only read; what is new goes to the user's own, which lasts as long as the home folder.
func serveCache(in io.Reader, out io.Writer, lower string) error {
	own, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	folders := []string{lower, filepath.Join(own, "carrel-go")}
	from, to := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	if err := to.Encode(cacheResponse{KnownCommands: []string{"get", "put", "close"}}); err != nil {
		return err
	}
	for {
		var request cacheRequest
		if err := from.Decode(&request); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		response := cacheResponse{ID: request.ID}
		switch request.Command {
		case "get":
			response = get(folders, request)
		case "put":
			response, err = put(folders[1], request, from)
			if err != nil {
				return err
			}
		}
		if err := to.Encode(response); err != nil || request.Command == "close" {
			return err
		}
	}
}

func place(folder string, id []byte, kind string) string {
	name := hex.EncodeToString(id)
	return filepath.Join(folder, name[:2], name+"-"+kind)
}

func get(folders []string, request cacheRequest) cacheResponse {
	for _, folder := range folders {
		entry, err := os.ReadFile(place(folder, request.ActionID, "a"))
		if err != nil {
			continue
		}
		var version, action, output string
		var size, nanoseconds int64
		if _, err := fmt.Sscan(string(entry), &version, &action, &output, &size, &nanoseconds); err != nil || version != "v1" {
			continue
		}
		id, err := hex.DecodeString(output)
		if err != nil || len(id) == 0 {
			continue
		}
		file := place(folder, id, "d")
		if info, err := os.Stat(file); err != nil || info.Size() != size {
			continue
		}
		at := time.Unix(0, nanoseconds)
		return cacheResponse{ID: request.ID, OutputID: id, Size: size, Time: &at, DiskPath: file}
	}
	return cacheResponse{ID: request.ID, Miss: true}
}

// put keeps an output. Its error is one of the conversation; that a disk is full is the response's.
func put(folder string, request cacheRequest, from *json.Decoder) (cacheResponse, error) {
	var body string
	if request.BodySize > 0 {
		if err := from.Decode(&body); err != nil {
			return cacheResponse{}, err
		}
	}
	response := cacheResponse{ID: request.ID}
	file := place(folder, request.OutputID, "d")
	entry := fmt.Sprintf("v1 %x %x %20d %20d\n", request.ActionID, request.OutputID, request.BodySize, time.Now().UnixNano())
	if err := errors.Join(
		write(file, base64.NewDecoder(base64.StdEncoding, strings.NewReader(body))),
		write(place(folder, request.ActionID, "a"), strings.NewReader(entry)),
	); err != nil {
		response.Err = err.Error()
		return response, nil //nolint:nilerr // it is told to the go command
	}
	response.DiskPath = file
	return response, nil
}

// write makes a file that nobody sees half written.
func write(file string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(file), "part")
	if err != nil {
		return err
	}
	_, err = io.Copy(part, content)
	if err := errors.Join(err, part.Close()); err != nil {
		_ = os.Remove(part.Name())
		return err
	}
	return os.Rename(part.Name(), file) //nolint:forbidigo // a cache may lose its newest entry; renameio is no part of the standard library
}
