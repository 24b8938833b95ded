package destination

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const room = "AbCdEfGhIjKl"

var (
	owner         = ivschat.Owner{AccountID: "123456789012", Region: "us-west-2"}
	configuration = ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: "LmNoPqRsTuVw"}
	window        = time.Date(2022, time.October, 14, 17, 40, 0, 0, time.UTC)
)

// deliveryOf returns a delivery of texts to a destination. They were accepted one second after another from the start
// of a window of five minutes.
func deliveryOf(kind Kind, name string, texts ...string) Delivery {
	d := Delivery{
		Place: Place{owner, kind, name}, Configuration: configuration, Start: window, End: window.Add(5 * time.Minute),
	}
	for i, text := range texts {
		d.Records = append(d.Records, Record{Room: room, Time: window.Add(time.Duration(i) * time.Second),
			Text: []byte(text)})
	}
	return d
}

// deliverer returns the Deliverer of a config, which the end of the test closes.
func deliverer(t testing.TB, config Config) Deliverer {
	t.Helper()
	d, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// deliver delivers and returns where.
func deliver(t *testing.T, to Deliverer, d Delivery) string {
	t.Helper()
	where, err := to.Deliver(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return where
}

// refuse delivers, which must fail for a reason and say some texts. It returns the error.
func refuse(t *testing.T, to Deliverer, d Delivery, reason Reason, texts ...string) *Error {
	t.Helper()
	where, err := to.Deliver(t.Context(), d)
	e, ok := errors.AsType[*Error](err)
	if !ok || where != "" {
		t.Fatalf("got %q, %v", where, err)
	}
	if e.Reason != reason {
		t.Errorf("the reason is %q instead of %q: %v", e.Reason, reason, e)
	}
	for _, text := range texts {
		if !strings.Contains(e.Error(), text) {
			t.Errorf("%q does not contain %q", e, text)
		}
	}
	for _, text := range []string{e.Message, e.Log} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(text) > 4<<10 ||
			text == "" {
			t.Errorf("the text is not one short line: %q", text)
		}
	}
	if logged := fmt.Sprint(e.LogValue()); logged != e.Log {
		t.Errorf("the log gets %s", logged)
	}
	return e
}
