package conformance

import (
	"encoding/xml"
	"fmt"
)

// The elements of a JUnit report, as CI systems read it.
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

// junit reports every claim that neither held nor failed as skipped: JUnit has no other state,
// and a deviation is never a pass.
func (r Report) junit() ([]byte, error) {
	suite := junitSuite{Name: "conformance", Tests: len(r.Results), Failures: r.Count(Failed)}
	for _, result := range r.Results {
		one := junitCase{
			Class:  "conformance",
			Name:   result.ID + " " + result.Sentence,
			Time:   fmt.Sprintf("%.3f", result.Seconds),
			Output: "source: " + result.Source,
		}
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
