package conformance

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A Publication is something that claims cite. The Source of a claim is Decided, or names of
// publications with "; " between them. After a name, the place may follow: ", …", ": …" or " (…".
type Publication struct{ Name, URL string }

// Cited returns the publications that a source cites. It returns false if a part of the source is not
// the name of a publication.
func Cited(source string, publications []Publication) (cited []Publication, ok bool) {
	for part := range strings.SplitSeq(source, "; ") {
		found := Publication{}
		for _, publication := range publications {
			place, isName := strings.CutPrefix(part, publication.Name)
			begins := func(prefix string) bool { return strings.HasPrefix(place, prefix) }
			isName = isName && (place == "" || slices.ContainsFunc([]string{", ", ": ", " ("}, begins))
			if isName && len(publication.Name) > len(found.Name) {
				found = publication
			}
		}
		if found.Name == "" {
			return nil, false
		}
		cited = append(cited, found)
	}
	return cited, true
}

const catalogueHead = "# Claims\n\n" +
	"What Amazon IVS Chat does, in %d claims. " +
	"`C…` claims are about the control plane, `M…` claims about messaging. " +
	"`go test ./conformance -args -update` writes this file.\n"

const catalogueReasons = "\n" +
	"A claim marked *decided* is about behaviour that is not known outside of AWS. " +
	"A claim marked *deviates* is one that the emulator knowingly does not meet. " +
	"Both kinds have a reason.\n\n"

// Catalogue returns the text of CLAIMS.md: a table of all claims.
func Catalogue(claims []Claim, publications []Publication) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, catalogueHead, len(claims))
	b.WriteString("\nSources:\n\n")
	for _, publication := range publications {
		fmt.Fprintf(&b, "- [%s](%s)\n", publication.Name, publication.URL)
	}
	b.WriteString(catalogueReasons + tableHead)
	for _, claim := range claims {
		writeRow(&b, claim.ID, cell(claim.Sentence), sourceCell(claim, publications), note(claim))
	}
	return b.Bytes()
}

// sourceCell returns the cell with the source of a claim, whose publications are links.
func sourceCell(claim Claim, publications []Publication) string {
	cited, ok := Cited(claim.Source, publications)
	if !ok {
		return cell(claim.Source)
	}
	parts := strings.Split(claim.Source, "; ")
	for i, publication := range cited {
		place := strings.TrimPrefix(parts[i], publication.Name)
		parts[i] = fmt.Sprintf("[%s](%s)%s", publication.Name, publication.URL, cell(place))
	}
	return strings.Join(parts, "; ")
}

// note returns the last cell of a claim's row.
func note(claim Claim) string {
	switch {
	case claim.Reason == "":
		return ""
	case claim.decided():
		return "*decided*: " + cell(claim.Reason)
	default:
		return "*deviates*: " + cell(claim.Reason)
	}
}
