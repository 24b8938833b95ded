package conformance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// An Outcome is what came of a claim.
type Outcome string

// The outcomes.
const (
	Held      Outcome = "held"
	Failed    Outcome = "failed"
	Skipped   Outcome = "skipped"
	AsDecided Outcome = "as decided" // nobody knows whether the service does the same
	Deviates  Outcome = "deviates"   // known to be unlike the service
	Refuted   Outcome = "refuted"    // the service does otherwise than was decided
)

var outcomes = []Outcome{Held, Failed, Refuted, Deviates, AsDecided, Skipped}

// A Result is what came of one claim.
type Result struct {
	ID       string  `json:"id"`
	Sentence string  `json:"sentence"`
	Source   string  `json:"source"`
	Outcome  Outcome `json:"outcome"`
	Detail   string  `json:"detail,omitempty"` // why it failed, was skipped or deviates
	Seconds  float64 `json:"seconds"`
}

// A Report is what came of all claims, by ID.
type Report struct {
	Target  string   `json:"target"`
	Results []Result `json:"results"`
}

func (r *Report) sort() {
	slices.SortFunc(r.Results, func(a, b Result) int { return cmp.Compare(a.ID, b.ID) })
}

// Count gives the number of claims with the outcome.
func (r Report) Count(outcome Outcome) (n int) {
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Encode gives the report in the format that the file's name asks for: .md to
// read, .json to compare two of them, .xml (JUnit) for CI.
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
		return nil, fmt.Errorf("a report is .md, .json or .xml, not %q", extension)
	}
}

func (r Report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Conformance of %s\n\n", cmp.Or(r.Target, "Amazon IVS Chat"))
	for _, outcome := range outcomes {
		fmt.Fprintf(&b, "- %s: %d\n", outcome, r.Count(outcome))
	}
	for _, outcome := range outcomes {
		if r.Count(outcome) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| claim | | source | |\n|---|---|---|---|\n", strings.ToUpper(string(outcome[:1]))+string(outcome[1:]))
		for _, result := range r.Results {
			if result.Outcome == outcome {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", result.ID, cell(result.Sentence), cell(result.Source), cell(result.Detail))
			}
		}
	}
	return b.Bytes()
}

// cell makes a text fit into a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>", "<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
}

// JUnit's report, as CI systems read it.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit tells of what is neither a pass nor a failure as skipped: CI systems
// know no third way, and a deviation is never a pass.
func (r Report) junit() ([]byte, error) {
	suite := junitSuite{Name: "conformance", Tests: len(r.Results), Failures: r.Count(Failed)}
	for _, result := range r.Results {
		one := junitCase{Class: "conformance", Name: result.ID + " " + result.Sentence, Time: fmt.Sprintf("%.3f", result.Seconds), Output: "source: " + result.Source}
		message := &junitMessage{Message: string(result.Outcome), Text: result.Detail}
		switch result.Outcome {
		case Held:
		case Failed:
			one.Failure = message
		default:
			one.Skipped = message
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, one)
	}
	text, err := xml.MarshalIndent(suite, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

// Catalogue is the table of all claims, for CLAIMS.md.
func Catalogue() []byte {
	claims := Claims()
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Claims\n\nWhat Amazon IVS Chat does, in %d claims: `C…` about the control plane, `M…` about messaging. Written by `go test ./conformance -args -update`.\n", len(claims))
	b.WriteString("\nSources:\n\n")
	for _, source := range sources {
		fmt.Fprintf(&b, "- %s: %s\n", strings.TrimSuffix(source.name, ": "), source.place)
	}
	fmt.Fprintf(&b, "\nIn claims marked *decided*, and where the emulator *deviates*, the reason says what is known and why it was done so.\n\n| claim | | source | |\n|---|---|---|---|\n")
	for _, claim := range claims {
		note := ""
		if reason, ok := deviations[claim.ID]; ok {
			if note = "*deviates*: " + cell(reason); claim.Source == Decided {
				note = "*decided*: " + cell(reason)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", claim.ID, cell(claim.Sentence), cell(claim.Source), note)
	}
	return b.Bytes()
}
