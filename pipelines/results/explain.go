package results

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/plan"
	"merit/transform/warehouse"
)

// A Scorecard is one rep's score in one role in a period, with what made it.
type Scorecard struct {
	RepID, Name, Role, Period string
	Score, Tier, Multiplier   string // "" without a value
	Reasons                   string
	Projected                 string // the score if values of too few records counted as they are
	Coverage                  string // percent of the plan's weight that was measured
	CoverageReason            string // why that is too little for a tier; "" when it is enough
	IsHeld                    bool
	Metrics                   []MetricShare
}

// A MetricShare is what one metric gave to a score.
type MetricShare struct {
	Metric, Title, Value, Unit          string
	Normalised                          string // what is scored instead of the value, in a territory of mean potential; "" where the value is
	Floor, Target, Attainment           string
	Weight, WeightUsed, Samples, Reason string
	Evidence                            []EvidenceRow
}

// An EvidenceRow is one CRM record that counted, for or against.
type EvidenceRow struct {
	OccurredAt                     time.Time
	Source, RecordType, RecordID   string
	Numerator, Denominator, Detail string
	Excluded                       string // the reason, "" when it counts
	Link                           string // the record's page at the CRM, "" when not known
}

// Explain follows a rep's scores of a period down to the records. A metric's
// name narrows it to that metric, also one that the role is not measured by.
func (t Tables) Explain(ctx context.Context, rep, period, metric string) ([]Scorecard, error) {
	if metric != "" {
		if err := t.knownMetric(metric); err != nil {
			return nil, err
		}
	}
	cards, err := t.scorecards(ctx, rep, period)
	if err != nil {
		return nil, err
	}
	for i := range cards {
		c := &cards[i]
		if c.Metrics, err = t.shares(ctx, *c, metric); err != nil {
			return nil, err
		}
		if metric != "" && len(c.Metrics) == 0 {
			if c.Metrics, err = t.beside(ctx, *c, metric); err != nil {
				return nil, err
			}
		}
		for k := range c.Metrics {
			if c.Metrics[k].Evidence, err = t.evidence(ctx, *c, c.Metrics[k].Metric); err != nil {
				return nil, err
			}
		}
	}
	return cards, nil
}

// knownMetric refuses a name that no model has.
func (t Tables) knownMetric(name string) error {
	known := slices.Clone(t.Metrics)
	if slices.Contains(known, name) {
		return nil
	}
	if now := plan.Renamed(name); slices.Contains(known, now) {
		return fault.Errorf(fault.You, "the metric %s is called %s now", name, now)
	}
	return fault.Errorf(fault.You, "no metric is called %q%s", name, fault.Instead(name, known))
}

// beside is a metric that the role is not measured by: it has a value where there
// is evidence, and no part in the score.
func (t Tables) beside(ctx context.Context, c Scorecard, metric string) ([]MetricShare, error) {
	rows, err := t.Rows(ctx, `select metric_definitions.metric, metric_definitions.title, metric_definitions.unit, measures.value, coalesce(measures.samples, 0) as samples
		from scores.metric_definitions
		left join scores.measures
			on measures.metric = metric_definitions.metric
			and measures.rep_id = ? and measures.period = ? and measures.role = ?
		where metric_definitions.metric = ?`, c.RepID, c.Period, c.Role, metric)
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	var shares []MetricShare
	for _, row := range rows {
		shares = append(shares, MetricShare{
			Metric: row.Text("metric"), Title: row.Text("title"), Unit: row.Text("unit"), Value: row.Text("value"),
			Samples: row.Text("samples"), Reason: fmt.Sprintf("no part of the score of %q", c.Role),
		})
	}
	return shares, nil
}

func (t Tables) scorecards(ctx context.Context, rep, period string) ([]Scorecard, error) {
	rows, err := t.Rows(ctx, `select rep_id, name, role, period, score, projected_score, tier, multiplier, reasons, coverage_percent, coverage_reason, is_held
		from scores.rep_scores where rep_id = ? and period = ? order by role`, rep, period)
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	if len(rows) == 0 {
		return nil, t.unknownRep(ctx, rep, period)
	}
	var cards []Scorecard
	for _, row := range rows {
		cards = append(cards, Scorecard{
			RepID: row.Text("rep_id"), Name: row.Text("name"), Role: row.Text("role"), Period: row.Text("period"),
			Score: ofTwoDigits(row.Text("score")), Tier: row.Text("tier"), Multiplier: row.Text("multiplier"), Reasons: row.Text("reasons"),
			Projected: ofTwoDigits(row.Text("projected_score")), Coverage: trimmed(row.Text("coverage_percent")), CoverageReason: row.Text("coverage_reason"), IsHeld: row.Bool("is_held"),
		})
	}
	return cards, nil
}

// unknownRep says which periods the rep has, or which reps there are.
func (t Tables) unknownRep(ctx context.Context, rep, period string) error {
	rows, err := t.Rows(ctx, "select period from scores.rep_scores where rep_id = ? order by period", rep)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		return fault.Errorf(fault.You, "%s was not on the roster in %s; there are %s to %s", rep, period, rows[0].Text("period"), rows[len(rows)-1].Text("period"))
	}
	return t.noRep(ctx, rep)
}

func (t Tables) noRep(ctx context.Context, rep string) error {
	rows, err := t.Rows(ctx, "select distinct rep_id, name from scores.rep_scores order by rep_id")
	if err != nil {
		return err
	}
	var ids, names []string
	for _, row := range rows {
		ids, names = append(ids, row.Text("rep_id")), append(names, row.Text("name"))
	}
	ids = slices.Compact(ids)
	if near := fault.Nearest(rep, names); near != "" && fault.Nearest(rep, ids) == "" {
		return fault.Errorf(fault.You, "nobody on the roster is called %q, did you mean %q?", rep, near)
	}
	return fault.Errorf(fault.You, "nobody on the roster is called %q%s", rep, fault.Instead(rep, ids))
}

// RepID is the rep_id of who is named by it, or by a name that one person alone has.
func (t Tables) RepID(ctx context.Context, who string) (string, error) {
	rows, err := t.Rows(ctx, `select distinct rep_id from scores.rep_scores
		where rep_id = ? or (lower(name) = lower(?) and not exists (select 1 from scores.rep_scores as given where given.rep_id = ?))
		order by rep_id`, who, who, who)
	if err != nil {
		return "", warehouse.NotBuilt(err)
	}
	switch len(rows) {
	case 0:
		return "", t.noRep(ctx, who)
	case 1:
		return rows[0].Text("rep_id"), nil
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.Text("rep_id"))
	}
	return "", fault.Errorf(fault.You, "%d people are called %q: %s; name one by the rep_id", len(ids), who, strings.Join(ids, ", "))
}

func (t Tables) shares(ctx context.Context, c Scorecard, metric string) ([]MetricShare, error) {
	rows, err := t.Rows(ctx, `select
			attainments.metric, metric_definitions.title, attainments.value, attainments.normalised_value, metric_definitions.unit, attainments.floor_value, attainments.target_value,
			attainments.attainment, attainments.weight, attainments.weight_used, attainments.samples, attainments.reason
		from scores.attainments
		join scores.metric_definitions using (metric)
		where attainments.rep_id = ? and attainments.period = ? and attainments.role = ?
		order by attainments.weight desc, attainments.metric`, c.RepID, c.Period, c.Role)
	if err != nil {
		return nil, err
	}
	var shares []MetricShare
	for _, row := range rows {
		if metric != "" && row.Text("metric") != metric {
			continue
		}
		shares = append(shares, MetricShare{
			Metric: row.Text("metric"), Title: row.Text("title"), Value: row.Text("value"), Normalised: row.Text("normalised_value"), Unit: row.Text("unit"),
			Floor: row.Text("floor_value"), Target: row.Text("target_value"), Attainment: row.Text("attainment"),
			Weight: row.Text("weight"), WeightUsed: row.Text("weight_used"), Samples: row.Text("samples"), Reason: row.Text("reason"),
		})
	}
	return shares, nil
}

// evidence are the very rows that the value is an aggregate of.
func (t Tables) evidence(ctx context.Context, c Scorecard, metric string) ([]EvidenceRow, error) {
	rows, err := t.Rows(ctx, `select
			metric_evidence.occurred_at, metric_evidence.source, metric_evidence.record_type, metric_evidence.record_id,
			metric_evidence.numerator, metric_evidence.denominator, metric_evidence.detail,
			metric_evidence.is_excluded, metric_evidence.exclusion_reason, deals.url
		from scores.metric_evidence
		left join core.deals
			on metric_evidence.record_type = 'deal'
			and deals.source = metric_evidence.source
			and deals.deal_id = metric_evidence.record_id
		where metric_evidence.metric = ? and metric_evidence.rep_id = ? and metric_evidence.period = ? and metric_evidence.role = ?
		order by metric_evidence.occurred_at, metric_evidence.source, metric_evidence.record_id`, metric, c.RepID, c.Period, c.Role)
	if err != nil {
		return nil, err
	}
	var evidence []EvidenceRow
	for _, row := range rows {
		e := EvidenceRow{
			OccurredAt: row.Time("occurred_at"), Source: row.Text("source"), RecordType: row.Text("record_type"), RecordID: row.Text("record_id"),
			Numerator: row.Text("numerator"), Denominator: row.Text("denominator"), Detail: row.Text("detail"), Link: t.Link(row.Text("source"), row.Text("url")),
		}
		if row.Bool("is_excluded") {
			e.Excluded = row.Text("exclusion_reason")
		}
		evidence = append(evidence, e)
	}
	return evidence, nil
}

// BestOfLastPeriod is the newest period that is over as of the last build, and in
// it the rep with the highest score among those of whom most metrics are known.
func (t Tables) BestOfLastPeriod(ctx context.Context) (period, rep string, err error) {
	rows, err := t.Rows(ctx, `select rep_scores.period, rep_scores.rep_id
		from scores.rep_scores
		join plan.periods using (period)
		cross join plan.as_of
		where rep_scores.score is not null
		order by case when periods.ends_at <= as_of.as_of_at then 0 else 1 end, rep_scores.period desc, rep_scores.metrics_scored desc, rep_scores.score desc, rep_scores.rep_id
		limit 1`)
	if err != nil {
		return "", "", warehouse.NotBuilt(err)
	}
	if len(rows) == 0 {
		return "", "", fault.Errorf(fault.You, "nobody on the roster has a score yet")
	}
	return rows[0].Text("period"), rows[0].Text("rep_id"), nil
}
