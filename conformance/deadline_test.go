package conformance_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestClaimsAreCheckedWithAShortDeadline runs this test program again with a deadline as short as those
// that people set. The removal of resources must not take all of it.
func TestClaimsAreCheckedWithAShortDeadline(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const claim = "TestConformance/claims/C201"
	for _, deadline := range []string{"30s", "60s"} {
		command := exec.CommandContext(t.Context(), program,
			"-test.run", "^"+strings.ReplaceAll(claim, "/", "$/^")+"$", "-test.timeout", deadline, "-test.v")
		output, err := command.CombinedOutput()
		if err != nil || !strings.Contains(string(output), "--- PASS: "+claim) {
			t.Errorf("with a deadline of %s: %v\n%s", deadline, err, output)
		}
	}
}
