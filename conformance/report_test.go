package conformance_test

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

func TestMain(m *testing.M) { program.Main(m) }

var example = conformance.Report{Target: "http://localhost", Results: []conformance.Result{
	{
		ID: "C1", Sentence: "One | thing <b>.", Source: "model",
		Outcome: conformance.Held, Seconds: 0.5,
	},
	{
		ID: "C2", Sentence: "Another.", Source: "model",
		Outcome: conformance.Failed, Detail: "got 1\nwant 2",
	},
	{
		ID: "C3", Sentence: "A third.", Source: conformance.Decided,
		Outcome: conformance.AsDecided, Detail: "it is not known",
	},
	{
		ID: "C4", Sentence: "A fourth.", Source: "model",
		Outcome: conformance.Deviates, Detail: "we differ",
	},
	{
		ID: "C5", Sentence: "A fifth.", Source: "model",
		Outcome: conformance.Skipped, Detail: "no time",
	},
}}

func TestAMarkdownReportHasATableForEachOutcome(t *testing.T) {
	text, err := example.Encode("report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"# Conformance of http://localhost\n",
		"- held: 1\n- failed: 1\n- refuted: 0\n- deviates: 1\n- as decided: 1\n- skipped: 1\n",
		"## Failed\n",
		`| C1 | One \| thing &lt;b>. | model |  |`,
		"| C2 | Another. | model | got 1<br>want 2 |",
		"| C5 | A fifth. | model | no time |",
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the report does not have %q:\n%s", part, text)
		}
	}
}

func TestAJSONReportCanBeReadBack(t *testing.T) {
	text, err := example.Encode("report.json")
	if err != nil {
		t.Fatal(err)
	}
	var again conformance.Report
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if again.Target != example.Target || !slices.Equal(again.Results, example.Results) {
		t.Errorf("got %+v, want %+v", again, example)
	}
}

func TestAJUnitReportCountsOnlyFailedClaimsAsFailures(t *testing.T) {
	text, err := example.Encode("report.xml")
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
			Skipped *struct{} `xml:"skipped"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal(text, &suite); err != nil {
		t.Fatal(err)
	}
	if suite.Tests != 5 || suite.Failures != 1 || suite.Skipped != 3 || len(suite.Cases) != 5 {
		t.Fatalf("%+v", suite)
	}
	for i, want := range []struct{ failed, skipped bool }{
		{false, false}, {true, false}, {false, true}, {false, true}, {false, true},
	} {
		got := suite.Cases[i]
		if (got.Failure != nil) != want.failed || (got.Skipped != nil) != want.skipped {
			t.Errorf("%s: %+v", got.Name, got)
		}
	}
}

func TestAReportOfAnotherFormatIsRefused(t *testing.T) {
	if _, err := example.Encode("report.html"); err == nil || !strings.Contains(err.Error(), ".html") {
		t.Errorf("%v", err)
	}
}

// The program in its own process has the same results as an emulator in this process.
func TestTheProgramHasTheSameReport(t *testing.T) {
	local, servers := inProcess(start(t, config())), allDestinations()
	url := program.Start(t, "--review-timeout", reviewTimeout.String(), "--s3-endpoint", servers.url,
		"--cloudwatch-logs-endpoint", servers.url, "--firehose-endpoint", servers.url)
	remote := remoteChatLogs(t, conformance.Target{
		Endpoint:     url + "/",
		Messaging:    strings.Replace(url, "http", "ws", 1),
		Region:       local.Region,
		Slow:         local.Slow,
		Advance:      remoteClock(t, url+"/"),
		Reviews:      remoteReviews(t, url+"/"),
		FailChange:   remoteFailures(t, url+"/"),
		Destinations: servers,
	})
	reports := [2]conformance.Report{}
	for i, target := range []conformance.Target{local, remote} {
		t.Run(target.Endpoint, func(t *testing.T) {
			reports[i] = conformance.Run(t, target, claims.All())
		})
	}
	for i, inProcess := range reports[0].Results {
		inProgram := reports[1].Results[i]
		inProcess.Seconds, inProgram.Seconds = 0, 0
		if inProcess != inProgram {
			t.Errorf("in this process %+v\nin the program %+v", inProcess, inProgram)
		}
	}
}
