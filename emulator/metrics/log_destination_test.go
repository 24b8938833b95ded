package metrics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/metrics"
)

func TestErrorsOfLogDestinationsAreCountedAsOnCloudWatch(t *testing.T) {
	m := metrics.New(number(0), number(0))
	for failure, times := range map[journal.LogFailure]int{
		journal.LogAccessDenied: 1, journal.LogNotFound: 2, journal.LogOther: 4, journal.LogDropped: 1, "": 1,
	} {
		for range times {
			m.Observe(journal.Entry{Kind: journal.Delivery, Log: &journal.LogEntry{
				LoggingConfiguration: "arn:x", Records: 10, Failure: failure,
			}})
		}
	}
	want := []string{
		`ivschat_chat_log_records_delivered_total{logging_configuration="arn:x"} 10`,
		`ivschat_chat_log_records_dropped_total{logging_configuration="arn:x"} 10`,
		`ivschat_log_destination_access_denied_errors_total{logging_configuration="arn:x"} 1`,
		`ivschat_log_destination_errors_total{logging_configuration="arn:x"} 7`,
		`ivschat_log_destination_resource_not_found_errors_total{logging_configuration="arn:x"} 2`,
	}
	got := slices.DeleteFunc(samples(t, m), func(sample string) bool { return !strings.Contains(sample, "arn:x") })
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestThereAreCountersForAThousandLoggingConfigurations(t *testing.T) {
	m := metrics.New(number(0), number(0))
	for i := range 1500 {
		m.Observe(journal.Entry{Kind: journal.Delivery, Log: &journal.LogEntry{
			LoggingConfiguration: fmt.Sprint("arn:", i), Records: 1, Failure: journal.LogOther,
		}})
	}
	want := `ivschat_log_destination_errors_total{logging_configuration="other"} 500`
	if !slices.Contains(samples(t, m), want) {
		t.Errorf("there is no %s", want)
	}
}
