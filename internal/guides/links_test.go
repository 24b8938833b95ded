package guides_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// generated are directories with files that are not in the repository.
var generated = []string{".git", "node_modules", "venv", ".venv", "bin", "dist", "target", "build", "testdata"}

// files returns the files of the repository whose names end with a suffix.
func files(t *testing.T, suffix string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(guides.Root(t), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains(generated, entry.Name()) {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(entry.Name(), suffix) {
			relative, _ := filepath.Rel(guides.Root(t), path)
			paths = append(paths, filepath.ToSlash(relative))
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d files end with %s: %v", len(paths), suffix, err)
	}
	return paths
}

var (
	codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	codeSpan  = regexp.MustCompile("`[^`\n]+`")
	inline    = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)`)
	reference = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)`)
	attribute = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	heading   = regexp.MustCompile(`(?m)^#+ (.+?) *#*$`)
	anchor    = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	linkText  = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
)

// links returns the targets of all links in a document. What is in code is no link.
func links(text string) (targets []string) {
	text = codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(text, ""), "")
	for _, kind := range []*regexp.Regexp{inline, reference, attribute} {
		for _, match := range kind.FindAllStringSubmatch(text, -1) {
			targets = append(targets, match[1])
		}
	}
	return targets
}

// anchors returns the anchors of a document, as GitHub makes them from its headings.
func anchors(text string) (names []string) {
	text = codeBlock.ReplaceAllString(text, "")
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		name := linkText.ReplaceAllString(match[1], "$1")
		name = strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(name), ""), " ", "-")
		unique := name
		for n := 1; slices.Contains(names, unique); n++ {
			unique = fmt.Sprintf("%s-%d", name, n)
		}
		names = append(names, unique)
	}
	for _, match := range anchor.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// ownFile matches links to files of this repository from documents that are also read elsewhere, such as the README of
// a package.
var ownFile = regexp.MustCompile(`^https://github\.com/ivschat-local/ivschat-local/(?:blob|tree)/main/(.*)$`)

// broken says what is wrong with a link of a document. External links are checked for their form only.
func broken(t *testing.T, document, target string) string {
	t.Helper()
	link, err := url.Parse(target)
	if err != nil {
		return err.Error()
	}
	file := path.Join(path.Dir(document), link.Path)
	if own := ownFile.FindStringSubmatch(target); own != nil {
		file, _, _ = strings.Cut(own[1], "#")
	} else if link.Scheme != "" || link.Host != "" {
		return brokenOutside(link)
	} else if link.Path == "" {
		file = document
	}
	info, err := os.Stat(filepath.Join(guides.Root(t), file))
	if err != nil {
		return "it does not exist"
	}
	if link.Fragment == "" {
		return ""
	}
	if info.IsDir() || !strings.HasSuffix(file, ".md") {
		return "only Markdown has anchors"
	}
	if all := anchors(guides.Read(t, file)); !slices.Contains(all, link.Fragment) {
		return fmt.Sprintf("%s has the anchors %q", file, all)
	}
	return ""
}

func brokenOutside(link *url.URL) string {
	switch {
	case link.Scheme == "mailto" && strings.Contains(link.Opaque, "@"):
		return ""
	case link.Scheme != "https":
		return "it is not https"
	case link.User != nil || link.Port() != "" || !strings.Contains(link.Hostname(), "."):
		return "it is not a public address"
	default:
		return ""
	}
}

func TestEveryLinkOfTheDocumentationHasATarget(t *testing.T) {
	checked := 0
	for _, document := range append(files(t, ".md"), "llms.txt") {
		for _, target := range links(guides.Read(t, document)) {
			checked++
			if problem := broken(t, document, target); problem != "" {
				t.Errorf("%s links to %s: %s", document, target, problem)
			}
		}
	}
	if checked < 200 {
		t.Errorf("only %d links were checked", checked)
	}
}

func TestEveryGuideIsLinkedFromTheIndex(t *testing.T) {
	index := links(guides.Read(t, "docs/README.md"))
	for _, document := range files(t, ".md") {
		name, isGuide := strings.CutPrefix(document, "docs/")
		if isGuide && name != "README.md" && !slices.Contains(index, name) {
			t.Errorf("docs/README.md does not link to %s", name)
		}
	}
}

func TestWhatIsBrokenInALinkIsNoticed(t *testing.T) {
	for target, want := range map[string]string{
		"docs/time.md":                    "",
		"docs":                            "",
		"docs/none.md":                    "it does not exist",
		"docs/time.md#none":               "has the anchors",
		"#quick-start":                    "",
		"#none":                           "README.md has the anchors",
		"https://docs.aws.amazon.com/ivs": "",
		"http://docs.aws.amazon.com/ivs":  "it is not https",
		"https://localhost/ivs":           "it is not a public address",
		"https://github.com/ivschat-local/ivschat-local/blob/main/docs/time.md":       "",
		"https://github.com/ivschat-local/ivschat-local/blob/main/docs/none.md#clock": "it does not exist",
	} {
		problem := broken(t, "README.md", target)
		if (problem == "") != (want == "") || !strings.Contains(problem, want) {
			t.Errorf("%s: %q, want %q", target, problem, want)
		}
	}
}

func TestLinksAndAnchorsAreFound(t *testing.T) {
	text := "# One `two`, *three*\n\n[a](b.md#c) ![d](e.png) `[not](this)` <img src=\"f.png\">\n\n[g]: h.md\n" +
		"```sh\n# Not this\n[nor](this)\n```\n## Again\n## Again\n## [With a link](i.md)\n"
	if got := fmt.Sprint(links(text)); got != "[b.md#c e.png i.md h.md f.png]" {
		t.Errorf("found the links %s", got)
	}
	if got := fmt.Sprint(anchors(text)); got != "[one-two-three again again-1 with-a-link]" {
		t.Errorf("found the anchors %s", got)
	}
}

// The form is that of https://llmstxt.org: a title, a summary, and sections that are lists of links.
func TestTheFileForLanguageModelsHasTheFormThatTheyExpect(t *testing.T) {
	text := guides.Read(t, "llms.txt")
	if !regexp.MustCompile(`^# ivschat-local\n\n> [^\n]+\n\n`).MatchString(text) {
		t.Errorf("it does not begin with a title and a summary:\n%s", text)
	}
	sections := strings.Split(text, "\n## ")[1:]
	if len(sections) < 3 {
		t.Errorf("it has %d sections", len(sections))
	}
	for _, section := range sections {
		name, list, _ := strings.Cut(section, "\n")
		for line := range strings.Lines(strings.TrimSpace(list)) {
			if !regexp.MustCompile(`^- \[[^\]]+\]\([^)]+\)(: .+)?\n?$`).MatchString(line) {
				t.Errorf("the section %s has a line that is not a link: %s", name, line)
			}
		}
	}
}
