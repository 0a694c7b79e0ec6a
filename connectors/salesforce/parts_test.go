package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"merit/connectors"
)

// inParts gives a test an org with a job of two pages of 5 rows, which come in parts
// of 2.
func inParts(t *testing.T, test func(t *testing.T, o *org, a *account, s connectors.Stream, want []string)) {
	inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
		a.pace.partRows = 2
		o.job(10)
		test(t, o, a, s, o.pages(s, 5, 5))
	})
}

func TestPartsOfAPage(t *testing.T) {
	t.Run("hold the memory down: no part is larger than it may be", func(t *testing.T) {
		inParts(t, func(t *testing.T, o *org, a *account, s connectors.Stream, want []string) {
			got, err := take(a, s, "")
			if err != nil || !slices.Equal(ids(got), want) {
				t.Fatalf("came %v, %v", ids(got), err)
			}
			var sizes []int
			for _, p := range got {
				sizes = append(sizes, len(p.rows))
			}
			if !slices.Equal(sizes, []int{2, 2, 1, 2, 2, 1}) {
				t.Errorf("parts of %v", sizes)
			}
		})
	})

	t.Run("are places to go on from", func(t *testing.T) {
		inParts(t, func(t *testing.T, o *org, a *account, s connectors.Stream, want []string) {
			whole, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			for kept := 1; kept < len(whole); kept++ {
				b := o.open()
				b.pace.partRows = 3 // another Merit may cut otherwise
				rest, err := take(b, s, whole[kept-1].next)
				if err != nil || !slices.Equal(append(ids(whole[:kept]), ids(rest)...), want) {
					t.Errorf("after part %d came %v, %v", kept, ids(rest), err)
				}
			}
			if got := len(o.to("POST " + jobs)); got != 1 {
				t.Errorf("%d jobs were made", got)
			}
		})
	})

	t.Run("of a page that breaks off are followed by the rest of it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			inParts(t, func(t *testing.T, o *org, a *account, s connectors.Stream, want []string) {
				whole := o.replies[results][0]
				calls := atomic.Int64{}
				o.on(results, func(w http.ResponseWriter, r *http.Request) {
					if n := int(calls.Add(1)); n <= 3 { // in the midst of the first rows
						w.Header().Set(breaksOff, strconv.Itoa(300+150*n))
					}
					whole(w, r)
				})
				got, err := take(a, s, "")
				if err != nil || !slices.Equal(ids(got), want) {
					t.Errorf("came %v, %v", ids(got), err)
				}
				if n := calls.Load(); n != 2+3 {
					t.Errorf("%d calls for two pages, of which three tries broke off", n)
				}
			})
		})
	})

	t.Run("never come from behind a page that did not come whole", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			inParts(t, func(t *testing.T, o *org, a *account, s connectors.Stream, want []string) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var got []taken
				var failure error
				for p, err := range a.Read(ctx, s, "") {
					if err != nil {
						failure = err
						continue
					}
					got = append(got, open1(p))
					synctest.Wait() // both pages are here, and wait to be taken
					cancel()
					synctest.Wait() // the end of the first page is dropped
				}
				came := ids(got)
				if !slices.Equal(came, want[:len(came)]) {
					t.Errorf("rows are missing between %v", came)
				}
				if !errors.Is(failure, context.Canceled) {
					t.Errorf("ended after %d rows with %v", len(came), failure)
				}
			})
		})
	})

	t.Run("of a page that has become shorter are not built upon", func(t *testing.T) {
		inParts(t, func(t *testing.T, o *org, a *account, s connectors.Stream, want []string) {
			whole, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			o.on(results, gives(csvOf(s, row("006000000000000")), "Sforce-Locator", "null", "Sforce-NumberOfRecords", "1"))
			o.on("GET "+oneJob, gives(`{"state":"JobComplete","numberRecordsProcessed":10}`), gives(`{"state":"JobComplete","numberRecordsProcessed":1}`))
			rest, err := take(o.open(), s, whole[1].next)
			if err != nil || !slices.Equal(ids(rest), []string{"006000000000000"}) {
				t.Errorf("came %v, %v", ids(rest), err)
			}
			if got := len(o.to("POST " + jobs)); got != 2 {
				t.Errorf("%d jobs were made", got)
			}
		})
	})
}

func TestPagesAreAskedForBeforeTheyAreNeeded(t *testing.T) {
	inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
		const pages = 6
		o.job(pages)
		// A page gives its rows only once the page after it was asked for: who reads
		// one after another never comes to an end.
		asked := map[string]chan struct{}{}
		for i := range pages + 1 {
			asked[fmt.Sprint(i)] = make(chan struct{})
		}
		o.on(results, func(w http.ResponseWriter, r *http.Request) {
			i := 0
			if text := r.URL.Query().Get("locator"); text != "" {
				i, _ = strconv.Atoi(strings.TrimPrefix(text, "page"))
			}
			close(asked[fmt.Sprint(i)])
			next := "null"
			if i+1 < pages {
				next = fmt.Sprint("page", i+1)
			} else {
				close(asked[fmt.Sprint(pages)])
			}
			w.Header().Set("X-Wait-For", fmt.Sprint(i+1))
			gives(csvOf(s, row(fmt.Sprintf("006%012d", i))), "Sforce-Locator", next, "Sforce-NumberOfRecords", "1")(w, r)
		})
		o.hold = func(h http.Header) {
			if page := h.Get("X-Wait-For"); page != "" {
				<-asked[page]
			}
		}
		got, err := take(a, s, "")
		if err != nil || len(ids(got)) != pages {
			t.Errorf("came %v, %v", ids(got), err)
		}
	})
}
