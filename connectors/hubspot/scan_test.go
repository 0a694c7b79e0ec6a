package hubspot

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors"
)

// A remote is a portal far away, of deals that are nothing but ids.
type remote struct {
	ids    []int64 // ascending
	listed []int64 // as the list has them
	unseen int     // so many of the highest are not in the search's index yet
}

func newRemote(ids []int64) *remote {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return &remote{ids: ids, listed: slices.Clone(ids)}
}

// open gives the source and its first stream, in a bubble of simulated time.
func (m *remote) open(t *testing.T) (*portal, connectors.Stream) {
	f := &fake{routes: map[string]route{
		"GET /crm/objects/deals": func(asked request) any {
			if asked.Query.Get("archived") == "true" {
				return records(nil, "")
			}
			from, _ := strconv.Atoi(asked.Query.Get("after"))
			limit, _ := strconv.Atoi(asked.Query.Get("limit"))
			to := min(from+limit, len(m.listed))
			rest := ""
			if to < len(m.listed) {
				rest = fmt.Sprintf(`, "paging": {"next": {"after": "%d"}}`, to)
			}
			return records(m.listed[from:to], rest)
		},
		"POST /crm/objects/deals/search":     func(asked request) any { return m.search(asked) },
		"POST /crm/objects/deals/batch/read": asRecords,
	}}
	p := over(t, &wire{to: f, latency: 400 * time.Millisecond}, nil)
	p.objects = p.objects[:1]
	p.objects[0].linked = nil
	streams, err := p.Streams(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p, streams[0]
}

func (m *remote) search(asked request) any {
	from, to := int64(0), int64(1)<<62
	for _, g := range asked.Body.Groups {
		for _, f := range g.Filters {
			switch f.Operator {
			case "GT":
				fmt.Sscan(f.Value, &from)
			case "LTE":
				fmt.Sscan(f.Value, &to)
			}
		}
	}
	var found []int64
	for _, id := range m.ids[:len(m.ids)-m.unseen] {
		if id > from && id <= to {
			found = append(found, id)
		}
	}
	if asked.Body.Sorts[0].Direction == "DESCENDING" {
		slices.Reverse(found)
	}
	total := len(found)
	return records(found[:min(total, asked.Body.Limit)], fmt.Sprintf(`, "total": %d`, total))
}

// spread gives n ids from a beginning on, so far from each other on average.
func spread(from int64, n, apart int) []int64 {
	random := rand.New(rand.NewPCG(1, uint64(from)))
	ids := make([]int64, n)
	for i := range ids {
		from += 1 + random.Int64N(int64(2*apart))
		ids[i] = from
	}
	return ids
}

func remotes() map[string]*remote {
	all := map[string]*remote{
		"ids that are spread evenly":          newRemote(spread(30_000_000_000, 6000, 900)),
		"ids in heaps":                        newRemote(slices.Concat(spread(10, 300, 1), spread(5_000_000, 4000, 1), spread(90_000_000_000, 1500, 3))),
		"ids without a gap":                   newRemote(spread(0, 3000, 1)),
		"a small portal":                      newRemote(spread(4_000_000, 120, 10)),
		"an empty portal":                     newRemote(nil),
		"a list in the order of nothing":      newRemote(spread(30_000_000_000, 3000, 900)),
		"a list that puts some records last":  newRemote(spread(30_000_000_000, 5000, 900)),
		"a list that leaves the order midway": newRemote(spread(30_000_000_000, 5000, 900)),
		"an index that is behind":             newRemote(spread(30_000_000_000, 5000, 900)),
	}
	shuffled := all["a list in the order of nothing"].listed
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	late := all["a list that puts some records last"]
	first := slices.Clone(late.listed[100:140])
	late.listed = append(slices.Delete(late.listed, 100, 140), first...)
	midway := all["a list that leaves the order midway"].listed
	midway[900], midway[20] = midway[20], midway[900]
	return all
}

// scanned reads deals by whatever it has, stopping after each so manieth page and
// going on from its cursor, and gives the ids that came.
func (m *remote) scan(t *testing.T, stopAfter int) map[int64]int {
	came := map[int64]int{}
	next := connectors.Cursor("")
	for isOver := false; !isOver; {
		p, s := m.open(t)
		pages := 0
		isOver = true
		for page, err := range p.Read(context.Background(), s, next) {
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page.Batches {
				for row := range int(b.Records.NumRows()) {
					if b.Table == "deals" {
						id, _ := strconv.ParseInt(b.Records.Column(0).ValueStr(row), 10, 64)
						came[id]++
					}
				}
			}
			release(page)
			next = page.Next
			if pages++; pages == stopAfter {
				var at cursor
				if err := json.Unmarshal([]byte(next), &at); err != nil {
					t.Fatal(err)
				}
				isOver = at.Step == resting
				break
			}
		}
	}
	return came
}

func TestEveryRecordOfAPortalFarAwayIsFoundWhateverItsListAndIdsAreLike(t *testing.T) {
	for name, m := range remotes() {
		for _, stopAfter := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, stopping after %d pages", name, stopAfter), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					if name == "an index that is behind" {
						m.unseen = 30 // all of them are read; the next increment goes back that far
					}
					came := m.scan(t, stopAfter)
					missing, rows := 0, 0
					for _, id := range m.ids[:len(m.ids)-m.unseen] {
						if rows += came[id]; came[id] == 0 {
							missing++
						}
					}
					if missing > 0 {
						t.Errorf("%d of %d are missing", missing, len(m.ids))
					}
					if again := rows - len(m.ids); again > len(m.ids)/5 && again > 2*countedPages*batchWithHistory {
						t.Errorf("%d rows of %d records", rows, len(m.ids))
					}
				})
			})
		}
	}
}
