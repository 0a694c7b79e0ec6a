package hubspot

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// submissionStream has what people submitted as their forecast, as it was then.
// The API is a beta.
func submissionStream() small {
	return small{
		name: "forecast_submissions", isSoft: true,
		tables: []connectors.Table{{Name: "forecast_submissions", Key: []string{"objectId", "occurredAt"}, Schema: arrow.NewSchema([]arrow.Field{
			text("objectId"), instant("occurredAt"), text("objectType"), flag("archived"), text("properties"),
		}, nil)}},
		read: func(r *smallReading) error {
			return r.events("/forecast-submissions/"+forecastVersion+"-beta/events", inMilliseconds)
		},
	}
}

// loginStream has who signed in when; Enterprise alone may ask.
func loginStream() small {
	return small{
		name: "logins", isSoft: true,
		tables: []connectors.Table{{Name: "logins", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
			text("id"), instant("loginAt"), text("userId"), text("email"), flag("loginSucceeded"), text("userAgent"),
		}, nil)}},
		read: func(r *smallReading) error {
			return r.wholeList(r.path("account-info", "activity", "login"), "loginAt")
		},
	}
}

// auditLogStream has what was done to the account's settings and records;
// Enterprise alone may ask.
func auditLogStream() small {
	return small{
		name: "audit_logs", isSoft: true,
		tables: []connectors.Table{{Name: "audit_logs", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
			text("id"), instant("occurredAt"), text("category"), text("subCategory"), text("action"), text("targetObjectId"), text("actingUser"),
		}, nil)}},
		read: func(r *smallReading) error {
			return r.events(r.path("account-info", "activity", "audit-logs"), inRFC3339)
		},
	}
}

// forecastVersion is the one version that has forecast types and submissions, whichever
// version the rest is read by (HubSpot's API descriptions of August 2026).
const forecastVersion = "2026-09"

// HubSpot's lists of events write the bounds occurredAfter and occurredBefore in two
// ways: submissions as epoch milliseconds, audit logs as RFC 3339 (HubSpot's API
// descriptions of 2026-09).
func inMilliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
func inRFC3339(t time.Time) string      { return t.UTC().Format(time.RFC3339) }

// events reads what occurred since the last reading, less the lookback.
func (r *smallReading) events(path string, bound func(time.Time) string) error {
	now, err := r.now()
	if err != nil {
		return err
	}
	query := url.Values{"limit": {strconv.Itoa(listedAtOnce)}, "occurredBefore": {bound(now.Add(time.Second))}}
	if r.last.Until > 0 {
		query.Set("occurredAfter", bound(time.UnixMilli(r.last.Until).Add(-r.lookback)))
	}
	if err := r.each(path, query, func(d *jsontext.Decoder) error { return row(d, r.builders[0], nil) }); err != nil {
		return err
	}
	r.last.Until = now.UnixMilli()
	return nil
}

// wholeList reads all of a list that can't be asked by date, and passes over what
// occurred before the last reading, less the lookback. An entry whose date can't be
// read is kept.
func (r *smallReading) wholeList(path, date string) error {
	now, err := r.now()
	if err != nil {
		return err
	}
	known := r.last.Until - r.lookback.Milliseconds()
	err = r.each(path, url.Values{"limit": {strconv.Itoa(listedAtOnce)}}, func(d *jsontext.Decoder) error {
		entry, err := d.ReadValue()
		if err != nil {
			return fault.Errorf(fault.Them, "JSON at %q: %w", d.StackPointer(), err)
		}
		var occurred map[string]json.RawMessage
		if err := json.Unmarshal(entry, &occurred); err != nil {
			return fault.Errorf(fault.Them, "an entry is not an object: %w", err)
		}
		if at := milliseconds(bytes.Trim(occurred[date], `"`)); at != 0 && at < known {
			return nil
		}
		return row(decode.NewJSON(bytes.NewReader(entry)), r.builders[0], nil)
	})
	if err == nil {
		r.last.Until = now.UnixMilli()
	}
	return err
}

// auditStream has how the stages were set up, from when on.
func auditStream() small {
	return small{
		name: "pipeline_audit",
		tables: []connectors.Table{{Name: "stage_versions", Key: []string{"pipeline_id", "stage_id", "valid_from"}, Schema: arrow.NewSchema([]arrow.Field{
			text("pipeline_id"), text("stage_id"), instant("valid_from"), flag(connectors.DeletedColumn), text("action"), text("label"), whole("displayOrder"),
			decimal("probability"), flag("isClosed"),
			flag("is_assumed"), // nothing is told of how it was before: today's is taken
		}, nil)}},
		read: readAudit,
	}
}

func readAudit(r *smallReading) error {
	today, err := r.dealPipelines(r.ctx)
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, pipe := range today {
		told := 0
		err := r.each(r.path("crm/pipelines", "deals", url.PathEscape(pipe.ID), "audit"), nil, func(d *jsontext.Decoder) error {
			told++
			return readLayout(d, r.builders[0], pipe.ID)
		})
		if err != nil && !isRefused(err) {
			return err
		}
		before := r.last.Known[pipe.ID]
		switch {
		case err != nil:
			r.unsettled(pipe, "how this pipeline was set up can't be read: "+err.Error())
		case told == 0 && before == ladderTold:
			r.unsettled(pipe, "how this pipeline was set up is told no more")
		}
		if told == 0 && before != ladderTold { // what was told once needs no assumption
			known[pipe.ID] = r.assume(pipe, before)
			continue
		}
		known[pipe.ID] = ladderTold
		for _, stage := range assumed(before) {
			set(r.builders[0], map[string]string{"pipeline_id": pipe.ID, "stage_id": stage, "valid_from": "0", connectors.DeletedColumn: "true"})
			r.builders[0].EndRow()
		}
	}
	r.last.Known = known
	return nil
}

// What the memo has of a pipeline: that its history was told, or by which stages it was
// assumed, which go when it is told after all.
const (
	ladderTold    = "told"
	ladderAssumed = "assumed "
)

// assume takes today's stages for what it always was, and gives what to remember.
func (r *smallReading) assume(pipe pipeline, before string) string {
	stages := assumed(before)
	for _, s := range pipe.Stages {
		writeLayout(r.builders[0], pipe.ID, s, map[string]string{"valid_from": "0", "is_assumed": "true"})
		stages = append(stages, s.ID)
	}
	slices.Sort(stages)
	return ladderAssumed + strings.Join(slices.Compact(stages), "\n")
}

func assumed(remembered string) []string {
	stages, isAssumed := strings.CutPrefix(remembered, ladderAssumed)
	if !isAssumed || stages == "" {
		return nil
	}
	return strings.Split(stages, "\n")
}

// unsettled tells that a pipeline's earlier versions are not known.
func (r *smallReading) unsettled(pipe pipeline, why string) {
	r.told = append(r.told, connectors.Reject{Table: "stage_versions", Key: pipe.ID + "/*", Column: "valid_from", Reason: why})
}

// readLayout reads one version of a pipeline. The whole pipeline stands in
// rawObject: as a text of JSON in practice, as an object by the reference.
func readLayout(d *jsontext.Decoder, b *decode.Builder, id string) error {
	var raw []byte
	also := map[string]string{"is_assumed": "false"}
	err := decode.Members(d, func(name []byte) error {
		what := string(name)
		text, _, err := decode.Text(d, nil)
		switch what {
		case "rawObject":
			raw = text
		case "timestamp":
			also["valid_from"] = string(text)
		case "action":
			also["action"] = string(text)
		}
		return err
	})
	if err != nil || len(raw) == 0 {
		return err
	}
	var version pipeline
	if err := json.Unmarshal(raw, &version); err != nil {
		return fault.Errorf(fault.Them, "an earlier version of pipeline %s: %w", id, rest.InJSON(err))
	}
	for _, s := range version.Stages {
		writeLayout(b, id, s, also)
	}
	return nil
}

func writeLayout(b *decode.Builder, pipelineID string, s stage, also map[string]string) {
	set(b, map[string]string{
		"pipeline_id": pipelineID, "stage_id": s.ID, "label": s.Label, "displayOrder": string(s.DisplayOrder),
		"probability": string(s.Metadata.Probability), "isClosed": strconv.FormatBool(s.isClosed()), connectors.DeletedColumn: "false",
	})
	set(b, also)
	b.EndRow()
}
