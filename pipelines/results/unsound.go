package results

import (
	"context"
	"fmt"
	"strings"

	"merit/pipelines/payouts"
)

// mostNamed bounds the words of one flag.
const mostNamed = 3

// Unsound are the reps of a period of whose counted records a value was not believed or
// not known: their pay stands on it. A model set without the table has none.
func (t Tables) Unsound(ctx context.Context, period string) ([]payouts.Flag, error) {
	if !t.HasQuality {
		return nil, nil
	}
	rows, err := t.Rows(ctx, `select distinct
			rep_assignments.rep_id, data_quality.source, data_quality.table_name, data_quality.record_id, data_quality.column_name, data_quality.reason
		from marts.data_quality
		join scores.metric_evidence
			on metric_evidence.source = data_quality.source
			and metric_evidence.record_id = data_quality.record_id
		join core.rep_assignments
			on rep_assignments.rep_id = metric_evidence.rep_id
			and metric_evidence.occurred_at >= rep_assignments.starts_at
			and metric_evidence.occurred_at < rep_assignments.ends_at
		join plan.metrics
			on metrics.period = rep_assignments.period
			and metrics.role = rep_assignments.role
			and metrics.metric = metric_evidence.metric
		where rep_assignments.period = ?
			and metrics.weight > 0
			and not metric_evidence.is_excluded
			and data_quality.kind in ('rejected value', 'set aside', 'unknown currency')
		order by rep_assignments.rep_id, data_quality.source, data_quality.table_name, data_quality.record_id, data_quality.column_name, data_quality.reason`, period)
	if err != nil {
		return nil, fmt.Errorf("data quality: %w", err)
	}
	var flags []payouts.Flag
	var named []string
	for i, row := range rows {
		named = append(named, fmt.Sprintf("%s %s %s %s (%s)", row.Text("source"), row.Text("table_name"), row.Text("record_id"), row.Text("column_name"), row.Text("reason")))
		if rep := row.Text("rep_id"); i+1 == len(rows) || rows[i+1].Text("rep_id") != rep {
			flags = append(flags, unsound(period, rep, named))
			named = nil
		}
	}
	return flags, nil
}

func unsound(period, rep string, named []string) payouts.Flag {
	what := "a value of a record that counts was not believed"
	if len(named) > 1 {
		what = fmt.Sprintf("%d values of records that count were not believed", len(named))
	}
	why := strings.Join(named[:min(len(named), mostNamed)], ", ")
	if more := len(named) - mostNamed; more > 0 {
		why += fmt.Sprintf(" and %d more", more)
	}
	return payouts.Flag{Period: period, RepID: rep, Rule: what, Kind: payouts.Unsound, Why: "what was not believed is corrected at the source: " + why}
}
