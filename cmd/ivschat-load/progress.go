package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const progressPeriod = 200 * time.Millisecond

// A progress shows how far the load is, if its output is a terminal.
type progress struct {
	out     io.Writer
	visible bool
}

func newProgress(out io.Writer) *progress {
	file, ok := out.(*os.File)
	return &progress{out: out, visible: ok && term.IsTerminal(int(file.Fd()))}
}

// A progressLine shows one phase of the load.
type progressLine struct {
	bar   *progressbar.ProgressBar
	title string
}

func (p *progress) start(title string, total int) *progressLine {
	return &progressLine{title: title, bar: progressbar.NewOptions(total,
		progressbar.OptionSetWriter(p.out),
		progressbar.OptionSetVisibility(p.visible),
		progressbar.OptionSetDescription(title),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionClearOnFinish(),
	)}
}

// set shows how much is done, with a remark.
func (l *progressLine) set(done int, remark string) {
	if remark != "" {
		l.bar.Describe(l.title + "  " + remark)
	}
	_ = l.bar.Set(min(done, l.bar.GetMax())) // a progress that cannot be shown is not needed
}

// end removes the line.
func (l *progressLine) end() { _ = l.bar.Clear() }
