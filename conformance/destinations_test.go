package conformance_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// destinations play the servers of S3, CloudWatch Logs and Firehose, as far as chat logs need them. Every bucket, log
// group and delivery stream exists.
type destinations struct {
	url string

	mu         sync.Mutex // guards what follows
	arrived    map[destinationKey][]conformance.Arrival
	behaviours map[destinationKey]conformance.Behaviour
	streams    map[destinationKey]bool // of log groups
}

// A destinationKey names a bucket, a log group or a delivery stream of an account, or a log stream as GROUP:STREAM.
type destinationKey struct{ account, name string }

// allDestinations are the destinations of all emulators in this process. They tell accounts apart.
var allDestinations = sync.OnceValue(func() *destinations { return newDestinations(nil) })

// newDestinations starts to serve on a listener, or on a free port of this machine if it is nil.
func newDestinations(listener net.Listener) *destinations {
	d := &destinations{
		arrived: map[destinationKey][]conformance.Arrival{}, behaviours: map[destinationKey]conformance.Behaviour{},
		streams: map[destinationKey]bool{},
	}
	server := httptest.NewUnstartedServer(d)
	if listener != nil {
		server.Listener.Close()
		server.Listener = listener
	}
	server.Start()
	d.url = server.URL
	return d
}

// listenForDestinations serves the destinations of a target in another process.
func listenForDestinations(t *testing.T, address string) *destinations {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("-destinations: %v", err)
	}
	t.Cleanup(func() { listener.Close() })
	return newDestinations(listener)
}

// Arrived implements conformance.Destinations.
func (d *destinations) Arrived(account, name string) []conformance.Arrival {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.arrived[destinationKey{account, name}])
}

// Behave implements conformance.Destinations.
func (d *destinations) Behave(account, name string, b conformance.Behaviour) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.behaviours[destinationKey{account, name}] = b
}

// An awsRequest has the members of all requests to CloudWatch Logs and Firehose.
type awsRequest struct {
	LogGroupName, LogStreamName string
	LogEvents                   []struct {
		Timestamp int64 // milliseconds since 1970
		Message   string
	}
	DeliveryStreamName string
	Records            []struct{ Data []byte }
}

// ServeHTTP answers a request to one of the services. Only Firehose and CloudWatch Logs name an operation.
func (d *destinations) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	account, _, _ := strings.Cut(credential, "/")
	d.mu.Lock()
	defer d.mu.Unlock()
	operation := r.Header.Get("X-Amz-Target")
	var request awsRequest
	if operation != "" && json.Unmarshal(body, &request) == nil {
		answer, exception := d.call(operation, account, request)
		if exception != "" {
			w.WriteHeader(http.StatusBadRequest)
			answer = object{"__type": exception}
		}
		_ = json.NewEncoder(w).Encode(answer)
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	exception := "MethodNotAllowed"
	if r.Method == http.MethodPut {
		exception = d.putObject(destinationKey{account, bucket}, key, string(body))
	}
	w.Header().Set("ETag", `"any"`)
	if exception != "" {
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", exception)
	}
}

// lostReply is the exception instead of a reply that was lost.
const lostReply = "InternalError"

// putObject answers PutObject of S3, and CreateBucket, which has no key. It returns the exception, "" if there is none.
func (d *destinations) putObject(at destinationKey, key, content string) (exception string) {
	b := d.behaviours[at]
	if b.Exception == "" || key == "" {
		// An object replaces one with the same key.
		d.arrived[at] = slices.DeleteFunc(d.arrived[at], func(a conformance.Arrival) bool { return a.Name == key })
		d.arrived[at] = append(d.arrived[at], conformance.Arrival{Name: key, Content: content})
	}
	if b.LosesItsReply {
		return lostReply
	}
	return b.Exception
}

// call answers an operation of CloudWatch Logs or Firehose, or returns an exception.
func (d *destinations) call(operation, account string, r awsRequest) (answer object, exception string) {
	at := destinationKey{account, cmp.Or(r.LogGroupName, r.DeliveryStreamName)}
	stream := destinationKey{account, r.LogGroupName + ":" + r.LogStreamName}
	switch exception := d.behaviours[at].Exception; operation {
	case "Logs_20140328.CreateLogStream":
		d.streams[stream] = exception == ""
		return object{}, exception
	case "Logs_20140328.PutLogEvents":
		if exception == "" && !d.streams[stream] {
			exception = "ResourceNotFoundException"
		}
		if exception != "" {
			return nil, exception
		}
		return d.putEvents(at, r), ""
	case "Firehose_20150804.PutRecordBatch":
		if exception != "" {
			return nil, exception
		}
		return d.putRecords(at, r), ""
	default: // such as CreateLogGroup and CreateDeliveryStream
		d.arrived[at] = append(d.arrived[at], conformance.Arrival{Name: operation})
		return nil, "UnknownOperationException"
	}
}

// putEvents answers PutLogEvents of CloudWatch Logs.
func (d *destinations) putEvents(at destinationKey, r awsRequest) (answer object) {
	latest := time.Now().Add(2 * time.Hour)
	for i, event := range r.LogEvents {
		arrival := conformance.Arrival{
			Name: r.LogStreamName, Time: time.UnixMilli(event.Timestamp).UTC(), Content: event.Message,
		}
		if d.behaviours[at].RejectsNew && arrival.Time.After(latest) { // so are all that follow, which are sorted
			return object{"rejectedLogEventsInfo": object{"tooNewLogEventStartIndex": i}}
		}
		d.arrived[at] = append(d.arrived[at], arrival)
	}
	return object{}
}

// putRecords answers PutRecordBatch of Firehose.
func (d *destinations) putRecords(at destinationKey, r awsRequest) (answer object) {
	failed, responses := 0, []object{}
	for i, record := range r.Records {
		if d.behaviours[at].RefusesHalf && i%2 == 1 {
			failed++
			responses = append(responses, object{"ErrorCode": "ServiceUnavailableException"})
			continue
		}
		d.arrived[at] = append(d.arrived[at], conformance.Arrival{Content: string(record.Data)})
		responses = append(responses, object{"RecordId": "any"})
	}
	return object{"FailedPutCount": failed, "RequestResponses": responses}
}

// changedDestinations are destinations where something else arrives.
type changedDestinations struct {
	*destinations
	change func(arrived []conformance.Arrival) []conformance.Arrival
}

// Arrived implements conformance.Destinations.
func (d changedDestinations) Arrived(account, name string) []conformance.Arrival {
	return d.change(d.destinations.Arrived(account, name))
}
