package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/lmittmann/tint"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"merit/connectors/fault"
	"merit/pipelines"
)

// A progress shows a job's events: a moving line on a terminal, log lines with
// --log, nothing elsewhere.
type progress struct {
	mu      sync.Mutex
	screen  io.Writer // the terminal, nil where there is none
	bar     *progressbar.ProgressBar
	most    int // what the bar counts up to, -1: nobody knows
	log     *slog.Logger
	notices []string
	reading map[string]int64 // rows that each stream has brought so far
}

func (a *app) progress() *progress {
	p := &progress{reading: map[string]int64{}}
	switch a.log {
	case "json":
		p.log = slog.New(slog.NewJSONHandler(a.err, nil))
	case "text":
		p.log = slog.New(tint.NewTextHandler(a.err, &tint.Options{NoColor: true}))
	default:
		if onTerminal(a.screen) && !a.quiet {
			p.screen = a.screen
		}
	}
	return p
}

func onTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// seen takes one event; it is called by many streams at once.
func (p *progress) seen(e pipelines.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Notice != "" {
		e.Notice = fault.Printable(e.Notice)
		p.notices = append(p.notices, e.Notice)
	}
	if p.log != nil && (e.Done || e.Notice != "") {
		p.logged(e)
	}
	if p.screen != nil && e.Notice == "" {
		p.draw(e)
	}
}

// draw moves the line on; what can't be drawn is not worth stopping for.
func (p *progress) draw(e pipelines.Event) {
	most := -1 // nobody knows how much a CRM still has
	if e.Of > 0 {
		most = e.Of
	}
	if p.bar == nil || p.most != most {
		if p.bar != nil {
			_ = p.bar.Finish()
		}
		p.most = most
		p.bar = progressbar.NewOptions(most, progressbar.OptionSetWriter(p.screen), progressbar.OptionClearOnFinish(),
			progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true), progressbar.OptionFullWidth())
	}
	p.bar.Describe(fault.Foreign(p.line(e)))
	if most > 0 {
		_ = p.bar.Set(e.At)
		return
	}
	_ = p.bar.Add(1)
}

func (p *progress) logged(e pipelines.Event) {
	if e.Notice != "" {
		p.log.Warn(e.Notice)
		return
	}
	attributes := []any{"step", e.Step, "name", e.Name}
	if e.Step == "read" {
		attributes = append(attributes, "read", e.Read, "new", e.New)
	}
	p.log.Info(e.Step+" "+e.Name, attributes...)
}

func (p *progress) line(e pipelines.Event) string {
	switch e.Step {
	case "read":
		p.reading[e.Name] = e.Read
		if e.Done {
			delete(p.reading, e.Name)
		}
		var parts []string
		for name, rows := range p.reading {
			parts = append(parts, fmt.Sprintf("%s %d", name, rows))
		}
		slices.Sort(parts)
		return "reading " + strings.Join(parts, ", ")
	case "build":
		return "building " + e.Name
	}
	return e.Step + " " + e.Name
}

// end takes the moving line away and prints the notices.
func (p *progress) end(a *app) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
	for _, notice := range p.notices {
		if p.log == nil && !a.quiet {
			fmt.Fprintln(a.err, "note:", notice)
		}
	}
}
