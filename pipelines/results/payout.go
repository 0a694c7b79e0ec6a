package results

import (
	"context"
	"fmt"
	"time"

	"merit/pipelines/payouts"
)

// Measures are what each metric gave to the scores of a period.
func (t Tables) Measures(ctx context.Context, period string) ([]payouts.Measurement, error) {
	rows, err := t.Rows(ctx, `select
			attainments.rep_id, attainments.role, attainments.metric, metric_definitions.title, metric_definitions.signal, metric_definitions.unit,
			attainments.value, attainments.floor_value, attainments.target_value, attainments.cap, attainments.attainment,
			attainments.weight, attainments.weight_used, attainments.samples, attainments.reason
		from scores.attainments
		join scores.metric_definitions using (metric)
		where attainments.period = ?
		order by attainments.rep_id, attainments.role, attainments.weight desc, attainments.metric`, period)
	if err != nil {
		return nil, err
	}
	var measures []payouts.Measurement
	for _, row := range rows {
		measures = append(measures, payouts.Measurement{
			Period: period, RepID: row.Text("rep_id"), Role: row.Text("role"), Metric: row.Text("metric"),
			Title: row.Text("title"), Signal: row.Text("signal"), Unit: row.Text("unit"),
			Value: row.Text("value"), Floor: row.Text("floor_value"), Target: row.Text("target_value"), Cap: row.Text("cap"), Attainment: row.Text("attainment"),
			Weight: row.Text("weight"), WeightUsed: row.Text("weight_used"), Samples: row.Text("samples"), Reason: row.Text("reason"),
		})
	}
	return measures, nil
}

// Evidence are all records that count in a period, for whomever.
func (t Tables) Evidence(ctx context.Context, period string) ([]payouts.Evidence, error) {
	rows, err := t.Rows(ctx, `select
			metric_evidence.rep_id, metric_evidence.role, metric_evidence.metric, metric_evidence.occurred_at, metric_evidence.source, metric_evidence.record_type,
			metric_evidence.record_id, metric_evidence.numerator, metric_evidence.denominator, metric_evidence.is_excluded, metric_evidence.exclusion_reason,
			metric_evidence.is_truncated, metric_evidence.detail, deals.url
		from scores.metric_evidence
		join plan.metrics
			on metrics.period = metric_evidence.period
			and metrics.role = metric_evidence.role
			and metrics.metric = metric_evidence.metric
		left join core.deals
			on metric_evidence.record_type = 'deal'
			and deals.source = metric_evidence.source
			and deals.deal_id = metric_evidence.record_id
		where metric_evidence.period = ?`, period)
	if err != nil {
		return nil, err
	}
	var found []payouts.Evidence
	for _, row := range rows {
		e := payouts.Evidence{
			Period: period, RepID: row.Text("rep_id"), Role: row.Text("role"), Metric: row.Text("metric"), OccurredAt: row.Time("occurred_at").UTC().Format(time.RFC3339Nano),
			Source: row.Text("source"), RecordType: row.Text("record_type"), RecordID: row.Text("record_id"),
			Numerator: row.Text("numerator"), Denominator: row.Text("denominator"), IsTruncated: row.Bool("is_truncated"), Detail: row.Text("detail"),
		}
		if row.Bool("is_excluded") {
			e.Excluded = row.Text("exclusion_reason")
		}
		e.Link = t.Link(e.Source, row.Text("url"))
		found = append(found, e)
	}
	payouts.Identify(found)
	return found, nil
}

// OpenFlags are what holds lines, where the models have flags: the open flags of high
// severity, and the scores that wait for a manager's sign-off.
func (t Tables) OpenFlags(ctx context.Context, period string) ([]payouts.Flag, error) {
	if t.FlagsTable == "" {
		return nil, nil
	}
	rows, err := t.Rows(ctx, "select distinct period, rep_id, rule, why from "+t.FlagsTable+" where period = ? and severity = 'high' and state in ('open', 'reopened') order by rep_id, rule, why", period)
	if err != nil {
		return nil, fmt.Errorf("open flags: %w", err)
	}
	var flags []payouts.Flag
	for _, row := range rows {
		flags = append(flags, payouts.Flag{Period: row.Text("period"), RepID: row.Text("rep_id"), Rule: row.Text("rule"), Why: row.Text("why")})
	}
	unsigned, err := t.unsigned(ctx, period)
	return append(flags, unsigned...), err
}

// unsigned are the scores that the plan wants a manager to sign off and none has.
func (t Tables) unsigned(ctx context.Context, period string) ([]payouts.Flag, error) {
	rows, err := t.Rows(ctx, "select period, rep_id, role, reason, detail from audits.borderline where period = ? and state = 'waiting' order by rep_id, role, reason", period)
	if err != nil {
		return nil, fmt.Errorf("scores to be signed off: %w", err)
	}
	var flags []payouts.Flag
	for _, row := range rows {
		flags = append(flags, payouts.Flag{
			Period: row.Text("period"), RepID: row.Text("rep_id"), Rule: row.Text("reason"), Kind: payouts.SignOff,
			Why: "a manager signs off the score as " + row.Text("role") + ": " + row.Text("detail"),
		})
	}
	return flags, nil
}
