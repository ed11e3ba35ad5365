package rpc

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// contentSecurityPolicy allows our own origin and nothing else. Inline styles are CodeMirror's and React
// Aria's way to place things; data: and blob: images come from lessons' own files.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; " +
	"media-src 'self' data: blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// contentTypes are those of the frontend's files. The system's own table is not asked: on Windows any
// program may have made .js into text/plain.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".json": "application/json", ".map": "application/json",
	".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".ico": "image/x-icon",
	".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf",
	".wasm": "application/wasm", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

// notBuilt is shown when the program was compiled without the frontend.
const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Carrel</title>
<body><p>This program was built without its interface. Run <code>make frontend</code> and build it again.</p></body></html>`

// static serves the frontend's files: index.html for every address that is a screen of it, and a long
// cache for the files whose names carry their hash.
func static(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		data, err := fs.ReadFile(files, name)
		if err != nil && path.Ext(name) != "" {
			http.NotFound(w, r)
			return
		}
		if err != nil { // the root, a folder or a screen's address
			name = "index.html"
			if data, err = fs.ReadFile(files, name); errors.Is(err, fs.ErrNotExist) {
				data = []byte(notBuilt)
			}
		}
		serveFile(w, r, name, data)
	})
}

func serveFile(w http.ResponseWriter, r *http.Request, name string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if t, ok := contentTypes[path.Ext(name)]; ok {
		h.Set("Content-Type", t)
	}
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(data) //nolint:gosec // a file of the program itself; the only error is a client that left
}
