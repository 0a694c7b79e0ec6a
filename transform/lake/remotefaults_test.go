package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/bucket"
	"merit/transform/lake/laketest"
)

// acts are what may happen to a call on its way, by what a report calls it.
var acts = map[string]laketest.Act{
	"500": laketest.Fails, "cut": laketest.Cut, "done and cut": laketest.LostWord, "done and 500": laketest.FailsLate,
	"cut in the answer": laketest.Half, "409": laketest.Conflict,
}

// step is between the calls to which a fault happens: all in a soak, else every
// eleventh.
func step() (by, first int) { return times(11, 1), 0 }

// TestEveryChangeOfABucketMayFailOrBeTheLast lets each call to the store and to the
// catalog go wrong in each way, once or for good, as when a network or a process dies.
func TestEveryChangeOfABucketMayFailOrBeTheLast(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	tried := 0
	for kind, open := range kinds {
		for what, act := range acts {
			for _, lasting := range []int{1, -1} {
				t.Run(fmt.Sprintf("%s/%s/%d", kind, what, lasting), func(t *testing.T) {
					tried += breakEach(t, open, act, lasting, func(c *laketest.Cloud) *laketest.Trouble { return c.StoreTrouble })
					tried += breakEach(t, open, act, lasting, func(c *laketest.Cloud) *laketest.Trouble { return c.CatalogTrouble })
				})
			}
		}
	}
	matrix("F4", "n-th call to the bucket or its catalog fails: 500, 409, cut before, after and within the answer, once and for good", tried, failures(t), "I1 to I4; the next run succeeds")
}

// breakEach reads two pages while one call after another goes wrong, until none is left.
func breakEach(t *testing.T, open func() *laketest.Cloud, act laketest.Act, lasting int, side func(*laketest.Cloud) *laketest.Trouble) (tried int) {
	by, first := step()
	for n := first; ; n += by {
		cloud := open()
		r := room{cloud: cloud, settings: remoteOf(t, cloud)}
		r.settings.Catalog.Attempts = 1
		l := enter(t, r)
		l.limits.rows = 1 // a commit after each page
		side(cloud).Begin(act, laketest.Every, n, lasting)
		_, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, pagesFrom("")...), nil)
		hit := side(cloud).End()
		if err != nil {
			var known fault.Error
			if !errors.As(err, &known) && !errors.Is(err, ErrOvertaken) {
				t.Errorf("call %d: nobody is told to mend %v", n, err)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("call %d: a secret is shown: %v", n, err)
			}
		}
		mended(t, n, l)
		cloud.Close()
		if hit == 0 {
			return tried
		}
		tried++
	}
}

// mended holds what a fault left against the promises, and goes on from there on
// another machine.
func mended(t *testing.T, n int, l *Lake) {
	t.Helper()
	r := roomOf(t, l)
	r.settings.Copies = quickTemp(t)
	next := enter(t, r)
	d := next.Dataset("crm", "deals")
	wholeAt(t, n, head(t, d))
	c, _ := appendDeals(t, next, pagesFrom(head(t, d).Cursor)...)
	same(t, "cursor", c.Cursor, connectors.Cursor("2"))
	wholeAt(t, n, c)
	same(t, fmt.Sprintf("call %d: deals that are there twice", n), len(lines(t, pinned(t, c, "deals"), "id", "modified_at")), 4)
	if _, err := next.CleanUp(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	v := verified(t, next)
	if len(v.Damages) > 0 {
		t.Errorf("call %d: %v", n, v.Damages)
	}
	same(t, fmt.Sprintf("call %d: files left", n), len(remoteFilesOf(t, next)), v.Files)
}

// commits are the calls by which a table's next version is asked for.
func commits(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/tables/")
}

func TestACommitOfWhichTheOutcomeIsNotKnownIsLookedFor(t *testing.T) {
	for what, act := range acts {
		t.Run(what, func(t *testing.T) {
			cloud := laketest.NewS3()
			t.Cleanup(cloud.Close)
			l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
			appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
			before := cloud.Tables.Commits
			cloud.CatalogTrouble.Begin(act, commits, 1, 1) // the main table's, after its companion's
			c, _ := appendDeals(t, l, page("2", deals("d2|B|1|2000|"), history("d2|new")))
			if hit := cloud.CatalogTrouble.End(); hit != 1 {
				t.Errorf("%d calls were hit", hit)
			}
			same(t, "cursor", c.Cursor, connectors.Cursor("2"))
			same(t, "commits that were made", cloud.Tables.Commits-before, 2)
			if v := verified(t, l); len(v.Damages) > 0 {
				t.Errorf("%v", v.Damages)
			}
		})
	}
}

func TestWhenACommitCantEvenBeLookedForThatIsSaid(t *testing.T) {
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	gone := false
	cloud.CatalogTrouble.Begin(laketest.LostWord, func(r *http.Request) bool {
		gone = gone || commits(r) // and all that comes after it
		return gone
	}, 0, -1)
	_, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("2", deals("d2|B|1|2000|"))), nil)
	cloud.CatalogTrouble.End()
	if fault.WhoMends(err) != fault.Them || !strings.Contains(err.Error(), "whether it was committed is not known") {
		t.Errorf("it said %v", err)
	}
	c, seen := appendDeals(t, enter(t, roomOf(t, l)), page("2", deals("d2|B|1|2000|")))
	same(t, "it had been", seen["deals"].New, int64(0))
	same(t, "cursor", c.Cursor, connectors.Cursor("2"))
}

func TestForgettingInABucketMayBreakOffAnywhereAndIsDoneAgain(t *testing.T) {
	by := times(41, 3)
	for _, side := range []func(*laketest.Cloud) *laketest.Trouble{
		func(c *laketest.Cloud) *laketest.Trouble { return c.StoreTrouble },
		func(c *laketest.Cloud) *laketest.Trouble { return c.CatalogTrouble },
	} {
		for n, hit := rand.IntN(by), 1; hit > 0; n += by {
			cloud := laketest.NewS3()
			l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
			fillWithPeople(t, l, 2)
			list, err := ParseErasureList([]byte("a key of sixteen and more bytes"), nil)
			if err != nil {
				t.Fatal(err)
			}
			list.Add(Identity{Source: "crm", Value: "jane@acme.example"})
			if _, err := l.Resolve(context.Background(), "crm", list, nil); err != nil {
				t.Fatal(err)
			}
			before := head(t, l.Dataset("crm", "tasks"))
			side(cloud).Begin(laketest.Cut, laketest.Every, n, -1)
			_, _ = l.Erase(context.Background(), "crm") // it may break off, and that is what is looked at
			hit = side(cloud).End()

			r := roomOf(t, l)
			r.settings.Copies = quickTemp(t)
			next := enter(t, r)
			if v := verified(t, next); len(v.Damages) > 0 {
				t.Fatalf("broken off at call %d: %v", n, v.Damages)
			}
			same(t, "cursor", head(t, next.Dataset("crm", "tasks")).Cursor, before.Cursor)
			next.SetErasureList(list)
			next.Knowing(peopleOfStories())
			if _, err := next.Erase(context.Background(), "crm"); err != nil {
				t.Fatalf("again after call %d: %v", n, err)
			}
			found, err := next.Search(context.Background(), "crm", AnyOf([]string{"jane@acme.example", jane}))
			if err != nil || len(found.Found) > 0 || found.Values == 0 {
				t.Fatalf("broken off at call %d: found in %v: %v", n, found.Found, err)
			}
			if v := verified(t, next); len(v.Damages) > 0 {
				t.Fatalf("broken off at call %d, and done again: %v", n, v.Damages)
			}
			cloud.Close()
		}
	}
}

// TestABitFlippedInABucketOrInACopyIsFound flips a bit of each object and each copy.
func TestABitFlippedInABucketOrInACopyIsFound(t *testing.T) {
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
	for k := range 3 {
		appendDeals(t, l, page(fmt.Sprint(k), deals(fmt.Sprintf("d%d|Deal|%d|%d|", k, k, 1000*k)), history(fmt.Sprintf("d%d|new", k))))
	}
	if v := verified(t, l); len(v.Damages) > 0 {
		t.Fatal(v.Damages)
	}
	named := func(path string) bool {
		return slices.ContainsFunc(verified(t, l).Damages, func(d Damage) bool { return d.Path == path })
	}
	files := remoteFilesOf(t, l)
	for _, path := range files {
		whole, err := cloud.Object(path)
		if err != nil {
			t.Fatal(err)
		}
		flipped := slices.Clone(whole)
		flipped[rand.IntN(len(flipped))] ^= 1 << rand.IntN(8)
		if err := cloud.Overwrite(path, flipped); err != nil {
			t.Fatal(err)
		}
		if !named(path) {
			t.Errorf("%s was changed and is not named", path)
		}
		if err := cloud.Overwrite(path, whole); err != nil {
			t.Fatal(err)
		}
		copied := l.copyOf(path)
		overwrite(t, copied, flipped)
		if !named(copied) {
			t.Errorf("%s was changed and is not named", copied)
		}
		overwrite(t, copied, whole)
	}
	if len(files) < 18 { // data, manifests and lists of two tables
		t.Errorf("only %d files were looked at", len(files))
	}
}

func TestOneWriterHoldsALakeInABucket(t *testing.T) {
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			cloud := open()
			t.Cleanup(cloud.Close)
			ctx := context.Background()
			one := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
			two := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
			release, err := one.Hold(ctx, "a", "machine a", 5)
			if err != nil {
				t.Fatal(err)
			}
			appendDeals(t, one, page("1", deals("d1|A|1|1000|")))
			if _, err := two.Hold(ctx, "b", "machine b", 5); !errors.Is(err, bucket.ErrHeld) {
				t.Errorf("the second was told %v", err)
			}
			if err := release(); err != nil {
				t.Fatal(err)
			}
			again, err := two.Hold(ctx, "b", "machine b", 5)
			if err != nil {
				t.Fatal(err)
			}
			appendDeals(t, two, page("2", deals("d2|A|1|2000|")))
			_, err = one.Dataset("crm", "deals").Append(ctx, dealsStream(), reads(nil, page("9", deals("d9|A|1|9000|"))), nil)
			if !errors.Is(err, ErrOvertaken) {
				t.Errorf("the first one, which gave it back and goes on, was told %v", err)
			}
			same(t, "cursor", head(t, two.Dataset("crm", "deals")).Cursor, connectors.Cursor("2"))
			if err := again(); err != nil {
				t.Error(err)
			}
		})
	}
}
