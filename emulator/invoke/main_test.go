package invoke

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// asProgram is the first argument with which the test binary runs as a program that reviews messages. The
// second one is its name in programs.
const asProgram = "as-program"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == asProgram {
		os.Exit(programs[os.Args[2]](os.Args[3:]))
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // or programs with the race detector take a second to end
	goleak.VerifyTestMain(m)
}
