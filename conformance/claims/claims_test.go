package claims

import (
	"net/url"
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

func TestEverySourceIsALinkThatAClaimUses(t *testing.T) {
	publications, used := Publications(), map[conformance.Publication]bool{}
	for _, claim := range All() {
		cited, ok := conformance.Cited(claim.Source, publications)
		if decided := claim.Source == conformance.Decided; ok == decided {
			t.Errorf("the source of %s is not a publication: %q", claim.ID, claim.Source)
		}
		for _, publication := range cited {
			used[publication] = true
		}
	}
	for _, publication := range publications {
		link, err := url.Parse(publication.URL)
		if err != nil || link.Scheme != "https" || link.Host == "" {
			t.Errorf("%s has no link: %q", publication.Name, publication.URL)
		}
		if !used[publication] {
			t.Errorf("no claim cites %s", publication.Name)
		}
	}
}

func TestNoSourceIsAnInference(t *testing.T) {
	vague := regexp.MustCompile(`(?i)infer|presum|recorded|recording|third-party|General Reference`)
	for _, claim := range All() {
		if vague.MatchString(claim.Source) {
			t.Errorf("%s must be decided, or cite a publication: %q", claim.ID, claim.Source)
		}
	}
}
