package conformance

import (
	"bytes"
	"fmt"
	"strings"
)

// A Publication is something that claims cite: the Source of a claim begins with its Name.
type Publication struct{ Name, URL string }

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
		fmt.Fprintf(&b, "- %s: %s\n", strings.TrimSuffix(publication.Name, ": "), publication.URL)
	}
	b.WriteString(catalogueReasons + tableHead)
	for _, claim := range claims {
		writeRow(&b, claim.ID, cell(claim.Sentence), cell(claim.Source), note(claim))
	}
	return b.Bytes()
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
