package conformance_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance"
)

func TestTheCatalogueMarksDecisionsAndDeviations(t *testing.T) {
	text := string(conformance.Catalogue([]conformance.Claim{
		{ID: "C1", Sentence: "One.", Source: "Guide: page"},
		{ID: "C2", Sentence: "Two.", Source: "Guide: page", Reason: "We differ."},
		{ID: "C3", Sentence: "Three.", Source: conformance.Decided, Reason: "It is not known."},
	}, []conformance.Publication{{Name: "Guide: ", URL: "https://example.com"}}))
	for _, part := range []string{
		"in 3 claims",
		"- Guide: https://example.com\n",
		"| C1 | One. | Guide: page |  |\n",
		"| C2 | Two. | Guide: page | *deviates*: We differ. |\n",
		"| C3 | Three. | decided here | *decided*: It is not known. |\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the catalogue does not have %q:\n%s", part, text)
		}
	}
}
