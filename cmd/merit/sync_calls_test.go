package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
	"merit/connectors/sandbox/sfserver"
	"merit/transform/lake"
)

// A day is one sync of one CRM, and what the lake has before and after it in peace:
// the first one, which reads everything, or one a week later.
type day struct {
	kind   string
	story  *company.Company
	later  time.Duration // since the story's own now
	before readResult    // what the lake has already
	since  map[string]connectors.Cursor
	after  content
	setup  int // calls before the first stream is read
	calls  []streamCalls
	tables map[string][]string // by stream
}

// streamCalls are the calls of one stream.
type streamCalls struct {
	stream string
	count  int
}

// open gives the CRM on that day, with small pages so that there are many calls.
func (d *day) open(t *testing.T) *crm {
	t.Helper()
	c := newCRM(t, d.kind, d.story, sandbox.Portal(hsserver.ShortPages(3), hsserver.AssociationPage(3)))
	c.box.Salesforce().Trouble(sfserver.Trouble{SmallSets: 40})
	c.box.Clock().Advance(d.later)
	return c
}

// twoDays reads a story in peace: on its first day and a week later.
func twoDays(t *testing.T, kind string, story *company.Company) []*day {
	t.Helper()
	first := &day{kind: kind, story: story}
	read := first.measure(t)
	second := &day{kind: kind, story: story, later: 7 * 24 * time.Hour, before: read}
	second.measure(t)
	return []*day{first, second}
}

// measure reads in peace and counts.
func (d *day) measure(t *testing.T) readResult {
	t.Helper()
	l := newLake(t)
	d.before.retain().mustKeep(t, l)
	d.since = cursors(t, l)
	c := d.open(t)
	counting := newMischief(c, func(int) *trouble { return nil })
	c.answers = counting
	calls := func(only string) int {
		counting.calls = 0
		if r := c.read(t, d.since, only); r.failed != nil {
			t.Fatal(r.failed)
		}
		return counting.calls
	}
	d.setup = calls("no such stream")
	all := c.read(t, d.since)
	if all.failed != nil {
		t.Fatal(all.failed)
	}
	all.retain().mustKeep(t, l)
	d.tables = map[string][]string{}
	for _, s := range all.streams {
		for _, table := range s.Tables {
			d.tables[s.Name] = append(d.tables[s.Name], table.Name)
		}
		d.calls = append(d.calls, streamCalls{s.Name, calls(s.Name) - d.setup})
	}
	d.after = contentOf(t, l)
	if wrong, rows := c.isTrue(t, l); len(wrong) > 0 || rows < 100 {
		t.Fatalf("in peace %d rows are read, and %v", rows, wrong[:min(len(wrong), 5)])
	}
	return all
}

// An attempt is one call of a day gone wrong in one way.
type attempt struct {
	day    *day
	stream string // that is read; "": all of them
	call   int
	kind   trouble
}

func (a attempt) String() string {
	return fmt.Sprintf("%s after %s, call %d of %q: %s", a.day.kind, a.day.later, a.call, a.stream, a.kind.name)
}

// attempts are all kinds of trouble at all calls of a day.
func (d *day) attempts() (all []attempt) {
	for _, kind := range troubles() {
		for call := 1; call <= d.setup; call++ {
			all = append(all, attempt{day: d, call: call, kind: kind})
		}
		for _, s := range d.calls {
			for call := d.setup + 1; call <= d.setup+s.count; call++ {
				all = append(all, attempt{day: d, stream: s.stream, call: call, kind: kind})
			}
		}
	}
	return all
}

func (a attempt) only() []string {
	if a.stream == "" {
		return nil
	}
	return []string{a.stream}
}

// moreCalls is how many calls more than in peace trouble may cost at most: the
// retries of one API and a second reading of a page.
const moreCalls = 120

// try makes the attempt and then syncs in peace. It tells whether the call had
// anything that could go wrong in this way, and which promises were broken.
func (a attempt) try(t *testing.T) (struck bool, broken []string) {
	c, l := a.day.open(t), newLake(t)
	a.day.before.only(a.only()...).retain().mustKeep(t, l)
	m := newMischief(c, func(n int) *trouble {
		if n == a.call {
			return &a.kind
		}
		return nil
	})
	c.answers = m
	r := c.sync(t, l, a.only()...)
	broken = a.day.judge(r, r.rejects(), contentOf(t, l, a.only()...), a.only()...)
	if limit := a.day.inPeace(a.stream) + moreCalls; m.calls > limit {
		broken = append(broken, fmt.Sprintf("%d calls were made, and at most %d are in order", m.calls, limit))
	}
	c.answers = c.box
	broken = append(broken, a.day.inTheEnd(t, c, l, r.rejects(), a.only()...)...)
	return m.struck > 0, broken
}

// inTheEnd syncs in peace, from the start where somebody was told that cells could
// not be kept (merit read --full; what was left out as a whole comes by itself): then
// the lake has what it has without any trouble.
func (d *day) inTheEnd(t *testing.T, c *crm, l *lake.Lake, told []connectors.Reject, only ...string) (broken []string) {
	t.Helper()
	since := cursors(t, l)
	if slices.ContainsFunc(told, func(r connectors.Reject) bool { return !strings.HasSuffix(r.Key, "*") }) {
		since = nil
	}
	last := c.read(t, since, only...)
	if err := errors.Join(last.failed, last.keep(t, l)); err != nil {
		broken = append(broken, fmt.Sprintf("the next sync ended with: %v", err))
	}
	for _, w := range contentOf(t, l, only...).differences(d.wanted(only...)) {
		broken = append(broken, "after a clean sync "+w)
	}
	return broken
}

// judge tells what is wrong with a sync in trouble: either it ends well and the lake
// is right, but for cells of which it was told, or it ends with an error that says
// who can mend it, and that is not us.
func (d *day) judge(r readResult, told []connectors.Reject, got content, only ...string) (broken []string) {
	if r.failed != nil {
		refused := strings.Contains(r.failed.Error(), "400") // what was asked wrongly is ours to mend
		if fault.WhoMends(r.failed) == fault.Us && !refused {
			broken = append(broken, fmt.Sprintf("it ended with an error of ours: %v", r.failed))
		}
		if strings.Contains(r.failed.Error(), sandbox.ClientSecret) || strings.Contains(r.failed.Error(), sandbox.Token) {
			broken = append(broken, "the error tells a secret")
		}
		return broken
	}
	for _, w := range got.without(told).differences(d.wanted(only...).without(told)) {
		broken = append(broken, "it ended well, and "+w)
	}
	return broken
}

// wanted is what the lake has in peace, of all streams or one.
func (d *day) wanted(only ...string) content {
	if len(only) == 0 {
		return d.after
	}
	out := content{}
	for _, stream := range only {
		for _, table := range d.tables[stream] {
			out[table] = d.after[table]
		}
	}
	return out
}

func (d *day) inPeace(stream string) int {
	calls := d.setup
	for _, s := range d.calls {
		if stream == "" || s.stream == stream {
			calls += s.count
		}
	}
	return calls
}

// abridged leaves a story the end of its longest lists: they are read by hundreds of
// calls that are all alike, and each is to go wrong in each way.
func abridged(story *company.Company) *company.Company {
	story.Logins = story.Logins[len(story.Logins)-200:]
	story.Forecasts = story.Forecasts[len(story.Forecasts)-200:]
	return story
}

// TestEachTroubleAtEachCallIsMendedOrTold lets each call of whole syncs go wrong in
// each way: of both CRMs, on the first day and a week later.
func TestEachTroubleAtEachCallIsMendedOrTold(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	var all []attempt
	for _, kind := range []string{"salesforce", "hubspot"} {
		for _, d := range twoDays(t, kind, abridged(company.Acme(41, 12))) {
			all = append(all, d.attempts()...)
		}
	}
	all = slices.DeleteFunc(all, func(a attempt) bool { return !strings.Contains(a.String(), *callFlag) })
	dice := faultDice(t)
	dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	t.Logf("%d calls gone wrong, of which some can not in their way", len(all))
	all = all[:times(min(len(all), 80), len(all))]
	var tried tally
	sideBySide(t, len(all), func(t *testing.T, i int) {
		struck, broken := all[i].try(t)
		if struck {
			tried.add(t, all[i].String(), broken)
		}
	})
	tried.print(t, "F5", fmt.Sprintf("each call of a sync fails, in each of %d kinds of trouble", len(troubles())), "mended or told, never green with rows missing; then the lake equals the CRM")
}

// A tally counts tries and broken promises.
type tally struct {
	mutex         sync.Mutex
	count, broken int
	noted         int // of what a test counts besides
}

func (a *tally) note(count int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.noted += count
}

// add counts a try; its name says how to repeat it.
func (a *tally) add(t *testing.T, name string, broken []string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.count++
	if a.count%500 == 0 && os.Getenv("MERIT_SOAK") != "" {
		fmt.Printf("%s: %d tried so far, %d violations\n", t.Name(), a.count, a.broken)
	}
	if len(broken) == 0 {
		return
	}
	a.broken++
	if a.broken <= 20 {
		t.Errorf("%s:\n%s", name, strings.Join(broken[:min(len(broken), 4)], "\n"))
	} else {
		t.Fail()
	}
}

func (a *tally) print(t *testing.T, number, fault, must string) {
	t.Helper()
	if a.count == 0 {
		t.Error("nothing was tried")
	}
	t.Logf("%s: %d tried, %d violations", number, a.count, a.broken)
	printMatrix(number, fault, a.count, a.broken, must)
}

// sideBySide runs count cases on all processors, until one fails too often.
func sideBySide(t *testing.T, count int, do func(t *testing.T, i int)) {
	t.Helper()
	workers := runtime.GOMAXPROCS(0)
	t.Run("all", func(t *testing.T) {
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for i := worker; i < count; i += workers {
					do(t, i)
				}
			})
		}
	})
}

// seeds gives each case dice of its own, which its number repeats.
func seeds(base *rand.Rand, count int) []uint64 {
	all := make([]uint64, count)
	for i := range all {
		all[i] = base.Uint64()
	}
	return all
}
