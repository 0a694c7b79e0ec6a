package hsserver

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

const maxBody = 4 << 20

// body reads a request's JSON object; the members named must be there, be it as
// null, as HubSpot's reference of the dated paths says.
func body(r *http.Request, required ...string) (map[string]json.RawMessage, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, invalid("Invalid input JSON: %v", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, invalid("Invalid input JSON: %v", err)
	}
	var missing []string
	for _, name := range required {
		if _, ok := members[name]; !ok {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return nil, invalid("Invalid input JSON on line 1, column %d: Some required fields were not set: [%s]",
			len(raw), strings.Join(missing, ", "))
	}
	return members, nil
}

// member reads one member of a body into a Go value.
func member(members map[string]json.RawMessage, name string, into any) error {
	raw, ok := members[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return invalid("Invalid input JSON: %s: %v", name, err)
	}
	return nil
}

type input struct {
	ID    string `json:"id"`
	After string `json:"after"`
}

// batch serves POST /crm/objects/{version}/{type}/batch/read. Results come by id
// and once, in whatever order and however often they were asked for.
func (a *API) batch(dst []byte, r *http.Request) (int, []byte, error) {
	o, err := a.object(r.PathValue("type"))
	if err != nil {
		return 0, nil, err
	}
	members, err := body(r, "inputs", "properties", "propertiesWithHistory")
	if err != nil {
		return 0, nil, err
	}
	var inputs []input
	var properties, history []string
	for name, into := range map[string]any{"inputs": &inputs, "properties": &properties, "propertiesWithHistory": &history} {
		if err := member(members, name, into); err != nil {
			return 0, nil, err
		}
	}
	archived, err := flag(r.URL.Query(), "archived")
	if err != nil {
		return 0, nil, err
	}
	if len(inputs) > listPage {
		return 0, nil, invalid("The maximum number of inputs supported in a batch request is %d", listPage)
	}
	if len(history) > 0 && len(inputs) > historyPage {
		return 0, nil, invalid("The maximum number of inputs supported in a batch request for property histories is %d", historyPage)
	}
	at := a.now()
	found, missing, err := o.lookUp(inputs, at, archived)
	if err != nil {
		return 0, nil, err
	}
	dst = a.appendBatchHead(dst)
	if len(found) > 0 && a.partNth > 0 && a.batches.Add(1)%a.partNth == 0 {
		late := o.ids.ids[found[len(found)-1]]
		dst = a.appendAll(dst, o, found[:len(found)-1], at, o.shape(properties, history))
		dst = append(dst, `],"numErrors":1,"errors":[`...)
		dst = appendFault(dst, &fault{Status: "error", Category: "INTERNAL_ERROR", Message: "timed out", Context: map[string][]string{"ids": {text(late)}}})
		return http.StatusMultiStatus, append(dst, "]}"...), nil
	}
	dst = a.appendAll(dst, o, found, at, o.shape(properties, history))
	dst = append(dst, ']')
	if missing == nil {
		return http.StatusOK, append(dst, '}'), nil
	}
	dst = append(dst, `,"numErrors":1,"errors":[`...)
	dst = appendFault(dst, missingIDs(o, missing))
	return http.StatusMultiStatus, append(dst, "]}"...), nil
}

// lookUp parts inputs into records, ordered and without repetition, and ids that
// there is no such record for. A text that is no id spoils the whole batch.
func (o *object) lookUp(inputs []input, at company.Instant, archived bool) (found []int32, missing []string, err error) {
	var r record
	for _, in := range inputs {
		id, err := strconv.ParseInt(in.ID, 10, 64)
		if err != nil {
			return nil, nil, invalid("%s is not a valid ID", in.ID)
		}
		if !o.find(&r, id, at) || r.archived() != archived {
			missing = append(missing, in.ID)
			continue
		}
		found = append(found, r.index)
	}
	slices.SortFunc(found, func(a, b int32) int { return int(a - b) })
	found = slices.Compact(found)
	return o.ids.sorted(found), missing, nil
}

func (a *API) appendBatchHead(dst []byte) []byte {
	now := a.now()
	dst = append(dst, `{"completedAt":"`...)
	dst = appendInstant(dst, now)
	dst = append(dst, `","status":"COMPLETE","startedAt":"`...)
	dst = appendInstant(dst, now)
	return append(dst, `","results":[`...)
}
