package salesforce

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

const lists = "GET " + oneJob + "/resultPages"

// listed is a job of pages of 5 rows, of which a list names five.
func (o *org) listed(s connectors.Stream, pages int) []string {
	sizes := slices.Repeat([]int{5}, pages)
	all := o.pages(s, sizes...)
	o.job(len(all))
	var replies []string
	for from := 0; from < pages; from += 5 {
		var named []string
		for i := from; i < min(from+5, pages); i++ {
			named = append(named, fmt.Sprintf(`{"resultUrl":"https://elsewhere.example%s/results?locator=%s"}`, oneJob, locator(i)))
		}
		rest := `"done":true`
		if from+5 < pages {
			rest = fmt.Sprintf(`"done":false,"nextRecordsUrl":"%s/resultPages?locator=%s"`, oneJob, locator(from+5))
		}
		replies = append(replies, fmt.Sprintf(`{"resultPages":[%s],%s}`, strings.Join(named, ","), rest))
	}
	o.on(lists, gives(replies[0]))
	if len(replies) > 1 {
		o.on(lists, gives(replies[0]), gives(replies[1]))
	}
	return all
}

func TestListsOfPages(t *testing.T) {
	t.Run("are followed to the last page, at the org's own address", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			a.pace.pageRows = 5
			want := o.listed(s, 8)
			got, err := take(a, s, "")
			if err != nil || !slices.Equal(ids(got), want) {
				t.Fatalf("came %v, %v", ids(got), err)
			}
			asked := o.to(lists)
			if len(asked) != 2 || asked[1].query.Get("locator") != locator(5) {
				t.Errorf("lists asked for: %+v", asked)
			}
			for _, c := range o.to(results) {
				if c.host != "acme.my.salesforce.com" {
					t.Errorf("our token went to %s", c.host)
				}
			}
		})
	})

	t.Run("are gone on with after any page", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			a.pace.pageRows = 5
			want := o.listed(s, 4)
			whole, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			for kept := 1; kept < len(whole); kept++ {
				b := o.open()
				b.pace.pageRows = 5
				rest, err := take(b, s, whole[kept-1].next)
				if err != nil || !slices.Equal(append(ids(whole[:kept]), ids(rest)...), want) {
					t.Errorf("after page %d came %v, %v", kept, ids(rest), err)
				}
			}
		})
	})

	t.Run("that name another job, or lead nowhere, end the reading", func(t *testing.T) {
		for _, list := range []string{
			`{"resultPages":[{"resultUrl":"/services/data/v67.0/jobs/query/750000000000009/results?locator=a"}],"done":true}`,
			`{"resultPages":[{"resultUrl":"` + oneJob + `/results?locator=a%20b"}],"done":true}`,
			`{"resultPages":[],"done":false,"nextRecordsUrl":"` + oneJob + `/resultPages?locator=a"}`,
		} {
			inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
				a.pace.pageRows = 5
				o.listed(s, 4)
				o.on(lists, gives(list))
				got, err := take(a, s, "")
				mends(t, err, fault.Them, "list")
				if len(ids(got)) != 0 {
					t.Errorf("came %v", ids(got))
				}
			})
		}
	})
}
