package cors

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestWhatClientsSendTakesLittleMemoryInTheListOfRefusals(t *testing.T) {
	refusals := NewRefusals(slog.New(slog.DiscardHandler))
	for i := range 2 * maximumLogged {
		refusals.Log("refused", fmt.Sprint(i, strings.Repeat("x", 1<<16)), errors.New("because"))
	}
	bytes := 0
	for value := range refusals.logged {
		bytes += len(value)
	}
	if len(refusals.logged) != maximumLogged || bytes > maximumLogged*maximumValue {
		t.Errorf("%d values with %d bytes are remembered", len(refusals.logged), bytes)
	}
}
