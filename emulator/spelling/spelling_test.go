package spelling_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

func TestNearestIsTheNameThatWasProbablyMeant(t *testing.T) {
	names := []string{"after", "account", "count", "timeout", "to"}
	for word, want := range map[string]string{
		"acount":                  "account",
		"Account":                 "account",
		"accounts":                "account",
		"counts":                  "count",
		"time":                    "", // a name is not found by its beginning
		"timeOut":                 "timeout",
		"too":                     "to",
		"x":                       "",
		"":                        "",
		"colour":                  "",
		"ot":                      "to",
		"fater":                   "after",
		"tofu":                    "",
		"àccount":                 "account",
		strings.Repeat("t", 9999): "",
	} {
		if got := spelling.Nearest(word, names); got != want {
			t.Errorf("the nearest name to %q is %q, want %q", word, got, want)
		}
	}
}
