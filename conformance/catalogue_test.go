package conformance_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance"
)

func TestTheCatalogueMarksDecisionsAndDeviationsAndLinksSources(t *testing.T) {
	text := string(conformance.Catalogue([]conformance.Claim{
		{ID: "C1", Sentence: "One.", Source: "Guide"},
		{ID: "C2", Sentence: "Two.", Source: "Guide: page; Guide issue 7, at last", Reason: "We differ."},
		{ID: "C3", Sentence: "Three.", Source: conformance.Decided, Reason: "It is not known."},
	}, []conformance.Publication{
		{Name: "Guide", URL: "https://example.com"},
		{Name: "Guide issue 7", URL: "https://example.com/7"},
	}))
	for _, part := range []string{
		"in 3 claims",
		"- [Guide](https://example.com)\n",
		"| C1 | One. | [Guide](https://example.com) |  |\n",
		"| C2 | Two. | [Guide](https://example.com): page; [Guide issue 7](https://example.com/7), at last | " +
			"*deviates*: We differ. |\n",
		"| C3 | Three. | decided here | *decided*: It is not known. |\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the catalogue does not have %q:\n%s", part, text)
		}
	}
}

func TestASourceCitesOnlyPublicationsByName(t *testing.T) {
	publications := []conformance.Publication{{Name: "Guide", URL: "https://example.com"}}
	for source, want := range map[string]bool{
		"Guide": true, "Guide: page": true, "Guide, page": true, "Guide (page)": true, "Guide: a; Guide: b": true,
		"": false, "Guidebook": false, "a Guide": false, "Guide; inferred": false, "Guide or so": false,
	} {
		if _, ok := conformance.Cited(source, publications); ok != want {
			t.Errorf("%q: %v", source, ok)
		}
	}
}
