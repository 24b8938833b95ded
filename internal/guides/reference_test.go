package guides_test

import (
	"flag"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

var update = flag.Bool("update", false, "write what is generated in docs/reference")

func TestTheReferenceOfOperationsIsCurrent(t *testing.T) {
	text := "| operation | request | members | exceptions | calls per second on AWS |\n|---|---|---|---|---|\n"
	for _, op := range model.Operations() {
		var members, exceptions []string
		for _, member := range op.Input.Members {
			name := "`" + member.Name + "`"
			if member.Required {
				name += " (required)"
			}
			members = append(members, name)
		}
		for _, exception := range op.Errors {
			exceptions = append(exceptions, exception.Name)
		}
		request := op.Method + " " + regexp.MustCompile(`\{(\w+):[^}]*\}`).ReplaceAllString(op.Path, "{$1}")
		if op.Status != http.StatusOK {
			request += fmt.Sprintf("`, answered with `%d", op.Status)
		}
		page := "https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_" + op.Name + ".html"
		text += fmt.Sprintf("| [%s](%s) | `%s` | %s | %s | %d |\n", op.Name, page, request,
			strings.Join(members, ", "), strings.Join(exceptions, ", "), op.Rate)
	}
	guides.Generate(t, "docs/reference/operations.md", "operations", text, *update)
}

// A claim that the emulator does not meet is a difference from AWS. What the claims say is checked in package
// conformance.
func TestTheReferenceOfDifferencesIsCurrent(t *testing.T) {
	byReason, reasons := map[string][]conformance.Claim{}, []string(nil)
	for _, claim := range claims.All() {
		if claim.Reason == "" || claim.Source == conformance.Decided {
			continue
		}
		if byReason[claim.Reason] == nil {
			reasons = append(reasons, claim.Reason)
		}
		byReason[claim.Reason] = append(byReason[claim.Reason], claim)
	}
	text := "| what AWS does | source | why the emulator differs |\n|---|---|---|\n"
	for _, reason := range reasons {
		var sentences, links []string
		for _, claim := range byReason[reason] {
			sentences = append(sentences, claim.ID+": "+claim.Sentence)
			for _, link := range sources(claim) {
				if !slices.Contains(links, link) {
					links = append(links, link)
				}
			}
		}
		text += fmt.Sprintf("| %s | %s | %s |\n", strings.Join(sentences, "<br>"), strings.Join(links, "<br>"), reason)
	}
	guides.Generate(t, "docs/reference/differences.md", "claims", text, *update)

	decisions, section := "", ""
	for line := range strings.Lines(guides.Read(t, "emulator/DECISIONS.md")) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = strings.TrimSpace(title)
			decisions += fmt.Sprintf("\n**[%s](../../emulator/DECISIONS.md%s)**\n\n", section, "#"+anchors(line)[0])
		}
		if match := regexp.MustCompile(`^\*\*(D\d+)\. (.+?)\*\*`).FindStringSubmatch(line); match != nil {
			decisions += fmt.Sprintf("- %s: %s\n", match[1], strings.TrimSuffix(match[2], ","))
		}
	}
	guides.Generate(t, "docs/reference/differences.md", "decisions", decisions, *update)
}

// sources returns the sources of a claim, as links.
func sources(claim conformance.Claim) (links []string) {
	cited, _ := conformance.Cited(claim.Source, claims.Publications())
	for _, publication := range cited {
		links = append(links, fmt.Sprintf("[%s](%s)", publication.Name, publication.URL))
	}
	return links
}
