package bigquery

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTablesAreListedOverAllPagesOfOurDatasets: another company's datasets and the
// published one are not ours to count.
func TestTablesAreListedOverAllPagesOfOurDatasets(t *testing.T) {
	asked := map[string]int{}
	w := serving(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path+"?"+r.URL.Query().Get("pageToken")]++
		rw.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/datasets"):
			fmt.Fprint(rw, `{"datasets": [{"datasetReference": {"datasetId": "merit"}}, {"datasetReference": {"datasetId": "merit_core"}}, {"datasetReference": {"datasetId": "other_core"}}]}`)
		case strings.HasSuffix(r.URL.Path, "/datasets/merit_core/tables") && r.URL.Query().Get("pageToken") == "":
			fmt.Fprint(rw, `{"nextPageToken": "2", "tables": [{"tableReference": {"projectId": "p", "datasetId": "merit_core", "tableId": "deals"}}]}`)
		case strings.HasSuffix(r.URL.Path, "/datasets/merit_core/tables"):
			fmt.Fprint(rw, `{"tables": [{"type": "VIEW", "tableReference": {"projectId": "p", "datasetId": "merit_core", "tableId": "reps"}}]}`)
		default:
			http.Error(rw, "no such path", http.StatusNotFound)
		}
	}), &service{}, Settings{Location: "EU"})
	there, err := w.Tables(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"core.deals", "core.reps"}, slices.Sorted(maps.Keys(there))); diff != "" {
		t.Error(diff)
	}
	for path := range asked {
		if strings.Contains(path, "/jobs") || strings.Contains(path, "/queries") {
			t.Errorf("%s is billed", path)
		}
	}
}
