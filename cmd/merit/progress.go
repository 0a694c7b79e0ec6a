package main

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/lmittmann/tint"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"merit/pipelines"
)

// A progress shows a job's events: a moving line on a terminal, log lines with
// --log, nothing elsewhere.
type progress struct {
	mu      sync.Mutex
	bar     *progressbar.ProgressBar
	log     *slog.Logger
	notices []string
	reading map[string]int64 // rows that each stream has brought so far
	built   int
}

func (a *app) progress() *progress {
	p := &progress{reading: map[string]int64{}}
	switch a.log {
	case "json":
		p.log = slog.New(slog.NewJSONHandler(a.err, nil))
	case "text":
		p.log = slog.New(tint.NewHandler(a.err, &tint.Options{NoColor: !onTerminal(a.err)}))
	default:
		if onTerminal(a.err) && !a.quiet {
			p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(a.err), progressbar.OptionClearOnFinish(),
				progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true), progressbar.OptionFullWidth())
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
		p.notices = append(p.notices, e.Notice)
	}
	if p.log != nil && (e.Done || e.Notice != "") {
		p.logged(e)
	}
	if p.bar == nil || e.Notice != "" {
		return
	}
	p.bar.Describe(p.line(e))
	_ = p.bar.Add(1) // what can't be drawn is not worth stopping for
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
		p.built++
		return fmt.Sprintf("building: %d tables, %s", p.built, e.Name)
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
		if p.log == nil {
			fmt.Fprintln(a.err, "note:", notice)
		}
	}
}
