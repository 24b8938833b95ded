package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The ways in which an unreliable server treats a request.
const (
	serves         = "serves it"
	servesPartly   = "serves a part of it" // of the records for Firehose; otherwise all
	servesAndCuts  = "serves it, and cuts the connection"
	servesAndHangs = "serves it, and does not answer"
	fails          = "answers with status 500"
	cuts           = "cuts the connection"
	hangs          = "does not answer"
)

// ways are all of them. An unreliable server treats so many requests in all of these ways, in a random order. It serves
// most of them, or the program would seldom get to events after it has created their log stream.
var ways = []string{
	serves, serves, serves, serves, serves, serves, servesPartly, servesAndCuts, servesAndHangs, fails, cuts, hangs,
}

// An unreliable is a server with the APIs of S3, CloudWatch Logs and Firehose. Each request fails at random, in all
// ways in which a server can fail, until the server is told to be reliable.
type unreliable struct {
	t         *testing.T
	url       string
	onRequest func()

	mu       sync.Mutex // guards what follows
	random   *rand.Rand
	next     []string // ways of the next requests
	reliable bool
	resume   chan struct{}     // closed when the server becomes reliable
	objects  map[string][]byte // of S3, by path
	streams  map[string]bool   // log streams that exist, with their log group
	records  collected
	counts   map[string]int // of requests, by way
}

// startUnreliable starts a server, which ends with the test. It calls onRequest with each request before that is
// answered.
func startUnreliable(t *testing.T, random *rand.Rand, onRequest func()) *unreliable {
	u := &unreliable{
		t: t, onRequest: onRequest, random: random, resume: make(chan struct{}),
		objects: map[string][]byte{}, streams: map[string]bool{}, records: collected{}, counts: map[string]int{},
	}
	server := httptest.NewServer(u)
	u.url = server.URL
	t.Cleanup(server.Close)
	t.Cleanup(func() { u.setReliable(true) }) // ends requests that hang
	return u
}

// setReliable makes the server serve every request from now on, or fail at random.
func (u *unreliable) setReliable(reliable bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if reliable && !u.reliable {
		close(u.resume)
	} else if !reliable && u.reliable {
		u.resume = make(chan struct{})
	}
	u.reliable = reliable
}

// take returns what the server has accepted since the last call, and how often it has treated a request in each way.
func (u *unreliable) take() (collected, map[string]int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	records, counts := u.records, u.counts
	u.records, u.counts, u.objects = collected{}, map[string]int{}, map[string][]byte{}
	return records, counts
}

// way returns how to treat a request.
func (u *unreliable) way() (way string, resume <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	way = serves
	if len(u.next) == 0 {
		u.next = slices.Clone(ways)
		u.random.Shuffle(len(ways), func(i, j int) { u.next[i], u.next[j] = u.next[j], u.next[i] })
	}
	if !u.reliable {
		way, u.next = u.next[0], u.next[1:]
	}
	u.counts[way]++
	return way, u.resume
}

// ServeHTTP serves a request, or not.
func (u *unreliable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the program was killed meanwhile
	}
	way, resume := u.way()
	status, answer := http.StatusInternalServerError, `{"__type":"ServiceUnavailableException"}`
	if strings.HasPrefix(way, serves) || way == servesPartly {
		status, answer = u.serve(r, body, way == servesPartly)
	}
	u.onRequest()
	switch way {
	case hangs, servesAndHangs:
		select {
		case <-resume:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case cuts, servesAndCuts:
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("ETag", `"any"`)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// serve serves a request and returns the answer.
func (u *unreliable) serve(r *http.Request, body []byte, partly bool) (status int, answer string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch target := r.Header.Get("X-Amz-Target"); target {
	case "":
		return u.putObject(r.URL.Path, body)
	case "Logs_20140328.CreateLogStream":
		return u.createLogStream(body)
	case "Logs_20140328.PutLogEvents":
		return u.putLogEvents(body)
	case "Firehose_20150804.PutRecordBatch":
		return u.putRecordBatch(body, partly)
	default:
		u.t.Errorf("the operation %q is called", target)
		return http.StatusBadRequest, "{}"
	}
}

func (u *unreliable) putObject(path string, body []byte) (status int, answer string) {
	if before, exists := u.objects[path]; exists && !bytes.Equal(before, body) {
		u.t.Errorf("the object %s is replaced by one with another content", path)
	}
	u.objects[path] = body
	text, err := gunzip(body)
	if err != nil || !u.records.addLines("s3", path, text) {
		u.t.Errorf("the object %s is not a gzip file with whole lines: %v", path, err)
	}
	return http.StatusOK, ""
}

// gunzip returns the content of a gzip file.
func gunzip(file []byte) ([]byte, error) {
	in, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in) // which fails if the end is missing
}

// A logStream names a log stream in requests.
type logStream struct{ LogGroupName, LogStreamName string }

func (u *unreliable) createLogStream(body []byte) (status int, answer string) {
	var input logStream
	u.decode(body, &input)
	if u.streams[input.name()] {
		return http.StatusBadRequest, `{"__type":"ResourceAlreadyExistsException"}`
	}
	u.streams[input.name()] = true
	return http.StatusOK, "{}"
}

func (s logStream) name() string { return s.LogGroupName + " " + s.LogStreamName }

func (u *unreliable) putLogEvents(body []byte) (status int, answer string) {
	var input struct {
		logStream
		LogEvents []struct{ Message string }
	}
	u.decode(body, &input)
	if !u.streams[input.name()] {
		return http.StatusBadRequest, `{"__type":"ResourceNotFoundException"}`
	}
	for _, event := range input.LogEvents {
		u.records.add("cloudWatchLogs", input.name(), event.Message)
	}
	return http.StatusOK, "{}"
}

func (u *unreliable) putRecordBatch(body []byte, partly bool) (status int, answer string) {
	var input struct{ Records []struct{ Data []byte } }
	u.decode(body, &input)
	var output struct {
		FailedPutCount   int
		RequestResponses []map[string]string
	}
	for _, record := range input.Records {
		if partly && u.random.IntN(2) == 0 {
			output.FailedPutCount++
			output.RequestResponses = append(output.RequestResponses, map[string]string{"ErrorCode": "InternalFailure"})
			continue
		}
		output.RequestResponses = append(output.RequestResponses, map[string]string{"RecordId": "any"})
		if !u.records.addLines("firehose", "", record.Data) {
			u.t.Errorf("a record for Firehose is not a line: %q", record.Data)
		}
	}
	text, err := json.Marshal(output)
	if err != nil {
		u.t.Error(err)
	}
	return http.StatusOK, string(text)
}

func (u *unreliable) decode(body []byte, into any) {
	if err := json.Unmarshal(body, into); err != nil {
		u.t.Errorf("the body %.100q is not JSON: %v", body, err)
	}
}
