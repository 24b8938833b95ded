// Package console is the web page that shows the emulator to people, in a browser.
//
// It only serves files. static has them: index.html, one style sheet, and ES modules, which need no build
// step. The page works with AWS's API, with chat connections and with the admin API, at the address that it
// was opened at, so package admin serves it and checks who may open it. vendor.md says where the files in
// static/vendor are from.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Path is where the console is served.
const Path = "/_ivschat/console/"

//go:embed static/*.html static/*.css static/*.js static/*.svg static/panels/*.js static/vendor/*.js
var embedded embed.FS

// files returns the files by their names below static.
func files() fs.FS {
	sub, err := fs.Sub(embedded, "static")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
}

// contentTypes are the types of files by their extensions. The types of package mime depend on the machine.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// policy is the Content-Security-Policy: the page loads nothing from elsewhere, runs no script that is not a
// file, makes no HTML of text, and cannot be put into a frame.
const policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// A file is an embedded file.
type file struct {
	content     []byte
	contentType string
	hash        string
	compressed  func() []byte // the content with gzip
}

func newFile(name string, content []byte) file {
	sum := sha256.Sum256(content)
	return file{
		content: content, contentType: contentTypes[path.Ext(name)], hash: hex.EncodeToString(sum[:8]),
		compressed: sync.OnceValue(func() []byte { return compress(content) }),
	}
}

func compress(content []byte) []byte {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, _ = w.Write(content) // to memory, as Close
	_ = w.Close()
	return compressed.Bytes()
}

// all returns the files by their names in a request. They are read at the first one: programs have many emulators, for
// instance one in each test, and few of them a browser.
var all = sync.OnceValue(func() map[string]file {
	all := map[string]file{}
	err := fs.WalkDir(files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files(), name)
		all[name] = newFile(name, content)
		return err
	})
	if err != nil {
		panic(err) // the files are embedded
	}
	all[""] = all["index.html"]
	return all
})

// Handler returns a handler of GET and HEAD requests for the paths that begin with Path.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		found, ok := all()[strings.TrimPrefix(r.URL.Path, Path)]
		if !ok {
			http.Error(w, "the console has no such file: open "+Path, http.StatusNotFound)
			return
		}
		found.serve(w, r)
	})
}

// protect sets the headers that say what a browser may do with an answer.
func protect(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-cache")
}

// serve sends the file. A browser asks each time whether it has changed, since another version of the
// emulator can answer at the same address.
func (f file) serve(w http.ResponseWriter, r *http.Request) {
	content, etag := f.content, f.hash
	if acceptsGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		content, etag = f.compressed(), etag+"-gzip"
	}
	w.Header().Set("Vary", "Accept-Encoding")
	w.Header().Set("ETag", `"`+etag+`"`)
	w.Header().Set("Content-Type", f.contentType)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// acceptsGzip reports whether the client accepts the content coding gzip.
func acceptsGzip(r *http.Request) bool {
	for _, coding := range strings.Split(strings.Join(r.Header["Accept-Encoding"], ","), ",") {
		name, parameters, _ := strings.Cut(coding, ";")
		if weight := strings.ReplaceAll(parameters, " ", ""); strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return weight != "q=0" && !strings.HasPrefix(weight, "q=0.0")
		}
	}
	return false
}
