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
