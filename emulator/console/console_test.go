package console

import (
	"crypto/sha256"
	"encoding/hex"
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

func TestAllFilesTogetherAreSmall(t *testing.T) {
	const maximum = 210_000
	total := 0
	for _, content := range embeddedFiles(t) {
		total += len(content)
	}
	if t.Logf("%d bytes", total); total >= maximum {
		t.Errorf("the files have %d bytes, but must have less than %d", total, maximum)
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
