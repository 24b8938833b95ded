package claims

import (
	"regexp"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance"
)

func TestClaimsAreWellFormed(t *testing.T) {
	all := All()
	if len(all) < 150 {
		t.Errorf("there are only %d claims", len(all))
	}
	id, sentence := regexp.MustCompile(`^[CM][1-9]\d\d$`), regexp.MustCompile(`^\S.*\.$`)
	ids, sentences := map[string]bool{}, map[string]bool{}
	for _, claim := range all {
		if ids[claim.ID] || sentences[claim.Sentence] {
			t.Errorf("%s %s exists twice", claim.ID, claim.Sentence)
		}
		ids[claim.ID], sentences[claim.Sentence] = true, true
		if !id.MatchString(claim.ID) || !sentence.MatchString(claim.Sentence) || claim.Source == "" {
			t.Errorf("%s is malformed: %q, %q", claim.ID, claim.Sentence, claim.Source)
		}
	}
}

func TestEveryDecisionHasAReasonAndEveryReasonHasAClaim(t *testing.T) {
	exists := map[string]bool{}
	for _, claim := range All() {
		exists[claim.ID] = true
		if claim.Source == conformance.Decided && claim.Reason == "" {
			t.Errorf("%s was decided here, but deviations.go has no reason for it", claim.ID)
		}
	}
	for id := range reasons {
		if !exists[id] {
			t.Errorf("deviations.go has a reason for %s, which is not a claim", id)
		}
	}
}

func TestDecisionsAndDeviationsAreInTheirTables(t *testing.T) {
	for _, claim := range All() {
		_, deviates := deviations[claim.ID]
		if decided := claim.Source == conformance.Decided; claim.Reason != "" && decided == deviates {
			t.Errorf("the reason of %s (%s) is in the wrong table", claim.ID, claim.Source)
		}
	}
}
