package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"os"
	"slices"
	"testing"

	"merit/connectors"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/transform/lake"
)

// A crm is one account of a sandbox, and how merit reads it.
type crm struct {
	connector connectors.Connector
	box       *sandbox.Sandbox
	settings  connectors.Values
	answers   http.Handler // the sandbox, or what stands before it
}

// newCRM opens the account of a story under the name that merit.yml has for its kind.
func newCRM(t *testing.T, kind string, story *company.Company, options ...sandbox.Option) *crm {
	t.Helper()
	at := slices.IndexFunc(parts().Connectors, func(c connectors.Connector) bool { return c.Name == kind })
	c := &crm{connector: parts().Connectors[at], box: sandbox.New(story, options...), settings: connectors.Values{}}
	c.answers = c.box
	for _, s := range c.connector.Settings {
		if s.Default != "" {
			c.settings[s.Name] = []string{s.Default}
		}
	}
	if kind == "salesforce" {
		c.set("client_id", sandbox.ClientID)
		c.set("client_secret", sandbox.ClientSecret)
	} else {
		c.set("token", sandbox.Token)
		c.set("tier", "unlimited")
	}
	return c
}

func (c *crm) set(name string, values ...string) { c.settings[name] = values }

// A readResult is what one reading of some streams brought before it ended or broke off.
type readResult struct {
	streams []connectors.Stream // that were read, in their order
	pages   map[string][]connectors.Page
	failed  error
}

// read reads streams one after another, as merit read does: from where since says
// on, and no further than the first error. Nothing is kept of it yet: what is kept
// takes real time, the wire does not. No names: all streams.
func (c *crm) read(t *testing.T, since map[string]connectors.Cursor, only ...string) readResult {
	t.Helper()
	r := readResult{pages: map[string][]connectors.Page{}}
	onTheWire(t, c.answers, func(ctx context.Context, endpoint string) {
		settings := maps.Clone(c.settings)
		settings["endpoint"] = []string{endpoint}
		source, err := c.connector.Open(ctx, settings)
		var streams []connectors.Stream
		if err == nil {
			streams, err = source.Streams(ctx)
		}
		for _, s := range streams {
			if err != nil || len(only) > 0 && !slices.Contains(only, s.Name) {
				continue
			}
			r.streams = append(r.streams, s)
			for page, failure := range source.Read(ctx, s, since[s.Name]) {
				if failure != nil {
					err = fmt.Errorf("%s: %w", s.Name, failure)
					break
				}
				r.pages[s.Name] = append(r.pages[s.Name], page)
			}
		}
		r.failed = err
	})
	return r
}

// only is the part of a reading that some streams brought; no names: all of it.
func (r readResult) only(names ...string) readResult {
	if len(names) == 0 {
		return r
	}
	part := readResult{pages: map[string][]connectors.Page{}}
	for _, s := range r.streams {
		if slices.Contains(names, s.Name) {
			part.streams = append(part.streams, s)
			part.pages[s.Name] = r.pages[s.Name]
		}
	}
	return part
}

// retain lets a run be kept more than once.
func (r readResult) retain() readResult {
	for _, pages := range r.pages {
		for _, p := range pages {
			for _, b := range p.Batches {
				b.Records.Retain()
			}
		}
	}
	return r
}

var errBrokeOff = errors.New("the reading broke off")

// keep brings a reading into a lake, where it can be kept; the error says why it is not.
func (r readResult) keep(t *testing.T, l *lake.Lake) error {
	t.Helper()
	for i, s := range r.streams {
		broken := r.failed != nil && i == len(r.streams)-1
		_, err := l.Dataset("crm", s.Name).Append(t.Context(), s, pagesThen(r.pages[s.Name], broken), nil)
		if err != nil && !errors.Is(err, errBrokeOff) {
			return fmt.Errorf("keeping %s: %w", s.Name, err)
		}
	}
	return nil
}

// mustKeep is for what was read in peace.
func (r readResult) mustKeep(t *testing.T, l *lake.Lake) {
	t.Helper()
	if err := r.keep(t, l); err != nil {
		t.Fatal(err)
	}
}

func pagesThen(pages []connectors.Page, broken bool) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
		if broken {
			yield(connectors.Page{}, errBrokeOff)
		}
	}
}

// rejects are what a run says that it could not keep: of a stream that was left out
// all of its tables.
func (r readResult) rejects() (told []connectors.Reject) {
	for _, s := range r.streams {
		for _, table := range s.Tables {
			if slices.ContainsFunc(r.pages[s.Name], func(p connectors.Page) bool { return p.LeftOut != nil }) {
				told = append(told, connectors.Reject{Table: table.Name, Key: "*"})
			}
		}
		for _, p := range r.pages[s.Name] {
			for _, reject := range p.Rejects {
				told = append(told, reject)
				for _, table := range s.Tables {
					if reject.Key == "*" {
						told = append(told, connectors.Reject{Table: table.Name, Key: "*"})
					}
				}
			}
		}
	}
	return told
}

// cursors are where each stream of a lake goes on.
func cursors(t *testing.T, l *lake.Lake) map[string]connectors.Cursor {
	t.Helper()
	found := map[string]connectors.Cursor{}
	datasets, err := l.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range datasets {
		head, err := d.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found[d.Stream()] = head.Cursor
	}
	return found
}

// sync is one run of merit read: what is new goes into the lake.
func (c *crm) sync(t *testing.T, l *lake.Lake, only ...string) readResult {
	t.Helper()
	r := c.read(t, cursors(t, l), only...)
	r.failed = errors.Join(r.failed, r.keep(t, l))
	return r
}

// mustSync expects no trouble.
func (c *crm) mustSync(t *testing.T, l *lake.Lake, only ...string) {
	t.Helper()
	if r := c.sync(t, l, only...); r.failed != nil {
		t.Fatalf("on a quiet day: %v", r.failed)
	}
}

// newLake opens a lake in memory where there is such a folder: of the disk's own
// faults the lake's tests tell.
func newLake(t *testing.T) *lake.Lake {
	t.Helper()
	const shared = "/dev/shm"
	folder := ""
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		folder = shared
	}
	root, err := os.MkdirTemp(folder, "lake")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	l, err := lake.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
