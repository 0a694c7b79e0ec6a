package salesforce

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"merit/connectors/rest"
)

// describesACall: a composite call counts once, whatever it asks for, and may ask for
// 25 things (Salesforce's REST API guide, "Composite").
const describesACall = 25

// describeMany asks for the describes of many objects by few calls. It tells which are
// absent, too. What is not told here, for whatever reason, is asked for by itself,
// which names the reason.
func (a *account) describeMany(ctx context.Context, objects []object) map[string]reply {
	type ask struct {
		Method string `json:"method"`
		URL    string `json:"url"`
		Name   string `json:"referenceId"`
	}
	told, absent := map[string]reply{}, map[string]reply{}
	for batch := range slices.Chunk(objects, describesACall) {
		var asks []ask
		byName := map[string]object{}
		for _, o := range batch {
			byName[o.name] = o
			asks = append(asks, ask{http.MethodGet, a.path("sobjects", o.name, "describe"), o.name})
		}
		var answer struct {
			Parts []struct {
				Body   json.RawMessage `json:"body"`
				Status int             `json:"httpStatusCode"`
				Name   string          `json:"referenceId"`
			} `json:"compositeResponse"`
		}
		call := rest.Call{Method: http.MethodPost, Path: a.path("composite"), JSON: map[string][]ask{"compositeRequest": asks}}
		if err := a.api.JSON(ctx, call, &answer); err != nil {
			break // each is asked for by itself
		}
		for _, part := range answer.Parts {
			o, isAsked := byName[part.Name]
			var d describe
			switch {
			case !isAsked:
			case part.Status == http.StatusNotFound:
				absent[o.name] = reply{err: o.absent()}
			case part.Status == http.StatusOK && json.Unmarshal(part.Body, &d) == nil && d.Name != "" && !d.isClosed() && d.garbled() == nil:
				told[o.name] = reply{describe: d}
			}
		}
	}
	if len(told) > 0 { // where nothing is found, the calls themselves may be what is missing
		maps.Copy(told, absent)
	}
	return told
}
