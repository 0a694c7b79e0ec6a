package hubspot

import "testing"

// A page of a list or a batch is read whole or refused. What the scan sees in it, the
// rows see too: each record that came is a row or a reject.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{
		`{"results":[{"id":"1","properties":{"amount":"12.50","dealname":null},"createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:05.678Z","archived":false}],"paging":{"next":{"after":"2","link":"x"}}}`,
		`{"results":[{"id":"1","properties":{"dealstage":"b"},"propertiesWithHistory":{"dealstage":[{"value":"b","timestamp":"2026-01-02T00:00:00Z","sourceType":"CRM_UI"},{"value":"a","timestamp":"2026-01-01T00:00:00Z","sourceType":"API"}]},"updatedAt":"2026-01-02T03:04:05Z"}]}`,
		`{"status":"COMPLETE","results":[],"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","message":"m","context":{"ids":["7"]}}]}`,
		`{"results":[{"id":"x"}]}`, `{"results":[{"id":9007199254740993}]}`, `{"results":{}}`, `{"results":[null]}`, `{"results":[{"id":"1","properties":{"amount":"NaN"}}]}`, `{}`, `[]`, ``, `{"results":[{"id":"1","id":"2"}]}`, "{\"results\":[{\"id\":\"1\",\"properties\":{\"dealname\":\"\\ud800\"}}]}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := newRows(objects()[0], declared(t)[0])
		if err := r.page(bodyOf(string(text))); err != nil {
			return
		}
		came := len(r.seen)
		page := r.flush()
		defer release(page)
		told := len(page.Rejects)
		for _, b := range page.Batches {
			if b.Table == "deals" {
				told += int(b.Records.NumRows())
			}
		}
		if told < came {
			t.Fatalf("%d records came, %d are rows or rejects: %q", came, told, text)
		}
		found, err := skim(text, false)
		if err == nil && len(missing(found.ids, r.seen)) > 0 {
			t.Fatalf("the scan sees %v, the rows %v: %q", found.ids, r.seen, text)
		}
	})
}
