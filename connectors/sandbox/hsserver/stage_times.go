package hsserver

import "merit/connectors/sandbox/company"

// pipelineID is the pipeline HubSpot ships with; the story has one pipeline.
const pipelineID = "default"

// A stay is what HubSpot's stage properties tell of a deal and a stage.
//
// They count stays that are over: while a deal is in a stage, the time of this
// stay is in no property (HubSpot's knowledge base, "Use stage calculated
// properties"). They are worked out of the whole story and know more than the
// twenty versions that a history gives.
type stay struct {
	entered, left company.Instant // the latest of each
	latest, total int64           // milliseconds; below 0: it never left
}

func (p *portal) stay(r *record, id string) stay {
	s := stay{latest: -1, total: -1}
	var current string
	for k := range r.deal.Changes[:r.seen] {
		c := &r.deal.Changes[k]
		if c.Field != company.StageName || c.Value == "" {
			continue
		}
		next := p.dealStage(c.Value)
		if next == current {
			continue
		}
		if current == id {
			s.left, s.latest = c.At, int64(c.At-s.entered)
			s.total = max(0, s.total) + s.latest
		}
		if next == id {
			s.entered = c.At
		}
		current = next
	}
	return s
}

// stageProperties are four calculated properties a stage.
func (p *portal) stageProperties() []*property {
	var list []*property
	for _, stage := range p.stages {
		id, where := stage.id, " \""+stage.label+" (Sales Pipeline)\""
		list = append(list,
			instantOf("hs_v2_date_entered_"+id, "Date entered"+where, func(r *record) company.Instant { return p.stay(r, id).entered }),
			instantOf("hs_v2_date_exited_"+id, "Date exited"+where, func(r *record) company.Instant { return p.stay(r, id).left }),
			numberOf("hs_v2_latest_time_in_"+id, "Latest time in"+where, func(r *record) int64 { return p.stay(r, id).latest }),
			numberOf("hs_v2_cumulative_time_in_"+id, "Cumulative time in"+where, func(r *record) int64 { return p.stay(r, id).total }),
		)
	}
	for _, q := range list {
		q.calculated = true
	}
	return list
}
