package conformance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Result is the result of one claim.
type Result struct {
	ID       string  `json:"id"`
	Sentence string  `json:"sentence"`
	Source   string  `json:"source"`
	Outcome  Outcome `json:"outcome"`
	Detail   string  `json:"detail,omitempty"` // why the claim failed, was skipped or deviates
	Seconds  float64 `json:"seconds"`
}

// A Report has the results of all claims, sorted by ID.
type Report struct {
	Target  string   `json:"target"`
	Results []Result `json:"results"`
}

func (r *Report) sort() {
	slices.SortFunc(r.Results, func(a, b Result) int { return cmp.Compare(a.ID, b.ID) })
}

// Count returns the number of claims with the outcome.
func (r Report) Count(outcome Outcome) (n int) {
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Encode returns the report in the format of the file name's extension: .md for people, .json
// for programs, .xml (JUnit) for CI systems.
func (r Report) Encode(file string) ([]byte, error) {
	switch extension := filepath.Ext(file); extension {
	case ".md":
		return r.markdown(), nil
	case ".json":
		text, err := json.MarshalIndent(r, "", "  ")
		return append(text, '\n'), err
	case ".xml":
		return r.junit()
	default:
		return nil, fmt.Errorf("a report must be a .md, .json or .xml file, but is %q", file)
	}
}

func (r Report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Conformance of %s\n\n", cmp.Or(r.Target, "Amazon IVS Chat"))
	for _, outcome := range outcomes {
		fmt.Fprintf(&b, "- %s: %d\n", outcome, r.Count(outcome))
	}
	for _, outcome := range outcomes {
		if r.Count(outcome) > 0 {
			r.writeTable(&b, outcome)
		}
	}
	return b.Bytes()
}

// writeTable writes a section with the claims of one outcome.
func (r Report) writeTable(b *bytes.Buffer, outcome Outcome) {
	title := strings.ToUpper(string(outcome[:1])) + string(outcome[1:])
	fmt.Fprintf(b, "\n## %s\n\n%s", title, tableHead)
	for _, result := range r.Results {
		if result.Outcome == outcome {
			writeRow(b, result.ID, cell(result.Sentence), cell(result.Source), cell(result.Detail))
		}
	}
}

// tableHead begins a table of claims in Markdown.
const tableHead = "| claim | | source | |\n|---|---|---|---|\n"

func writeRow(b *bytes.Buffer, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

var cellEscapes = strings.NewReplacer("|", `\|`, "\n", "<br>", "<", "&lt;", "*", `\*`, "_", `\_`)

// cell escapes a text for a cell of a Markdown table.
func cell(text string) string { return cellEscapes.Replace(text) }
