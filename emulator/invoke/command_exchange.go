package invoke

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// maximumWaiting is how many events may be without an answer. Beyond, the program is far too slow for its
	// answers to be of use.
	maximumWaiting = 100
	// minimumAnswerLimit is how long a program may always take for an answer, also when nobody waits for it any
	// more.
	minimumAnswerLimit = 10 * time.Second
	// longestEnd is how long a program may take to end by itself, and how long its output is read afterwards
	// if a process that it has started keeps it open.
	longestEnd = time.Second
	// maximumBlank is how many characters of empty lines and leading blanks may come before an answer.
	maximumBlank = 64 << 10
)

// An exchange sends events to one process, and matches its answers with them by their order. Events do not
// wait for the answers of others, so a program may work on several at the same time.
type exchange struct {
	*process
	name        string
	answerLimit time.Duration // how long an event may be without an answer
	logger      *slog.Logger
	overdue     *time.Timer  // looks whether the oldest event has waited too long
	problem     chan problem // the first problem; has room for one
	more        *sync.Cond   // with mu: unsent or over has changed

	mu       sync.Mutex  // guards what follows
	unsent   []*question // waiting to be written
	sent     []*question // waiting for their answers, the oldest first
	answered bool        // whether there was an answer
	over     error       // why the process takes no more events
}

// A question is an event that waits for its answer.
type question struct {
	line  []byte
	since time.Time    // when it was sent
	reply chan outcome // has room for one
}

type outcome struct {
	answer []byte
	err    error
}

// A problem is a reason to kill the process, unless it ends by itself in the given time.
type problem struct {
	reason string
	wait   time.Duration
}

func newExchange(p *process, name string, answerLimit time.Duration, logger *slog.Logger) *exchange {
	x := &exchange{process: p, name: name, answerLimit: answerLimit, logger: logger, problem: make(chan problem, 1)}
	x.more = sync.NewCond(&x.mu)
	x.overdue = time.AfterFunc(answerLimit, x.checkOverdue)
	return x
}

// ask sends an event to the process, and returns the answer. It never waits longer than the context.
func (x *exchange) ask(ctx context.Context, event []byte) ([]byte, error) {
	q := &question{line: append(slices.Clone(event), '\n'), reply: make(chan outcome, 1)}
	if err := x.add(q); err != nil {
		return nil, err
	}
	select {
	case r := <-q.reply:
		return r.answer, r.err
	case <-ctx.Done():
		x.withdraw(q)
		return nil, ctx.Err()
	}
}

// add makes the event wait until it can be written.
func (x *exchange) add(q *question) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.over != nil:
		return x.failure()
	case len(x.unsent)+len(x.sent) >= maximumWaiting:
		return fmt.Errorf("the program %s has not answered the last %d events: it is too slow, or writes fewer "+
			"answers than events", x.name, maximumWaiting)
	}
	x.unsent = append(x.unsent, q)
	x.more.Signal()
	return nil
}

// failure is what Invoke returns for an event that the process did not answer. The caller has the lock.
func (x *exchange) failure() error {
	return fmt.Errorf("the program %s did not answer: %w", x.name, x.over)
}

// withdraw gives up an event. If the process has it, its answer is still awaited, so that the next event
// does not get it.
func (x *exchange) withdraw(q *question) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.unsent = slices.DeleteFunc(x.unsent, func(other *question) bool { return other == q })
}

// write writes events to the process until it takes no more.
func (x *exchange) write() {
	for q := x.next(); q != nil; q = x.next() {
		if _, err := x.in.Write(q.line); err != nil {
			x.report("it closed its standard input, but has to read events until their end", longestEnd)
			return
		}
	}
}

// next waits for an event to write. It returns nil if the process takes no more.
func (x *exchange) next() *question {
	x.mu.Lock()
	defer x.mu.Unlock()
	for len(x.unsent) == 0 && x.over == nil {
		x.more.Wait()
	}
	if x.over != nil {
		return nil
	}
	q := x.unsent[0]
	x.unsent = slices.Delete(x.unsent, 0, 1)
	q.since = time.Now()
	if x.sent = append(x.sent, q); len(x.sent) == 1 {
		x.overdue.Reset(x.answerLimit)
	}
	return q
}

// checkOverdue reports the process if its oldest event has no answer for too long.
func (x *exchange) checkOverdue() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.sent) == 0 {
		return // next starts the timer again
	}
	if rest := x.answerLimit - time.Since(x.sent[0].since); rest > 0 {
		x.overdue.Reset(rest)
		return
	}
	x.report(fmt.Sprintf("an event had no answer after %v; an answer is one line, which has to end with a line "+
		"feed, and to be written at once, without a buffer", x.answerLimit), 0)
}

// report notes a problem of the process, unless there is one already.
func (x *exchange) report(reason string, wait time.Duration) {
	select {
	case x.problem <- problem{reason, wait}:
	default:
	}
}

// read reads answers until there are no more, or until the process is out of step.
func (x *exchange) read() {
	out, blank := bufio.NewReaderSize(x.out, 64<<10), 0
	for {
		next, err := out.Peek(1)
		switch {
		case err != nil:
			x.report("it closed its standard output", longestEnd)
			return
		case bytes.Contains([]byte(" \t\r\n"), next):
			_, _ = out.Discard(1)
			if blank++; blank > maximumBlank {
				x.report(fmt.Sprintf("it wrote more than %d KiB of empty lines to standard output",
					maximumBlank>>10), 0)
				return
			}
		case !x.isAsked():
			x.report("it wrote to standard output when no event waited for an answer; standard output is for "+
				"answers only, one line for each event, and everything else belongs to standard error", 0)
			return
		default:
			blank = 0
			if !x.readAnswer(out) {
				return
			}
		}
	}
}

// isAsked reports whether the process has an event that it has not answered.
func (x *exchange) isAsked() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.sent) > 0
}

// readAnswer reads a line, which is the answer to the oldest event. Without its end, it is none. An event with
// an answer that is too long does not wait until it ends. A line that is not JSON was probably meant for people, and
// the answer follows, so later events would get the answers of others. readAnswer reports such a line, and returns
// false.
func (x *exchange) readAnswer(out *bufio.Reader) (inStep bool) {
	oldest, long := x.oldest(), false
	line, err := readLine(out, MaximumAnswer, func() {
		long = true
		oldest.answer(outcome{err: &LongAnswerError{}})
	})
	if err != nil {
		return true // read notices the end
	}
	x.mu.Lock()
	x.sent = slices.Delete(x.sent, 0, 1)
	x.answered = true
	x.mu.Unlock()
	oldest.answer(outcome{answer: line})
	if long || json.Valid(line) {
		return true
	}
	x.report("it wrote a line to standard output that is not JSON; standard output is for answers only, one line for "+
		"each event, and everything else belongs to standard error", 0)
	return false
}

func (x *exchange) oldest() *question {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sent[0]
}

// answer answers the event, unless it has an answer.
func (q *question) answer(r outcome) {
	select {
	case q.reply <- r:
	default:
	}
}

// readLine reads a line, and returns it without its end, which is a line feed that may follow a carriage
// return. If the line is longer than maximum, tooLong is called once, the rest is skipped, and the beginning
// is returned.
func readLine(r *bufio.Reader, maximum int, tooLong func()) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		ends := err == nil
		if !long {
			line = append(line, part...)
			if ends {
				line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			}
			// One more character may be a carriage return.
			if long = len(line) > maximum+1 || ends && len(line) > maximum; long {
				line = line[:maximum]
				tooLong()
			}
		}
		if ends || !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// serve runs the exchange until the process has ended, which stop asks it to do. It returns how that came.
func (x *exchange) serve(stop <-chan struct{}) error {
	var readers, writer sync.WaitGroup
	readers.Go(x.read)
	readers.Go(func() { logLines(x.err, x.logger) })
	writer.Go(x.write)
	why := x.awaitEnd(stop)

	x.overdue.Stop()
	_ = x.in.Close() // which ends a write
	x.mu.Lock()
	x.over = why
	x.more.Signal()
	x.mu.Unlock()
	writer.Wait()

	// What the process has written before its end is read.
	output := time.AfterFunc(longestEnd, func() {
		_ = x.out.Close()
		_ = x.err.Close()
	})
	readers.Wait()
	output.Stop()
	_ = x.out.Close()
	_ = x.err.Close()

	x.mu.Lock()
	defer x.mu.Unlock()
	for _, q := range slices.Concat(x.sent, x.unsent) {
		q.answer(outcome{err: x.failure()})
	}
	return why
}

// awaitEnd waits for the end of the process, and kills it if there is a problem. It returns how it ended.
func (x *exchange) awaitEnd(stop <-chan struct{}) error {
	ended := make(chan string, 1)
	go func() { ended <- x.wait() }()
	var p problem
	var stopped error
	select {
	case status := <-ended:
		return statusError(status)
	case p = <-x.problem:
	case <-stop:
		_ = x.in.Close()
		stopped = errors.New("it was stopped")
		p = problem{fmt.Sprintf("it did not end within %v after its standard input was closed", longestEnd), longestEnd}
	}
	select {
	case status := <-ended:
		return cmp.Or(stopped, statusError(status))
	case <-time.After(p.wait):
		x.kill()
		<-ended
		return fmt.Errorf("it was killed, because %s", p.reason)
	}
}

func statusError(status string) error {
	if status == "exit status 0" {
		return errors.New("it ended (exit status 0), but has to answer events until its standard input ends")
	}
	return fmt.Errorf("it ended (%s)", status)
}

// hasAnswered reports whether the process has answered an event.
func (x *exchange) hasAnswered() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.answered
}
