package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A fakeAWS is a server with the APIs of AWS, which notes the calls.
type fakeAWS struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []string
	refuse bool
}

func newFakeAWS(t *testing.T) *fakeAWS {
	a := &fakeAWS{}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

// ServeHTTP notes a call by what tells the service.
func (a *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	call := r.Header.Get("X-Amz-Target")
	if call == "" {
		call = r.Method + strings.Join(strings.SplitN(r.URL.Path, "/", 4)[:3], "/")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.calls, call) {
		a.calls = append(a.calls, call)
	}
	if a.refuse {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("ETag", `"0"`)
	_, _ = io.WriteString(w, `{"ReviewResult":"ALLOW","Content":"hi",`+
		`"FailedPutCount":0,"RequestResponses":[{"RecordId":"1"}]}`)
}

// refuses makes the server refuse calls, or accept them again.
func (a *fakeAWS) refuses(refuse bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuse = refuse
}

// called returns the calls so far, sorted.
func (a *fakeAWS) called() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(slices.Values(a.calls))
}

// logged creates a room with a logging configuration for each kind of destination, and sends an event in it.
func logged(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	var list []string
	for _, destination := range []string{
		`"s3":{"bucketName":"bucket"}`, `"cloudWatchLogs":{"logGroupName":"group"}`,
		`"firehose":{"deliveryStreamName":"stream"}`,
	} {
		configuration := post(t, e, "CreateLoggingConfiguration", `{"destinationConfiguration":{`+destination+`}}`)
		list = append(list, `"`+arnIn(t, configuration)+`"`)
	}
	room := createRoom(t, e, `{"loggingConfigurationIdentifiers":[`+strings.Join(list, ",")+`]}`)
	post(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"x"}`)
}

func TestEachServiceHasAnEndpointOfItsOwnOrTheOneOfAll(t *testing.T) {
	all, s3, logs, firehose := newFakeAWS(t), newFakeAWS(t), newFakeAWS(t), newFakeAWS(t)
	const logsCall, firehoseCall = "Logs_20140328.PutLogEvents", "Firehose_20150804.PutRecordBatch"
	for _, test := range []struct {
		config                  emulator.Config
		all, s3, logs, firehose []string
	}{
		{emulator.Config{}, nil, nil, nil, nil},
		{emulator.Config{S3Endpoint: s3.URL}, nil, []string{"PUT/bucket/AWSLogs"}, nil, nil},
		{emulator.Config{AWSEndpoint: all.URL, CloudWatchLogsEndpoint: logs.URL, FirehoseEndpoint: firehose.URL},
			[]string{"PUT/bucket/AWSLogs"}, nil, []string{logsCall}, []string{firehoseCall}},
		{emulator.Config{AWSEndpoint: all.URL},
			[]string{firehoseCall, logsCall, "PUT/bucket/AWSLogs"}, nil, nil, nil},
	} {
		e := newEmulator(t, test.config)
		logged(t, e)
		e.ChatLogs().Flush(t.Context(), "")
		for _, server := range []struct {
			*fakeAWS
			want []string
		}{{all, test.all}, {s3, test.s3}, {logs, test.logs}, {firehose, test.firehose}} {
			if got := server.called(); !slices.Equal(got, server.want) {
				t.Errorf("%+v: a server was called with %q, want %q", test.config, got, server.want)
			}
			server.mu.Lock()
			server.calls = nil
			server.mu.Unlock()
		}
	}
}

func TestTheEndpointOfAllServicesIsThatOfLambda(t *testing.T) {
	server := newFakeAWS(t)
	n := serveOverTCP(t, emulator.Config{AWSEndpoint: server.URL})
	room := createRoom(t, n, `{"messageReviewHandler":{"uri":"arn:aws:lambda:us-east-1:000000000000:function:f"}}`)
	anna := n.connect(t, room, "anna")
	if _, err := anna.SendMessage("hi", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := server.called(); len(got) != 1 || !strings.HasPrefix(got[0], "POST/2015-03-31/functions") {
		t.Errorf("the server was called with %q", got)
	}
}

func TestWithADataDirectoryChatLogsAreFilesInIt(t *testing.T) {
	dir := t.TempDir()
	e := newEmulator(t, emulator.Config{DataDir: dir})
	logged(t, e)
	if err := e.Close(); err != nil { // which delivers what is spooled
		t.Fatal(err)
	}
	var files []string
	err := filepath.WalkDir(filepath.Join(dir, "chat-logs"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, filepath.Ext(path))
		}
		return err
	})
	if want := []string{".jsonl", ".jsonl", ".gz"}; err != nil || !slices.Equal(files, want) {
		t.Errorf("there are %q, want %q: %v", files, want, err)
	}
}

func TestWhatWasNotDeliveredIsDeliveredAfterTheNextStart(t *testing.T) {
	server := newFakeAWS(t)
	server.refuses(true)
	var log logBuffer
	config := emulator.Config{DataDir: t.TempDir(), AWSEndpoint: server.URL, Logger: log.logger()}
	e := newEmulator(t, config)
	logged(t, e)
	e.ChatLogs().Flush(t.Context(), "")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "records=3") {
		t.Errorf("the log has %s", log.String())
	}
	server.refuses(false)
	e = newEmulator(t, config)
	e.ChatLogs().Flush(t.Context(), "")
	delivered := 0
	for _, status := range e.ChatLogs().OwnStatus("", ivschat.ARN{}, ivschat.ARN{}) {
		delivered += status.Delivered
	}
	if delivered != 3 {
		t.Errorf("%d records were delivered, want 3", delivered)
	}
}

func TestWhatIsLostOfAnEarlierRunIsCounted(t *testing.T) {
	server := newFakeAWS(t)
	server.refuses(true)
	dir := t.TempDir()
	config := emulator.Config{DataDir: dir, AWSEndpoint: server.URL}
	e := newEmulator(t, config)
	logged(t, e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "chat-log-spool", "*.spool"))
	if err != nil || len(files) != 3 {
		t.Fatalf("the spool has %q: %v", files, err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)-1] ^= 1 // in the only record
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e = newEmulator(t, config)
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "http://localhost/_ivschat/v1/metrics", nil))
	if n := strings.Count(recorder.Body.String(), "\nivschat_chat_log_records_dropped_total{"); n != 3 {
		t.Errorf("%d logging configurations have dropped records, want 3:\n%s", n, recorder.Body)
	}
}

func TestAFolderOfChatLogsThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{file, filepath.Join(file, "folder")} {
		_, err := emulator.New(emulator.Config{ChatLogs: folder})
		if err == nil || !strings.Contains(err.Error(), "--chat-logs: mkdir "+file) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestASpoolThatCannotBeOpenedIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "chat-log-spool"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := emulator.New(emulator.Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "chat-log-spool") {
		t.Errorf("the error is %v", err)
	}
}
