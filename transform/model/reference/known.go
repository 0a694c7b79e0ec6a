package reference

// Known are the metrics that are computed a second time here. A metric that a plan of
// ours pays on must be one of them; of any other a missing second computation is
// named by the tests and is no failure.
var Known = []string{
	"average_deal_size", "calls_logged", "closed_won_arr", "coaching_actions_done", "coaching_sessions",
	"content_leads", "contracts_sent", "crm_active_days", "data_completeness", "demo_to_proposal", "demos_held",
	"emails_sent", "expansion_wins", "forecast_error", "hygiene_score", "learning_completion",
	"meeting_logging_rate", "meetings_booked_next_week", "meetings_held", "notes_logged",
	"overdue_follow_ups_cleared", "presentations_given", "proposals_sent", "qualified_opportunities",
	"qualified_touch_rate", "ramp_days", "renewal_coverage", "renewal_rate", "renewal_rate_influenced", "renewed_arr", "sales_cycle_days", "social_posts",
	"stage_advances", "stage_to_stage_days", "total_won_arr", "weekly_active", "win_rate",
}
