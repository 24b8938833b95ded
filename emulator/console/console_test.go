package console

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// embeddedFiles returns the contents of the embedded files by their names.
func embeddedFiles(t *testing.T) map[string]string {
	t.Helper()
	contents := map[string]string{}
	err := fs.WalkDir(files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files(), name)
		contents[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return contents
}

// get requests a path of the console, with pairs of a header and its value.
func get(method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	Handler().ServeHTTP(recorder, r)
	return recorder
}

func TestEveryFileOfTheDirectoryIsEmbeddedAndHasAContentType(t *testing.T) {
	contents := embeddedFiles(t)
	err := fs.WalkDir(os.DirFS("static"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		got := get("GET", Path+name)
		if _, ok := contents[name]; !ok || got.Code != http.StatusOK || got.Body.String() != contents[name] {
			t.Errorf("%s is answered with %d and %d bytes", name, got.Code, got.Body.Len())
		}
		if contentType := got.Header().Get("Content-Type"); contentType == "" || contentType != contentTypes[path.Ext(name)] {
			t.Errorf("%s has the content type %q", name, contentType)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The source has many comments and names in full, because there is no build step that could remove them. What counts
// is what a browser loads, and what the program has to hold.
func TestAllFilesTogetherAreSmall(t *testing.T) {
	const maximumLoaded, maximumEmbedded = 80_000, 220_000
	loaded, embedded := 0, 0
	for name, content := range embeddedFiles(t) {
		embedded += len(content)
		loaded += get("GET", Path+name, "Accept-Encoding", "gzip, deflate, br").Body.Len()
	}
	t.Logf("%d bytes, of which a browser loads %d", embedded, loaded)
	if loaded >= maximumLoaded || embedded >= maximumEmbedded {
		t.Errorf("a browser loads %d bytes of %d, but must load less than %d of %d",
			loaded, embedded, maximumLoaded, maximumEmbedded)
	}
}

func TestABrowserReceivesCompressedFiles(t *testing.T) {
	plain := get("GET", Path+"style.css")
	for accept, want := range map[string]string{
		"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "gzip;q=0": "", "gzip; q=0.0, br": "", "identity": "", "xgzip": "", "": "",
	} {
		got := get("GET", Path+"style.css", "Accept-Encoding", accept)
		if coding := got.Header().Get("Content-Encoding"); coding != want || got.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: the headers are %v", accept, got.Header())
		}
		if want == "" {
			continue
		}
		r, err := gzip.NewReader(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(r); err != nil || string(content) != plain.Body.String() {
			t.Errorf("%d bytes are decompressed: %v", len(content), err)
		}
		if got.Header().Get("ETag") == plain.Header().Get("ETag") {
			t.Error("the compressed file has the ETag of the other one")
		}
	}
}

func TestTheVendoredFileIsTheOneThatIsDocumented(t *testing.T) {
	document, err := os.ReadFile("vendor.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range embeddedFiles(t) {
		if !strings.HasPrefix(name, "vendor/") {
			continue
		}
		sum := sha256.Sum256([]byte(content))
		if want := "sha256 " + hex.EncodeToString(sum[:]); !strings.Contains(string(document), want) ||
			!strings.Contains(string(document), "static/"+name) {
			t.Errorf("vendor.md does not have %s with %s", name, want)
		}
	}
}

// imports matches the static imports of a module.
var imports = regexp.MustCompile(`(?m)^(?:import|export) [^;]*?from "(\./[^"]+|\.\./[^"]+)";`)

// imported adds the modules that a module needs before it runs, and those that these need.
func imported(contents map[string]string, module string, found map[string]bool) {
	for _, match := range imports.FindAllStringSubmatch(contents[module], -1) {
		if name := path.Join(path.Dir(module), match[1]); !found[name] {
			found[name] = true
			imported(contents, name, found)
		}
	}
}

// A browser finds out what a module imports when it has received the module. With the list in the page, it
// loads all of them at once.
func TestThePageListsEveryModuleThatItsFirstPanelNeeds(t *testing.T) {
	contents := embeddedFiles(t)
	needed := map[string]bool{"panels/rooms.js": true}
	imported(contents, "main.js", needed)
	imported(contents, "panels/rooms.js", needed)
	if len(needed) < 7 {
		t.Fatalf("the modules are %v", needed)
	}
	preload := regexp.MustCompile(`<link rel="modulepreload" href="([^"]+)" />`)
	for _, match := range preload.FindAllStringSubmatch(contents["index.html"], -1) {
		if !needed[match[1]] {
			t.Errorf("index.html lists %s, which is not needed, or twice", match[1])
		}
		delete(needed, match[1])
	}
	for name := range needed {
		t.Errorf(`index.html has no <link rel="modulepreload" href="%s" />`, name)
	}
}

// Behind a proxy, the console is at an address that it does not know.
func TestNoFileNamesAnAbsolutePathOfTheEmulatorOrAnotherHost(t *testing.T) {
	absolute := regexp.MustCompile("(?:href|src|url|from|import|fetch|URL)[=(]? ?[\"'(`](?:/|https?:)[^\"'`)]*")
	for name, content := range embeddedFiles(t) {
		for _, match := range absolute.FindAllString(content, -1) {
			t.Errorf("%s has %s", name, match)
		}
	}
}

// The policy allows no inline scripts and no inline styles, and text never becomes HTML.
func TestNoFileHasWhatThePolicyForbids(t *testing.T) {
	forbidden := regexp.MustCompile(
		`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:| style="| on\w+="|<style`)
	for name, content := range embeddedFiles(t) {
		if strings.HasPrefix(name, "vendor/") { // Preact sets innerHTML only for dangerouslySetInnerHTML
			forbidden := regexp.MustCompile(`\beval\(|new Function|document\.write`)
			if match := forbidden.FindString(content); match != "" {
				t.Errorf("%s has %s", name, match)
			}
			continue
		}
		if match := forbidden.FindString(content); match != "" {
			t.Errorf("%s has %s", name, match)
		}
		if strings.Contains(content, "dangerouslySetInnerHTML") {
			t.Errorf("%s has dangerouslySetInnerHTML", name)
		}
	}
}

// protection is the headers that every answer has.
var protection = map[string]string{
	"Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
		"object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-cache",
}

func TestEveryAnswerHasTheHeadersThatProtectThePage(t *testing.T) {
	etag := get("GET", Path).Header().Get("ETag")
	for status, got := range map[int]*httptest.ResponseRecorder{
		200: get("GET", Path),
		404: get("GET", Path+"nothing.js"),
		304: get("GET", Path, "If-None-Match", etag),
	} {
		if got.Code != status {
			t.Errorf("status %d, want %d", got.Code, status)
		}
		for name, want := range protection {
			if value := got.Header().Get(name); value != want {
				t.Errorf("%d: %s is %q, want %q", status, name, value, want)
			}
		}
	}
}

func TestABrowserReceivesAFileAgainOnlyWhenItHasChanged(t *testing.T) {
	var etags []string
	for name, content := range embeddedFiles(t) {
		etag := get("GET", Path+name).Header().Get("ETag")
		etags = append(etags, etag)
		// A proxy that compresses makes an ETag a weak one.
		for _, known := range []string{etag, "W/" + etag, `"other", ` + etag, "*"} {
			if got := get("GET", Path+name, "If-None-Match", known); got.Code != 304 || got.Body.Len() != 0 {
				t.Errorf("%s with %s: %d and %d bytes", name, known, got.Code, got.Body.Len())
			}
		}
		if got := get("GET", Path+name, "If-None-Match", `"other"`); got.Code != 200 || got.Body.Len() != len(content) {
			t.Errorf("%s with another ETag: %d and %d bytes", name, got.Code, got.Body.Len())
		}
	}
	if slices.Sort(etags); len(slices.Compact(slices.Clone(etags))) != len(etags) || len(etags) < 10 {
		t.Errorf("the ETags are not different: %v", etags)
	}
}

func TestAHeadRequestIsAnsweredWithoutABody(t *testing.T) {
	server := httptest.NewServer(Handler())
	defer server.Close()
	response, err := http.Head(server.URL + Path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if want := int64(len(embeddedFiles(t)["index.html"])); response.StatusCode != 200 || response.ContentLength != want {
		t.Errorf("%s with a length of %d, want %d", response.Status, response.ContentLength, want)
	}
}

func TestAPathThatIsNoFileDoesNotExist(t *testing.T) {
	for _, name := range []string{
		"nothing", "index.htm", "index.html/", "/index.html", "panels", "panels/", "panels//rooms.js", "vendor.md",
		"../vendor.md", "..", "../", "../v1/clock", "static/index.html", "./index.html", "panels/../index.html",
		"console.go", "\x00", "index.html\x00", strings.Repeat("x", 100_000),
	} {
		got := get("GET", Path+name)
		if got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "open "+Path) || got.Body.Len() > 200 {
			t.Errorf("%.50q: %d %.200s", name, got.Code, got.Body)
		}
	}
}
