package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// firstPage asks REST for a window. Deleted and archived rows come too: queryAll.
func (r *reading) firstPage(ctx context.Context, into target, query string) (jsonResult, error) {
	return r.page(ctx, into, rest.Call{
		Method: http.MethodGet,
		Path:   r.path("queryAll"),
		Query:  url.Values{"q": {query}},
		Header: largestPages(),
	})
}

// largestPages asks for the most rows a page may have. It is a hint: wide rows come
// in smaller pages, and only "done" says which is the last.
func largestPages() http.Header {
	return http.Header{"Sforce-Query-Options": {"batchSize=2000"}}
}

func (r *reading) page(ctx context.Context, into target, c rest.Call) (page jsonResult, err error) {
	err = r.api.Read(ctx, c, func(reply *rest.Reply) (err error) {
		page, err = jsonPage(reply.Body, into)
		return err
	})
	return page, err
}

// byREST gives a window's pages one by one. The cursor moves only with the last: a
// window is small here, and one that broke off is read again as a whole.
func (r *reading) byREST(ctx context.Context, into target, w window, page jsonResult) error {
	total, got := page.total, page.rows
	seen, ids := map[string]bool{}, map[string]bool{}
	for !page.done {
		note(ids, page.Page)
		place, err := nextPage(page.next)
		if err == nil && seen[place] {
			err = fault.Errorf(fault.Them, "a query's pages go round in a circle")
		}
		if err != nil {
			release(page.Page)
			return err
		}
		seen[place] = true
		if len(page.Batches) > 0 {
			if err := r.hand(page.Page); err != nil {
				return err
			}
		}
		page, err = r.page(ctx, into, rest.Call{Method: http.MethodGet, Path: r.path(place), Header: largestPages()})
		if hasCode(err, "INVALID_SESSION_ID") {
			err = lostLocator{err}
		}
		if err != nil {
			return err
		}
		got += page.rows
	}
	if note(ids, page.Page); int64(len(ids)) < got {
		release(page.Page)
		return fault.Errorf(fault.Them, "a query gave %d rows of %d records: others may be missing in their place; nothing is taken as read, run again", got, len(ids))
	}
	if got != total {
		release(page.Page)
		return fault.Errorf(fault.Them, "a query said %d rows and gave %d; nothing is taken as read, run again", total, got)
	}
	return r.finish(ctx, page.Page, w, total)
}

// note adds the ids of a page's rows.
func note(ids map[string]bool, p connectors.Page) {
	for _, b := range p.Batches {
		for _, name := range []string{"Id", recordID.Name} {
			for _, i := range b.Records.Schema().FieldIndices(name) {
				column, isText := b.Records.Column(i).(*array.String)
				for row := range int(b.Records.NumRows()) {
					if isText {
						ids[strings.Clone(column.Value(row))] = true
					}
				}
			}
		}
	}
}

var queryPlace = regexp.MustCompile(`/services/data/v[0-9]+\.[0-9]+/(query(?:All)?/[A-Za-z0-9_-]+)$`)

// nextPage takes from nextRecordsUrl the query locator and nothing else: neither
// its host nor its version decide where our token is sent.
func nextPage(nextRecordsURL string) (string, error) {
	m := queryPlace.FindStringSubmatch(nextRecordsURL)
	if m == nil {
		return "", fault.Errorf(fault.Them, "a query has more pages, but names the next as %q", nextRecordsURL)
	}
	return m[1], nil
}
