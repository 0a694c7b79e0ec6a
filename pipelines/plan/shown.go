package plan

import "time"

// A Shown is something that a person was given or shown by an earlier build: an
// award, a next action, a mission. Builds remember nothing; this does.
type Shown struct {
	Kind       string    `json:"kind"` // award, action or mission
	ID         string    `json:"id"`
	RepID      string    `json:"rep_id"`
	ShownAt    time.Time `json:"shown_at"` // the as-of of the build
	DayOn      string    `json:"day_on,omitempty"`
	Place      *int64    `json:"place,omitempty"`
	Name       string    `json:"name"`
	Metric     string    `json:"metric,omitempty"`
	Source     string    `json:"source,omitempty"`
	RecordType string    `json:"record_type,omitempty"`
	RecordID   string    `json:"record_id,omitempty"`
	Target     *float64  `json:"target,omitempty"`
	Points     *int64    `json:"points,omitempty"`
	Gain       *float64  `json:"gain_points,omitempty"`
	EarnedAt   time.Time `json:"earned_at,omitzero"`
	Span       string    `json:"span,omitempty"`
	StartsOn   string    `json:"starts_on,omitempty"`
	Records    string    `json:"records,omitempty"`
	Text       string    `json:"text"`
}

// shown are the rows of plan.shown: nothing that was shown after the build's instant.
func (in Inputs) shown() []Row {
	rows := []Row{}
	for _, s := range in.Shown {
		if s.ShownAt.After(in.AsOf) {
			continue
		}
		var earned any
		if !s.EarnedAt.IsZero() {
			earned = s.EarnedAt
		}
		rows = append(rows, Row{
			s.Kind, s.ID, s.RepID, s.ShownAt, orNull(s.DayOn), valueOrNull(s.Place), s.Name, orNull(s.Metric),
			orNull(s.Source), orNull(s.RecordType), orNull(s.RecordID), valueOrNull(s.Target), valueOrNull(s.Points), valueOrNull(s.Gain),
			earned, orNull(s.Span), orNull(s.StartsOn), orNull(s.Records), s.Text,
		})
	}
	return rows
}

func valueOrNull[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}
