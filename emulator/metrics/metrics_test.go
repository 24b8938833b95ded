package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/metrics"
)

func number(n float64) func() float64 { return func() float64 { return n } }

// read returns the lines of the emulator's own metrics, without those of their types.
func read(t *testing.T, m *metrics.Metrics) []string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("got %d %s", recorder.Code, recorder.Body)
	}
	if kind := recorder.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") {
		t.Errorf("the content type is %q", kind)
	}
	return slices.DeleteFunc(strings.Split(recorder.Body.String(), "\n"), func(line string) bool {
		return !strings.HasPrefix(strings.TrimPrefix(line, "# HELP "), "ivschat_")
	})
}

func TestTheMetricsIncludeThoseOfGoAndOfTheProcess(t *testing.T) {
	recorder := httptest.NewRecorder()
	metrics.New(number(0), number(0)).ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
	names := []string{"go_goroutines", "go_memstats_heap_alloc_bytes"}
	if runtime.GOOS == "linux" {
		names = append(names, "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds")
	}
	for _, name := range names {
		if !strings.Contains(recorder.Body.String(), "\n"+name+" ") {
			t.Errorf("%s is missing in\n%s", name, recorder.Body)
		}
	}
}

// samples returns the lines of the metrics that have values.
func samples(t *testing.T, m *metrics.Metrics) []string {
	t.Helper()
	return slices.DeleteFunc(read(t, m), func(line string) bool { return strings.HasPrefix(line, "#") })
}

func TestEachKindOfEntryChangesItsMetrics(t *testing.T) {
	const none = "ivschat_messaging_requests_total 0"
	for name, test := range map[string]struct {
		entries []journal.Entry
		want    []string // besides the functions that New gets
	}{
		"no entry": {nil, []string{none}},
		"calls": {
			[]journal.Entry{
				{Kind: journal.Call, Operation: "GetRoom", Status: 200, Duration: 50 * time.Microsecond},
				{Kind: journal.Call, Operation: "GetRoom", Status: 404, Duration: time.Minute},
				{Kind: journal.Call, Operation: "GetRoom", Status: 404, Duration: time.Millisecond},
			},
			[]string{
				none,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="0.0001"} 1`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="0.0004"} 1`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="0.0016"} 2`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="0.0064"} 2`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="0.0256"} 2`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="0.1024"} 2`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="0.4096"} 2`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="1.6384"} 2`,
				`ivschat_operation_duration_seconds_bucket{operation="GetRoom",le="+Inf"} 3`,
				`ivschat_operation_duration_seconds_count{operation="GetRoom"} 3`,
				`ivschat_operation_duration_seconds_sum{operation="GetRoom"} 60.00105`,
				`ivschat_operations_total{operation="GetRoom",status="200"} 1`,
				`ivschat_operations_total{operation="GetRoom",status="404"} 2`,
				`ivschat_requests_total{action="GetRoom"} 3`,
			},
		},
		"a frame from a client": {
			[]journal.Entry{{Kind: journal.Frame, Direction: "in"}},
			[]string{"ivschat_messaging_requests_total 1"},
		},
		"a frame to everyone in a room": {
			[]journal.Entry{
				{Kind: journal.Frame, Direction: "out", Operation: "SEND_MESSAGE", Recipients: 3},
				{Kind: journal.Frame, Direction: "out", Operation: "SEND_MESSAGE", Recipients: 2},
			},
			[]string{none, `ivschat_deliveries_total{action="SEND_MESSAGE"} 5`},
		},
		"a frame to an empty room": {
			[]journal.Entry{{Kind: journal.Frame, Direction: "out", Operation: "SendEvent"}},
			[]string{none},
		},
		"a frame to one client": {
			[]journal.Entry{{Kind: journal.Frame, Direction: "out", UserID: "anna"}},
			[]string{none},
		},
		"a refused handshake": {
			[]journal.Entry{{Kind: journal.Handshake, Status: 401}},
			[]string{none, `ivschat_refused_handshakes_total{status="401"} 1`},
		},
		"a fault": {
			[]journal.Entry{{Kind: journal.Fault, Operation: "CreateRoom", Rule: 7}},
			[]string{none, `ivschat_faults_fired_total{operation="CreateRoom"} 1`},
		},
		"reviews": {
			[]journal.Entry{
				review("ALLOW", "handler", ""), review("DENY", "handler", ""), review("DENY", "fault", ""),
				review("ALLOW", "fallback", "no target"), review("ALLOW", "fallback", "not invoked"),
				review("ALLOW", "fallback", "timeout"), review("ALLOW", "fallback", "function error"),
				review("ALLOW", "fallback", "invalid answer"),
			},
			[]string{
				none,
				`ivschat_invocation_errors_total{uri="arn:x"} 3`,
				`ivschat_response_validation_errors_total{uri="arn:x"} 1`,
				`ivschat_reviews_total{decided_by="fallback",verdict="ALLOW"} 5`,
				`ivschat_reviews_total{decided_by="fault",verdict="DENY"} 1`,
				`ivschat_reviews_total{decided_by="handler",verdict="ALLOW"} 1`,
				`ivschat_reviews_total{decided_by="handler",verdict="DENY"} 1`,
			},
		},
		"a connection and its end": {
			[]journal.Entry{{Kind: journal.Connect}, {Kind: journal.Disconnect, Reason: "closed"}},
			[]string{none},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := metrics.New(number(0), number(0))
			for _, e := range test.entries {
				m.Observe(e)
			}
			want := slices.Concat(test.want, []string{
				"ivschat_concurrent_chat_connections 0",
				"ivschat_messaging_deliveries_total 0",
			})
			got := slices.DeleteFunc(samples(t, m), isReviewDuration)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestConnectionsAndDeliveredFramesAreReadWhenTheMetricsAre(t *testing.T) {
	connections, delivered := 2.0, 30.0
	m := metrics.New(func() float64 { return connections }, func() float64 { return delivered })
	connections, delivered = 4, 31
	got := samples(t, m)
	for _, want := range []string{
		"ivschat_concurrent_chat_connections 4",
		"ivschat_messaging_deliveries_total 31",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

// The names are those of https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/chat-health.html.
func TestTheHelpTextsHaveTheNamesOfCloudWatch(t *testing.T) {
	want := map[string]string{
		"ivschat_concurrent_chat_connections": "ConcurrentChatConnections",
		"ivschat_deliveries_total":            "Deliveries",
		"ivschat_messaging_deliveries_total":  "MessagingDeliveries",
		"ivschat_messaging_requests_total":    "MessagingRequests",
		"ivschat_requests_total":              "Requests",
	}
	m := metrics.New(number(0), number(0))
	m.Observe(journal.Entry{Kind: journal.Call, Operation: "GetRoom", Status: 200})
	m.Observe(journal.Entry{Kind: journal.Frame, Operation: "SendEvent", Recipients: 1})
	m.Observe(journal.Entry{Kind: journal.Handshake, Status: 401})
	m.Observe(journal.Entry{Kind: journal.Fault, Operation: "GetRoom"})
	helpTexts := 0
	for _, line := range read(t, m) {
		metric, ok := strings.CutPrefix(line, "# HELP ")
		if !ok {
			continue
		}
		helpTexts++
		metric, help, _ := strings.Cut(metric, " ")
		name, isOfCloudWatch := want[metric]
		delete(want, metric)
		switch {
		case isOfCloudWatch && !strings.HasSuffix(help, "(CloudWatch: "+name+")."):
			t.Errorf("%s: the help text is %q, but does not name %s", metric, help, name)
		case !isOfCloudWatch && strings.Contains(help, "CloudWatch"):
			t.Errorf("%s: the help text is %q, but CloudWatch has no such metric", metric, help)
		}
	}
	if len(want) > 0 || helpTexts != 9 {
		t.Errorf("of %d metrics, none is %v", helpTexts, want)
	}
}
