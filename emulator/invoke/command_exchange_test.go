package invoke

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnswersAreMatchedWithEventsByTheirOrder(t *testing.T) {
	inBubble(t, func(b *bench) {
		first, second, third := b.askLater("1"), b.askLater("2"), b.askLater("3")
		b.expect(<-first, "answer to 1")
		b.expect(<-second, "answer to 2")
		b.expect(<-third, "answer to 3")
	}, func(f *fake) string {
		for _, event := range []string{f.next(), f.next(), f.next()} {
			f.answer("answer to " + event)
		}
		return f.hang()
	})
}

func TestInvokeEndsWithItsContextAndALateAnswerIsDropped(t *testing.T) {
	inBubble(t, func(b *bench) {
		began := time.Now()
		b.expect(b.askFor(200*time.Millisecond, "slow"), context.DeadlineExceeded.Error())
		if took := time.Since(began); took != 200*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		b.expect(b.ask("next"), "next")
		b.expect(b.ask("last"), "last")
	}, func(f *fake) string {
		slow := f.next()
		time.Sleep(time.Second)
		f.answer(slow)
		return f.echo()
	})
}

func TestAContextThatHasEndedSendsNoEvent(t *testing.T) {
	inBubble(t, func(b *bench) {
		ended, end := context.WithCancel(b.Context())
		end()
		if _, err := b.Invoke(ended, Call{Event: []byte("never")}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		b.expect(b.ask("next"), "next")
	}, (*fake).echo)
}

// The program reads its first event after a second, and a pipe of a fake has no buffer.
func TestAnEventThatWasGivenUpBeforeItWasWrittenIsNotSent(t *testing.T) {
	inBubble(t, func(b *bench) {
		for _, event := range []string{"first", "given up", "given up, too"} {
			b.expect(b.askFor(100*time.Millisecond, event), "deadline")
		}
		b.expect(b.ask("next"), "after first: next")
	}, func(f *fake) string {
		time.Sleep(time.Second)
		first := f.next()
		f.answer("late")
		f.answer("after " + first + ": " + f.next())
		return f.hang()
	})
}

func TestTooManyEventsWithoutAnAnswerFailAtOnce(t *testing.T) {
	inBubble(t, func(b *bench) {
		var answers []<-chan string
		for range maximumWaiting {
			answers = append(answers, b.askLater("event"))
		}
		b.expect(b.ask("one more"), "the program node has not answered the last 100 events")
		time.Sleep(time.Second)
		for _, answer := range answers {
			b.expect(<-answer, "event")
		}
		b.expect(b.ask("next"), "next")
	}, func(f *fake) string {
		time.Sleep(time.Second)
		return f.echo()
	})
}

// Nobody waits for the answers any more, but the program has the events.
func TestEventsThatWereSentAndGivenUpCountAsUnanswered(t *testing.T) {
	inBubble(t, func(b *bench) {
		for range maximumWaiting {
			b.expect(b.askFor(time.Millisecond, "event"), "deadline")
		}
		b.expect(b.ask("one more"), "has not answered the last 100 events")
	}, func(f *fake) string {
		for f.next() != "" {
		}
		return ""
	})
}

func TestAProgramThatHangsIsKilledAfterTenSeconds(t *testing.T) {
	inBubble(t, func(b *bench) {
		time.Sleep(time.Minute) // which is not counted
		answer := b.askLater("event")
		time.Sleep(minimumAnswerLimit - time.Nanosecond)
		synctest.Wait()
		if strings.Contains(b.log.String(), "WARN") {
			t.Error(b.log.String())
		}
		b.expect(<-answer, "the program node did not answer: it was killed, because an event had no answer after 10s; "+
			"an answer is one line, which has to end with a line feed")
		b.expectStarts(time.Second, 0, time.Minute+minimumAnswerLimit+shortestPause)
	}, (*fake).hang, (*fake).echo)
}

// Such as one that a debugger has stopped.
func TestAProgramIsNotKilledWhileItsAnswerIsAwaited(t *testing.T) {
	inBubbleWithTimeout(t, time.Minute, func(b *bench) {
		b.expect(b.askFor(time.Minute, "slow"), "slow")
		b.expect(b.ask("event"), "it was killed, because an event had no answer after 1m0s")
	}, func(f *fake) string {
		event := f.next()
		time.Sleep(time.Minute - 1)
		f.answer(event)
		return f.hang()
	})
}

func TestTheTenSecondsAreThoseOfTheOldestEvent(t *testing.T) {
	inBubble(t, func(b *bench) {
		first := b.askLater("1")
		time.Sleep(5 * time.Second)
		second := b.askLater("2")
		time.Sleep(4 * time.Second)
		third := b.askLater("3")
		b.expect(<-first, "1")
		b.expect(<-second, "2")
		began := time.Now()
		b.expect(<-third, "no answer after 10s")
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("killed after %v more", took)
		}
	}, func(f *fake) string {
		in := make(chan string, 3)
		go func() {
			for range 3 {
				in <- f.next()
			}
		}()
		time.Sleep(9 * time.Second)
		f.answer(<-in)
		time.Sleep(5 * time.Second)
		f.answer(<-in)
		return f.hang()
	})
}

func TestAProgramThatDoesNotReadDoesNotBlockAnEvent(t *testing.T) {
	inBubble(t, func(b *bench) {
		for range 3 * maximumWaiting {
			b.expect(b.askFor(time.Millisecond, "event"), "deadline")
		}
		b.expectStarts(minimumAnswerLimit+time.Second, 0, minimumAnswerLimit+shortestPause)
	}, (*fake).hang, (*fake).echo)
}

// The answer may follow. Then the answers to later events would be those of others.
func TestAProgramThatWritesALineThatIsNotJSONIsStartedAgain(t *testing.T) {
	const why = "it was killed, because it wrote a line to standard output that is not JSON"
	for _, garbage := range []string{"\x00\xFF", "{", "a b\tc ", "Got an event"} {
		inBubble(t, func(b *bench) {
			first, second := b.askLater("event"), b.askLater("another")
			b.expect(<-first, garbage) // so that the journal has it
			b.expect(<-second, why)
			b.expectLog(why)
			b.expectStarts(time.Second, 0, shortestPause)
			b.expect(b.ask("next"), "next")
		}, func(f *fake) string {
			f.next()
			f.print(garbage + "\n")
			f.answer("event")
			return f.hang()
		}, (*fake).echo)
	}
}

func TestAnyJSONIsAnAnswer(t *testing.T) {
	inBubble(t, func(b *bench) {
		for _, text := range []string{`{"a":1}`, "null", "[1,\t2] ", "true", "7"} {
			answer, err := b.Invoke(b.Context(), Call{Event: []byte(text)})
			if err != nil || string(answer) != text {
				t.Errorf("%s became %s, %v", text, answer, err)
			}
		}
	}, func(f *fake) string {
		for event := f.next(); event != ""; event = f.next() {
			f.print(event + "\n")
		}
		return "exit status 0"
	})
}

func TestLinesMayEndWithACarriageReturnAndEmptyLinesDoNotCount(t *testing.T) {
	inBubble(t, func(b *bench) {
		for _, want := range []string{"1", "2", "3"} {
			if got := b.ask("event"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}, func(f *fake) string {
		f.print("\n\r\n \n")
		f.next()
		f.print("\n1\r\n")
		f.next()
		f.print("2\n\n\r\n")
		f.next()
		f.print("  3\n")
		return f.hang()
	})
}

func TestAnAnswerThatIsTooLongIsSkipped(t *testing.T) {
	longest := `"` + strings.Repeat("x", MaximumAnswer-2) + `"`
	inBubble(t, func(b *bench) {
		for range 2 {
			if got := b.ask("longest"); got != longest[1:len(longest)-1] {
				t.Errorf("the longest answer became %d bytes: %.50q", len(got), got)
			}
		}
		for range 3 {
			_, err := b.Invoke(b.Context(), Call{Event: []byte("long")})
			if long := (*LongAnswerError)(nil); !errors.As(err, &long) {
				t.Errorf("got %v, want a LongAnswerError", err)
			}
		}
		b.expect(b.ask("next"), "next")
	}, func(f *fake) string {
		for _, text := range []string{
			"\n", "\r\n", "x\n", "x\r\n", strings.Repeat("10 MiB", 10<<20/6) + "\n",
		} {
			f.next()
			f.print(longest + text)
		}
		return f.echo()
	})
}

// The event of a line without end does not wait, and others are not answered by the rest of it.
func TestALineWithoutEndIsAnsweredAtOnceAndKilledAfterTenSeconds(t *testing.T) {
	inBubble(t, func(b *bench) {
		began := time.Now()
		b.expect(b.ask("event"), (&LongAnswerError{}).Error())
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		b.expect(b.ask("next"), "no answer after 10s")
	}, func(f *fake) string {
		f.next()
		f.print(strings.Repeat("x", MaximumAnswer+100_000))
		for {
			select {
			case <-time.After(100 * time.Millisecond):
				f.print("more")
			case <-f.killed:
				return ""
			}
		}
	})
}

func TestAProgramThatIsOutOfStepIsStartedAgain(t *testing.T) {
	const want = "it was killed, because it wrote to standard output when no event waited for an answer; standard " +
		"output is for answers only"
	for name, run := range map[string]func(*fake) string{
		"a greeting":     func(f *fake) string { f.print("Ready.\n"); return f.hang() },
		"a prompt":       func(f *fake) string { f.print("> "); return f.hang() },
		"a second line":  func(f *fake) string { f.next(); f.print("1\n2\n"); return f.hang() },
		"an early flood": func(f *fake) string { _, _ = io.Copy(f.out, endless("x\n")); return f.hang() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				synctest.Wait()
				b.askFor(time.Millisecond, "event")
				b.expectLog(want)
				time.Sleep(time.Second)
				b.expect(b.ask("next"), "next")
			}, run, (*fake).echo)
		})
	}
}

func TestAFloodOfEmptyLinesEndsTheProgram(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.expectLog("it was killed, because it wrote more than 64 KiB of empty lines to standard output")
	}, func(f *fake) string { _, _ = io.Copy(f.out, endless("\n")); return f.hang() }, (*fake).echo)
}

func TestEmptyLinesAreCountedForEachAnswer(t *testing.T) {
	inBubble(t, func(b *bench) {
		for range 3 {
			b.expect(b.ask("event"), "event")
		}
	}, func(f *fake) string {
		for event := f.next(); event != ""; event = f.next() {
			f.print(strings.Repeat("\n", maximumBlank))
			f.answer(event)
		}
		return "exit status 0"
	})
}

// An endless repeats a text.
type endless string

func (e endless) Read(into []byte) (int, error) {
	return copy(into, strings.Repeat(string(e), len(into))), nil
}

func TestPartOfALineIsNoAnswer(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.expect(b.ask("event"), "error: the program node did not answer: it ended (exit status 1)")
	}, func(f *fake) string { f.next(); f.print(`{"ReviewResult":"ALL`); return "exit status 1" })
}

func TestAnAnswerThatAProgramWritesBeforeItEndsIsRead(t *testing.T) {
	inBubble(t, func(b *bench) {
		first, second := b.askLater("1"), b.askLater("2")
		b.expect(<-first, "the last one")
		b.expect(<-second, "it ended (exit status 0), but has to answer events until its standard input ends")
	}, func(f *fake) string { f.next(); f.next(); f.answer("the last one"); return "exit status 0" })
}

func TestAProgramThatClosesAPipeIsKilledAfterASecond(t *testing.T) {
	for want, run := range map[string]func(*fake) string{
		"because it closed its standard output": func(f *fake) string { _ = f.out.Close(); return f.hang() },
		"because it closed its standard input":  func(f *fake) string { _ = f.closeIn(); return f.hang() },
	} {
		t.Run(want, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.expect(b.ask("event"), want)
				b.expectStarts(3*time.Second, 0, longestEnd+shortestPause)
			}, run, (*fake).echo)
		})
	}
}

func TestAProgramThatClosesAPipeMayEndByItself(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.expect(b.ask("event"), "it ended (exit status 7)")
	}, func(f *fake) string { _ = f.out.Close(); time.Sleep(longestEnd / 2); return "exit status 7" }, (*fake).echo)
}

// A process outside the process group of the program is not killed, and keeps its pipes.
func TestAProcessThatKeepsThePipesOpenIsNotAwaited(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.expect(b.ask("event"), "it ended (exit status 0)")
		b.expectStarts(3*time.Second, 0, longestEnd+shortestPause)
		b.expect(b.ask("next"), "next")
	}, func(f *fake) string {
		f.status <- "exit status 0"
		for {
			if _, err := io.WriteString(f.err, "still here\n"); err != nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		return ""
	}, (*fake).echo)
}
