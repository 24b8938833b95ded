package conformance_test

import (
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// The commands of the guide check every claim, some of them against other servers, so this test only compares them
// with the tests and the flags of this package.
func TestTheCommandsOfTheGuideNameTestsAndFlagsThatExist(t *testing.T) {
	tests := guides.Read(t, "conformance/conformance_test.go")
	commands := 0
	for _, block := range guides.Open(t, "docs/conformance.md", "sh").Blocks("sh") {
		for line := range strings.Lines(block.Code) {
			commands++
			command, _, _ := strings.Cut(line, "  #")
			run := regexp.MustCompile(`^go test \./conformance .*-run (\w+)(?: .*)? -args (.*)$`).FindStringSubmatch(command)
			if run == nil {
				t.Fatalf("this test does not know %s", line)
			}
			if !strings.Contains(tests, "func "+run[1]+"(") {
				t.Errorf("there is no %s", run[1])
			}
			for _, name := range regexp.MustCompile(`(?:^| )-([\w-]+)`).FindAllStringSubmatch(run[2], -1) {
				if flag.Lookup(name[1]) == nil {
					t.Errorf("there is no flag -%s", name[1])
				}
			}
		}
	}
	if commands < 3 {
		t.Errorf("the guide has %d commands", commands)
	}
}
