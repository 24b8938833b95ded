package conformance_test

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
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

	mu      sync.Mutex // guards what follows
	arrived map[destinationKey][]conformance.Arrival
	refused map[destinationKey]string // exceptions
	partly  map[destinationKey]bool   // delivery streams that refuse every second record
	streams map[destinationKey]bool   // of log groups
}

// A destinationKey names a bucket, a log group or a delivery stream of an account, or a log stream as GROUP:STREAM.
type destinationKey struct{ account, name string }

// allDestinations are the destinations of all emulators in this process. They tell accounts apart.
var allDestinations = sync.OnceValue(func() *destinations { return newDestinations(nil) })

// newDestinations starts to serve on a listener, or on a free port of this machine if it is nil.
func newDestinations(listener net.Listener) *destinations {
	d := &destinations{
		arrived: map[destinationKey][]conformance.Arrival{}, refused: map[destinationKey]string{},
		partly: map[destinationKey]bool{}, streams: map[destinationKey]bool{},
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

// Refuse implements conformance.Destinations.
func (d *destinations) Refuse(account, name, exception string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused[destinationKey{account, name}] = exception
}

// RefuseHalf implements conformance.Destinations.
func (d *destinations) RefuseHalf(account, name string, refuse bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.partly[destinationKey{account, name}] = refuse
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
	switch operation := r.Header.Get("X-Amz-Target"); operation {
	case "":
		d.putObject(w, r, account, body)
	default:
		var request awsRequest
		if err := json.Unmarshal(body, &request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer, exception := d.call(operation, account, request)
		if exception != "" {
			w.WriteHeader(http.StatusBadRequest)
			answer = map[string]any{"__type": exception, "message": "refused"}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// putObject answers PutObject of S3.
func (d *destinations) putObject(w http.ResponseWriter, r *http.Request, account string, body []byte) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	at := destinationKey{account, bucket}
	code := d.refused[at]
	if code == "" && r.Method != http.MethodPut {
		code = "MethodNotAllowed"
	}
	if code != "" {
		w.WriteHeader(http.StatusForbidden)
		_ = xml.NewEncoder(w).Encode(struct {
			XMLName xml.Name `xml:"Error"`
			Code    string
		}{Code: code})
		return
	}
	w.Header().Set("ETag", `"any"`)
	// An object replaces one with the same key.
	d.arrived[at] = slices.DeleteFunc(d.arrived[at], func(a conformance.Arrival) bool { return a.Name == key })
	d.arrived[at] = append(d.arrived[at], conformance.Arrival{Name: key, Content: string(body)})
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

// call answers an operation of CloudWatch Logs or Firehose, or returns an exception.
func (d *destinations) call(operation, account string, r awsRequest) (answer map[string]any, exception string) {
	at := destinationKey{account, cmp.Or(r.LogGroupName, r.DeliveryStreamName)}
	stream := destinationKey{account, r.LogGroupName + ":" + r.LogStreamName}
	if exception := d.refused[at]; exception != "" {
		return nil, exception
	}
	switch operation {
	case "Logs_20140328.CreateLogStream":
		if d.streams[stream] {
			return nil, "ResourceAlreadyExistsException"
		}
		d.streams[stream] = true
		return map[string]any{}, ""
	case "Logs_20140328.PutLogEvents":
		if !d.streams[stream] {
			return nil, "ResourceNotFoundException"
		}
		for _, event := range r.LogEvents {
			d.arrived[at] = append(d.arrived[at], conformance.Arrival{
				Name: r.LogStreamName, Time: time.UnixMilli(event.Timestamp).UTC(), Content: event.Message,
			})
		}
		return map[string]any{}, ""
	case "Firehose_20150804.PutRecordBatch":
		return d.putRecords(at, r), ""
	default:
		return nil, "UnknownOperationException"
	}
}

// putRecords answers PutRecordBatch of Firehose.
func (d *destinations) putRecords(at destinationKey, r awsRequest) (answer map[string]any) {
	failed, responses := 0, []map[string]any{}
	for i, record := range r.Records {
		if d.partly[at] && i%2 == 1 {
			failed++
			responses = append(responses, map[string]any{"ErrorCode": "ServiceUnavailableException"})
			continue
		}
		d.arrived[at] = append(d.arrived[at], conformance.Arrival{Content: string(record.Data)})
		responses = append(responses, map[string]any{"RecordId": "any"})
	}
	return map[string]any{"FailedPutCount": failed, "RequestResponses": responses}
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
