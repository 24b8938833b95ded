package invoke

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

func TestThePauseDoublesUpToTenSecondsAndBeginsAgainAfterAnAnswer(t *testing.T) {
	ends := func(*fake) string { return "exit status 1" }
	answers := func(f *fake) string { f.answer(f.next()); return "exit status 1" }
	ms, s := time.Millisecond, time.Second
	inBubble(t, func(b *bench) {
		b.expectStarts(50*s, 0, 100*ms, 300*ms, 700*ms, 1500*ms, 3100*ms, 6300*ms, 12700*ms, 22700*ms, 32700*ms, 42700*ms)
		time.Sleep(3 * s) // at 53 s, the next one runs
		b.expect(b.ask("event"), "event")
		b.expectStarts(s, 0, 100*ms, 300*ms, 700*ms, 1500*ms, 3100*ms, 6300*ms, 12700*ms, 22700*ms, 32700*ms, 42700*ms,
			52700*ms, 53100*ms, 53300*ms, 53700*ms)
	}, ends, ends, ends, ends, ends, ends, ends, ends, ends, ends, ends, answers, ends)
}

func TestWhileAProgramDoesNotRunInvokeSaysWhyAndWhenItWill(t *testing.T) {
	inBubble(t, func(b *bench) {
		synctest.Wait()
		time.Sleep(25 * time.Millisecond)
		b.expect(b.ask("event"), "the program node does not run: it ended (exit status 3); it is started again in 75ms")
		b.expectLog(`level=WARN msg="a program that reviews messages does not run" program=node process=1 ` +
			`reason="it ended (exit status 3)" started_again_in=100ms`)
		time.Sleep(time.Second)
		b.expect(b.ask("next"), "next")
		b.expectLog(`level=INFO msg="a program that reviews messages was started" program=node process=1`)
	}, func(*fake) string { return "exit status 3" }, (*fake).echo)
}

func TestALogWithoutStandardErrorSaysHowToSeeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t}
		logger := slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		c, err := keepRunning("node", func() (*process, error) {
			return newFake(func(*fake) string { return "exit status 3" }), nil
		}, 0, logger)
		if err != nil {
			t.Fatal(err)
		}
		b.command = c
		time.Sleep(25 * time.Millisecond)
		b.expectLog(`level=WARN msg="a program that reviews messages does not run" program=node process=1 ` +
			`hint="--log-level info shows what it wrote to standard error" reason="it ended (exit status 3)"`)
		b.Close()
	})
}

func TestWhileAProgramIsStartedInvokeSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t}
		processes := make(chan *process, 1)
		processes <- newFake(func(*fake) string { return "exit status 3" })
		c, err := keepRunning("node", func() (*process, error) { return <-processes, nil }, 0, b.log.logger())
		if err != nil {
			t.Fatal(err)
		}
		b.command = c
		time.Sleep(time.Second)
		b.expect(b.ask("event"), "it is being started again")
		go func() {
			time.Sleep(time.Second)
			processes <- newFake((*fake).echo)
		}()
		b.Close() // waits for the start
	})
}

func TestAProgramThatCannotBeStartedAgainIsTriedAgain(t *testing.T) {
	ms := time.Millisecond
	inBubble(t, func(b *bench) {
		time.Sleep(150 * ms)
		b.expect(b.ask("event"), "the program node does not run: it cannot be started: no memory")
		b.expectStarts(time.Second, 0, 100*ms, 300*ms, 700*ms)
		b.expect(b.ask("next"), "next")
	}, func(*fake) string { return "exit status 3" }, nil, nil, (*fake).echo)
}

func TestCloseClosesTheStandardInput(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.expect(b.ask("event"), "event")
		began := time.Now()
		b.Close()
		b.Close()
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
		b.expectLog("level=INFO msg=\"a program that reviews messages was stopped\"")
		b.expect(b.ask("late"), "the program node does not run: it was stopped")
		if strings.Contains(b.log.String(), "WARN") {
			t.Error(b.log.String())
		}
	}, (*fake).echo)
}

func TestCloseKillsAProgramThatDoesNotEnd(t *testing.T) {
	inBubble(t, func(b *bench) {
		began := time.Now()
		b.Close()
		if took := time.Since(began); took != longestEnd {
			t.Errorf("it took %v", took)
		}
		b.expectLog("it was killed, because it did not end within 1s after its standard input was closed")
	}, (*fake).hang)
}

func TestCloseEndsAllProgramsAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		targets := &Targets{client: awsapi.NewHTTPClient(0)}
		for range 10 {
			var log lockedBuffer
			start := func() (*process, error) { return newFake((*fake).hang), nil }
			program, err := keepRunning("node", start, 0, log.logger())
			if err != nil {
				t.Fatal(err)
			}
			targets.handlers = append(targets.handlers, handler{invoker: program})
		}
		began := time.Now()
		targets.Close()
		if took := time.Since(began); took != longestEnd {
			t.Errorf("it took %v", took)
		}
	})
}

func TestCloseDuringThePause(t *testing.T) {
	inBubble(t, func(b *bench) {
		synctest.Wait()
		b.Close()
		b.expectStarts(time.Minute, 0)
	}, func(*fake) string { return "exit status 1" })
}

func TestStandardErrorGoesToTheLog(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.expectLog(`level=INFO msg="a program that reviews messages wrote to standard error" program=node process=1 ` +
			`line="a warning"`)
		b.expectLog(`line=` + strings.Repeat("x", maximumLogLine) + " cut_after_bytes=4096\n")
		b.expectLog("line=" + strings.Repeat("y", maximumLogLine) + "\n")
		b.expectLog("line=\"a\uFFFDb\"\n")
		b.expectLog("line=\"not a whole line\"\n")
		if lines := strings.Count(b.log.String(), "line="); lines != 5 {
			t.Errorf("%d lines", lines)
		}
	}, func(f *fake) string {
		fmt.Fprintf(f.err, "a warning\r\n\n%s\n%s\na\xFFb\nnot a whole line",
			strings.Repeat("x", 100_000), strings.Repeat("y", maximumLogLine))
		return "exit status 1"
	}, (*fake).echo)
}

func TestAFloodOnStandardErrorIsCutAndCounted(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.expect(b.ask("event"), "event")
		time.Sleep(time.Minute)
		b.expectLog("line=after lines_left_out_before=800\n")
		b.expectLog("lines_left_out=300\n")
		if lines := strings.Count(b.log.String(), "line=x"); lines != 200+199 {
			t.Errorf("%d lines", lines)
		}
	}, func(f *fake) string {
		fmt.Fprint(f.err, strings.Repeat("x\n", 1000))
		f.answer(f.next())
		time.Sleep(30 * time.Second)
		fmt.Fprint(f.err, "after\n"+strings.Repeat("x\n", 499))
		return "exit status 1"
	}, (*fake).echo)
}
