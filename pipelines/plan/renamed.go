package plan

// renamed are the metrics that had another name in earlier releases, by that name;
// CHANGELOG.md has the whole table. A plan that uses one is told the new name.
var renamed = map[string]string{
	"stage_transitions":        "stage_advances",
	"pipeline_velocity":        "stage_to_stage_days",
	"forecast_variance":        "forecast_error",
	"average_deal_value":       "average_deal_size",
	"activity_submission_rate": "meeting_logging_rate",
}

// Renamed is what a metric is called now that had this name before, "" when none
// had.
func Renamed(metric string) string { return renamed[metric] }

// replacedParameters are those that metrics had in earlier releases, with what says
// the same now.
var replacedParameters = map[string]string{
	"expansion_wins.deal_type":    "say under deal_classes: of merit.yml which types are expansions, and here deal_class: expansion",
	"closed_won_arr.renewal_type": "say under deal_classes: of merit.yml which types are renewals",
}
