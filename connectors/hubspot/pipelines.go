package hubspot

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

const pipelinesName = "pipelines"

// pipelineStream has the stages of the deal pipelines as they are set up today.
func pipelineStream() connectors.Stream {
	return connectors.Stream{Name: pipelinesName, Tables: []connectors.Table{{
		Name: "pipeline_stages", Key: []string{"pipeline_id", "stage_id"},
		Schema: arrow.NewSchema([]arrow.Field{
			text("pipeline_id"), text("stage_id"), flag(connectors.DeletedColumn),
			text("pipeline_label"), whole("pipeline_order"), text("label"), whole("displayOrder"),
			decimal("probability"), flag("isClosed"),
		}, nil),
	}}}
}

type pipeline struct {
	ID           string    `json:"id"`
	Label        string    `json:"label"`
	DisplayOrder looseText `json:"displayOrder"`
	Archived     bool      `json:"archived"`
	Stages       []stage   `json:"stages"`
}

type stage struct {
	ID           string    `json:"id"`
	Label        string    `json:"label"`
	DisplayOrder looseText `json:"displayOrder"`
	Archived     bool      `json:"archived"`
	// Texts, both, in most accounts: "0.2" and "false"; a number and a boolean in some.
	Metadata struct {
		Probability looseText `json:"probability"`
		IsClosed    looseText `json:"isClosed"`
	} `json:"metadata"`
}

// A looseText is a value that HubSpot gives as a text, a number or a boolean.
type looseText string

// UnmarshalJSON takes the value as it is written; null is "".
func (t *looseText) UnmarshalJSON(value []byte) error {
	var text string
	switch {
	case string(value) == "null":
		*t = ""
	case json.Unmarshal(value, &text) == nil:
		*t = looseText(text)
	case len(value) > 0 && (value[0] == '{' || value[0] == '['):
		return fault.Errorf(fault.Them, "%s stands where a text, a number or a boolean should", fault.Foreign(string(value)))
	default:
		*t = looseText(value)
	}
	return nil
}

// isClosed is what HubSpot says; its reference does not promise that it does, and
// then a probability of 0 or 1 is the end of the road.
func (s stage) isClosed() bool {
	if s.Metadata.IsClosed != "" {
		return s.Metadata.IsClosed == "true"
	}
	p, err := strconv.ParseFloat(string(s.Metadata.Probability), 64)
	return err == nil && (p == 0 || p == 1)
}

// A layout is the cursor of pipelines: the stages that there were, so that those
// which were removed since are told.
type layout struct {
	Version int         `json:"v"`
	Stages  [][2]string `json:"stages"` // pipeline, stage
}

// pipelines reads all stages each time.
func (p *portal) pipelines(ctx context.Context, s connectors.Stream, since connectors.Cursor, pages chan<- delivery) {
	var before layout
	if since != "" {
		if err := json.Unmarshal([]byte(since), &before); err != nil || before.Version != cursorVersion {
			pages <- delivery{err: fault.Errorf(fault.You,
				"hubspot: pipelines: cursor %q is not one that this version of merit writes; read the stream from its beginning with --full", since)}
			return
		}
	}
	today, err := p.dealPipelines(ctx)
	if err != nil {
		pages <- delivery{err: err}
		return
	}
	b := decode.NewBuilder(s.Tables[0])
	defer b.Release()
	now := layout{Version: cursorVersion}
	for _, pipe := range today {
		for _, st := range pipe.Stages {
			writeStage(b, pipe, st)
			now.Stages = append(now.Stages, [2]string{pipe.ID, st.ID})
		}
	}
	for _, old := range before.Stages {
		if !slices.Contains(now.Stages, old) {
			b.Set(b.Column("pipeline_id"), []byte(old[0]))
			b.Set(b.Column("stage_id"), []byte(old[1]))
			b.Set(b.Column(connectors.DeletedColumn), []byte("true"))
			b.EndRow()
		}
	}
	next, err := json.Marshal(now)
	if err != nil {
		panic(err) // texts always marshal
	}
	page := connectors.Page{Next: connectors.Cursor(next)}
	if b.Len() > 0 {
		batch, rejects := b.Flush()
		page.Batches, page.Rejects = []connectors.Batch{batch}, rejects
	}
	pages <- delivery{page: page}
}

// dealPipelines are all that there are today. HubSpot's list of them has no pages;
// where a reply names a next one all the same, it is asked for.
func (p *portal) dealPipelines(ctx context.Context) ([]pipeline, error) {
	var all []pipeline
	var marks rounds
	query := url.Values{}
	for {
		var reply struct {
			Results []pipeline `json:"results"`
			Paging  struct {
				Next *struct {
					After string `json:"after"`
				} `json:"next"`
			} `json:"paging"`
		}
		if err := p.api.JSON(ctx, rest.Call{Method: http.MethodGet, Path: p.path("crm/pipelines", "deals"), Query: query}, &reply); err != nil {
			return nil, err
		}
		all = append(all, reply.Results...)
		after := ""
		if reply.Paging.Next != nil {
			if after = reply.Paging.Next.After; after == "" {
				return nil, fault.Errorf(fault.Them, "hubspot: the list of deal pipelines says that a page follows, and not by which mark")
			}
		}
		switch {
		case after == "" && len(all) == 0:
			return nil, fault.Errorf(fault.Them, "hubspot: the reply has no deal pipeline, and a portal always has one")
		case after == "":
			return all, areWhole(all)
		case marks.isRepeated(after):
			return nil, fault.Errorf(fault.Them, "hubspot: the list of deal pipelines goes in a circle at %q", after)
		}
		query.Set("after", after)
	}
}

// areWhole tells of pipelines without what deals are on: their id and their stages.
func areWhole(all []pipeline) error {
	for _, pipe := range all {
		if pipe.ID == "" || pipe.Stages == nil || slices.ContainsFunc(pipe.Stages, func(s stage) bool { return s.ID == "" }) {
			return fault.Errorf(fault.Them, "hubspot: the reply has a deal pipeline %q without an id or its stages", fault.Foreign(pipe.Label))
		}
	}
	return nil
}

func writeStage(b *decode.Builder, pipe pipeline, st stage) {
	for column, value := range map[string]string{
		"pipeline_id":            pipe.ID,
		"stage_id":               st.ID,
		connectors.DeletedColumn: strconv.FormatBool(pipe.Archived || st.Archived),
		"pipeline_label":         pipe.Label,
		"pipeline_order":         string(pipe.DisplayOrder),
		"label":                  st.Label,
		"displayOrder":           string(st.DisplayOrder),
		"probability":            string(st.Metadata.Probability),
		"isClosed":               strconv.FormatBool(st.isClosed()),
	} {
		b.Set(b.Column(column), []byte(value))
	}
	b.EndRow()
}
