package invoke

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A fake is a process without a program, for tests in a synctest bubble.
type fake struct {
	in       *bufio.Scanner
	closeIn  func() error
	out, err *io.PipeWriter
	killed   chan struct{} // closed by kill
	status   chan string   // how it ended; has room for two
}

// next returns the next event, "" after the last one.
func (f *fake) next() string {
	f.in.Scan()
	return f.in.Text()
}

func (f *fake) print(text string) { _, _ = io.WriteString(f.out, text) }

// answer answers an event with a JSON string, of which ask returns the text.
func (f *fake) answer(text string) {
	line, _ := json.Marshal(text)
	f.print(string(line) + "\n")
}

// echo answers each event with itself.
func (f *fake) echo() string {
	for event := f.next(); event != ""; event = f.next() {
		f.answer(event)
	}
	return "exit status 0"
}

// hang ends when it is killed only.
func (f *fake) hang() string {
	<-f.killed
	return ""
}

// newFake starts a process that runs a function, which returns how it ended.
func newFake(run func(*fake) string) *process {
	in, theirIn := io.Pipe()
	theirOut, out := io.Pipe()
	theirErr, err := io.Pipe()
	f := &fake{in: bufio.NewScanner(in), closeIn: in.Close, out: out, err: err,
		killed: make(chan struct{}), status: make(chan string, 2)}
	closePipes := func() {
		_ = in.Close()
		_ = out.Close()
		_ = err.Close()
	}
	kill := sync.OnceFunc(func() { close(f.killed); closePipes() })
	go func() {
		defer closePipes()
		f.status <- run(f)
	}()
	return &process{id: 1, in: theirIn, out: theirOut, err: theirErr, kill: kill, wait: func() string {
		select {
		case status := <-f.status:
			return status
		case <-f.killed:
			return "signal: killed"
		}
	}}
}

// A bench runs fakes as a command, and keeps its log.
type bench struct {
	*testing.T
	*command
	log lockedBuffer

	mu     sync.Mutex
	starts []time.Duration // since the beginning of the test, when a fake was started; guarded by mu
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func (b *lockedBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// inBubble runs a test with a command in a synctest bubble. The functions are its processes, one after the
// other, and the last one is repeated. Without a function, the program cannot be started.
func inBubble(t *testing.T, test func(*bench), runs ...func(*fake) string) {
	t.Helper()
	inBubbleWithTimeout(t, 0, test, runs...)
}

// inBubbleWithTimeout is inBubble for callers that wait that long for an answer.
func inBubbleWithTimeout(t *testing.T, timeout time.Duration, test func(*bench), runs ...func(*fake) string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b, began := &bench{T: t}, time.Now()
		start := func() (*process, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			run := runs[min(len(b.starts), len(runs)-1)]
			b.starts = append(b.starts, time.Since(began))
			if run == nil {
				return nil, errors.New("no memory")
			}
			return newFake(run), nil
		}
		var err error
		if b.command, err = keepRunning("node", start, timeout, b.log.logger()); err != nil {
			t.Fatal(err)
		}
		defer b.command.Close()
		test(b)
	})
}

// ask invokes the program, and returns the answer or the error.
func (b *bench) ask(event string) string { return b.askFor(time.Hour, event) }

func (b *bench) askFor(timeout time.Duration, event string) string {
	ctx, cancel := context.WithTimeout(b.Context(), timeout)
	defer cancel()
	answer, err := b.Invoke(ctx, Call{Event: []byte(event)})
	if err != nil {
		return "error: " + err.Error()
	}
	return textOfAnswer(answer)
}

// textOfAnswer returns the text of a JSON string, and any other answer as it is.
func textOfAnswer(answer []byte) (text string) {
	if json.Unmarshal(answer, &text) == nil {
		return text
	}
	return string(answer)
}

// askLater invokes the program in a goroutine, and returns where its answer will be.
func (b *bench) askLater(event string) <-chan string {
	answer := make(chan string, 1)
	go func() { answer <- b.ask(event) }()
	synctest.Wait()
	return answer
}

func (b *bench) expect(got, want string) {
	b.Helper()
	if !strings.Contains(got, want) || want == "" && got != "" {
		b.Errorf("got %q, want %q", got, want)
	}
}

// expectLog checks that the log has a text.
func (b *bench) expectLog(want string) {
	b.Helper()
	synctest.Wait()
	b.expect(b.log.String(), want)
}

// expectStarts checks when the program was started, after some time.
func (b *bench) expectStarts(after time.Duration, want ...time.Duration) {
	b.Helper()
	time.Sleep(after)
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if got := fmt.Sprint(b.starts); got != fmt.Sprint(want) {
		b.Errorf("started at %v, want %v", got, want)
	}
}
