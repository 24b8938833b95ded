package packages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// ownVersion matches the name of something that this project publishes, with its version.
var ownVersion = regexp.MustCompile(`ivschat[-_]local[\w./-]*?["']?(?:@v?|: *["']?|/v|==|[ _-])(\d+\.\d+\.\d+)`)

// Other tests check the versions of programs and packages. This one also checks what only readers use.
func TestDocumentationAndExamplesNameThisVersion(t *testing.T) {
	t.Parallel()
	noticeChanges(t)
	found := 0
	for name := range strings.Lines(runIn(t, "..", "git", "ls-files", "README.md", "docs", "examples", "packages")) {
		name = strings.TrimSuffix(name, "\n")
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "package-lock.json" {
			continue // they have other versions, too
		}
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range ownVersion.FindAllStringSubmatch(string(text), -1) {
			if found++; match[1] != emulator.Version {
				t.Errorf("%s has %q, but the version is %s", name, match[0], emulator.Version)
			}
		}
	}
	if found < 20 {
		t.Errorf("there are only %d versions: the pattern does not match any more", found)
	}
}
