package connectortest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.uber.org/goleak"

	"merit/connectors"
)

// each runs f for every stream of a new account.
func each(t reporter, c connectors.Connector, f func(reading, Account)) {
	t.Helper()
	a := t.account()
	source := open(t, c, a)
	for _, s := range streams(t, source) {
		f(reading{t: t, source: source, stream: s}, a)
	}
}

func fullReadIsTrue(t reporter, c connectors.Connector) {
	each(t, c, func(s reading, a Account) {
		truth := a.Truth()
		if _, ok := truth[s.stream.Tables[0].Name]; !ok {
			t.Errorf("the account knows no truth of %s", s.stream.Tables[0].Name)
		}
		got := latest(s.all("")...)
		compare(t, s.stream, truth, got, got)
	})
}

func resumesAnywhere(t reporter, c connectors.Connector) {
	each(t, c, func(s reading, a Account) {
		truth := a.Truth()
		whole := s.all("")
		full := latest(whole...)
		for _, kept := range some(len(whole)) {
			before, err := s.read(context.Background(), "", kept)
			if err != nil || len(before) != kept {
				t.Errorf("%s gave %d pages of %d the second time, error %v", s.stream.Name, len(before), kept, err)
				continue
			}
			// A new source: all that a crash leaves behind is the cursor.
			after := reading{t: t, source: open(t, c, a), stream: s.stream}
			got := latest(append(before, after.all(before[kept-1].next)...)...)
			t.Run(fmt.Sprintf("%s after page %d of %d", s.stream.Name, kept, len(whole)), func(t reporter) {
				compare(t, s.stream, truth, got, full)
			})
		}
	})
}

func secondReadIsShort(t reporter, c connectors.Connector) {
	each(t, c, func(s reading, a Account) {
		first := s.all("")
		again := reading{t: t, source: open(t, c, a), stream: s.stream}
		second := again.all(first[len(first)-1].next)
		known := latest(first...)
		for _, p := range second {
			for _, r := range p.rows {
				if old, ok := known[r.table][r.key]; !ok || !sameText(old.text, r.text) {
					t.Errorf("%s %s came anew, though nothing changed", r.table, r.key)
				}
			}
		}
		onlyOverlap(t, s.stream, a, known, second)
	})
}

func readsChanges(t reporter, c connectors.Connector) {
	a := t.account()
	source := open(t, c, a)
	list := streams(t, source)
	before := make([][]page, len(list))
	for i, s := range list {
		before[i] = reading{t, source, s}.all("")
	}
	a.Advance()
	truth := a.Truth()
	news := 0
	for i, s := range list {
		known := latest(before[i]...)
		pages := reading{t, open(t, c, a), s}.all(before[i][len(before[i])-1].next)
		got := latest(append(slices.Clone(before[i]), pages...)...)
		compare(t, s, truth, got, got)
		for _, p := range pages {
			for _, r := range p.rows {
				if old, ok := known[r.table][r.key]; !ok || !sameText(old.text, r.text) {
					news++
				}
			}
		}
		onlyOverlap(t, s, a, known, pages)
	}
	if news == 0 {
		t.Errorf("nothing changed in the account, so this shows nothing: Advance must let something happen")
	}
}

// onlyOverlap holds the unchanged rows that came again against the overlap.
// Deleted records may always come again: a CRM's recycle bin is read whole.
func onlyOverlap(t reporter, s connectors.Stream, a Account, known map[string]map[string]row, pages []page) {
	t.Helper()
	for _, table := range s.Tables {
		if slices.Contains(a.Whole, table.Name) {
			continue
		}
		var newest version
		for _, r := range known[table.Name] {
			if r.version.compare(newest) > 0 {
				newest = r.version
			}
		}
		repeated := map[string]bool{}
		for _, p := range pages {
			for _, r := range p.rows {
				old, ok := known[table.Name][r.key]
				if r.table != table.Name || !ok || !sameText(old.text, r.text) || r.deleted() {
					continue
				}
				repeated[r.key] = true
				if table.Version != "" && r.version.number < newest.number-a.Overlap.Nanoseconds() {
					t.Errorf("%s %s came again, unchanged since long before the cursor", table.Name, r.key)
				}
			}
		}
		// Without versions only the number tells: half a table is no overlap.
		const enough = 20
		if total := len(known[table.Name]); total >= enough && len(repeated) > total/2 {
			t.Errorf("%s came again, %d of %d rows, though they did not change", table.Name, len(repeated), total)
		}
	}
}

func stopsAtErrors(t reporter, c connectors.Connector) {
	failed := 0
	each(t, c, func(s reading, a Account) {
		truth := a.Truth()
		whole := s.all("")
		full := latest(whole...)
		for _, calls := range []int{0, 1, 2, 3, 5} {
			source := open(t, c, a) // signed in before the trouble begins
			streams(t, source)
			a.Break(calls)
			before, err := reading{t, source, s.stream}.read(context.Background(), "", 0)
			a.Mend()
			if err == nil { // the stream needs fewer calls than that: then it must be whole
				compare(t, s.stream, truth, latest(before...), full)
				continue
			}
			failed++
			since := connectors.Cursor("")
			if len(before) > 0 {
				since = before[len(before)-1].next
			}
			after := reading{t, open(t, c, a), s.stream}
			compare(t, s.stream, truth, latest(append(before, after.all(since)...)...), full)
		}
	})
	if failed == 0 {
		t.Errorf("no read failed, though the CRM refused all calls: either errors are swallowed, or Break breaks nothing")
	}
}

func stopsWhenCancelled(t reporter, c connectors.Connector) {
	each(t, c, func(s reading, a Account) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if pages, err := s.read(ctx, "", 0); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled before it began, gave %d pages and the error %v", s.stream.Name, len(pages), err)
		}
		whole := s.all("")
		ctx, cancel = context.WithCancel(context.Background())
		defer cancel()
		var after int
		var failure error
		for p, err := range s.source.Read(ctx, s.stream, "") {
			if err != nil {
				failure = err
				continue
			}
			s.keep(p)
			after++
			cancel()
		}
		// What was fetched ahead may still come; the whole stream may not, unless
		// it was all fetched.
		if failure == nil && after < len(whole) {
			t.Errorf("%s, cancelled after its first page, ended after %d of %d pages as if that were all", s.stream.Name, after, len(whole))
		}
		if failure != nil && !errors.Is(failure, context.Canceled) {
			t.Errorf("%s, cancelled after its first page, ended with %v", s.stream.Name, failure)
		}
	})
}

func leavesNothing(t reporter, c connectors.Connector) {
	each(t, c, func(s reading, a Account) {
		s.all("") // opens the connections that are kept
		running := goleak.IgnoreCurrent()
		if _, err := s.read(context.Background(), "", 1); err != nil {
			t.Errorf("%s: %v", s.stream.Name, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.read(ctx, "", 0)
		err := goleak.Find(running,
			// Idle connections, at both ends. A body that nobody closed shows in
			// readLoop, waiting for that and not for the network.
			goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"),
			goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"),
		)
		if err != nil {
			t.Errorf("%s: the reader walked away, and left behind: %v", s.stream.Name, err)
		}
	})
}

func sameText(a, b Row) bool {
	if len(a) != len(b) {
		return false
	}
	for column, text := range a {
		if other, ok := b[column]; !ok || other != text {
			return false
		}
	}
	return true
}

// some picks at most eight of 1…n, the first and the last always among them.
func some(n int) []int {
	const most = 8
	if n <= most {
		all := make([]int, n)
		for i := range all {
			all[i] = i + 1
		}
		return all
	}
	picked := make([]int, most)
	for i := range picked {
		picked[i] = 1 + i*(n-1)/(most-1)
	}
	return picked
}
