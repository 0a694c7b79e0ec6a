package results

import (
	"context"
	"maps"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// A Reason is why a row of what people are shown is there: this goal, this rank, this
// badge, this mission.
type Reason struct {
	ID      string // "" where the table has none; the row is told by When and What
	When    string
	What    string
	Why     string
	Records string // the records it rests on, SOURCE TYPE ID; "" where it names none
}

// reasonQueries ask each kind of table for a person's rows within a period, the newest
// first. Each has the person and the period as its two parameters.
var reasonQueries = map[string]string{
	"goals": `select '' as id, cast(personal_goals.starts_on as string) as told_at, personal_goals.metric || ' in the ' || personal_goals.span || ': ' || coalesce(cast(personal_goals.goal as string), 'no goal') as what,
			personal_goals.why, '' as records
		from marts.personal_goals where personal_goals.rep_id = ? and personal_goals.period = ?
		order by personal_goals.starts_on desc, personal_goals.span, personal_goals.metric`,
	"progress": `select '' as id, cast(progress.starts_on as string) as told_at, progress.metric || ' in the ' || progress.span || ': ' || coalesce(cast(progress.value as string), 'no value') as what,
			coalesce(cast(round(progress.percent_of_goal, 1) as string) || ' % of ' || cast(progress.goal as string), progress.missing_reason, 'no goal')
				|| case when progress.is_running then ', ' || coalesce(cast(round(progress.expected_by_now, 2) as string) || ' expected by now', 'running') else '' end as why,
			cast(progress.samples as string) || ' records; merit explain with the metric shows them' as records
		from marts.progress where progress.rep_id = ? and progress.period = ?
		order by progress.starts_on desc, progress.span, progress.metric`,
	"boards": `select '' as id, cast(leaderboards.starts_on as string) as told_at, leaderboards.board || ': ' || leaderboards.metric as what, leaderboards.why || ' (' || leaderboards.cohort_rule || ')' as why, '' as records
		from marts.leaderboards join plan.periods on leaderboards.starts_on >= periods.starts_on and leaderboards.starts_on <= periods.ends_on
		where leaderboards.rep_id = ? and periods.period = ? and leaderboards.is_own_cohort
		order by leaderboards.starts_on desc, leaderboards.board`,
	"badges": `select awards.award_id as id, cast(awards.earned_at as string) as told_at, awards.kind || ' ' || awards.name as what,
			awards.why || coalesce('; withdrawn: ' || awards.reason, '') as why, coalesce(awards.records, '') as records
		from marts.awards join plan.periods on awards.earned_at >= periods.starts_at and awards.earned_at < periods.ends_at
		where awards.rep_id = ? and periods.period = ? order by awards.earned_at desc, awards.award_id`,
	"streaks": `select '' as id, cast(streaks.starts_on as string) as told_at, streaks.streak as what, streaks.why, '' as records
		from marts.streaks join plan.periods on streaks.starts_on <= periods.ends_on and streaks.last_on >= periods.starts_on
		where streaks.rep_id = ? and periods.period = ? order by streaks.starts_on desc, streaks.streak`,
	"challenges": `select '' as id, cast(challenges.starts_on as string) as told_at, challenges.challenge || ' for ' || challenges.entrant_name as what, challenges.why, '' as records
		from marts.challenges
		join plan.periods on challenges.starts_on <= periods.ends_on and challenges.ends_on >= periods.starts_on
		join core.reps on challenges.entrant = case when challenges.is_team then reps.team else reps.rep_id end
		where reps.rep_id = ? and periods.period = ? order by challenges.starts_on desc, challenges.challenge`,
	"actions": `select next_actions.action_id as id, cast(next_actions.suggested_at as string) as told_at,
			next_actions.kind || coalesce(' ' || next_actions.record_name, '') as what,
			next_actions.why || coalesce('; the score gains ' || cast(next_actions.gain_points as string), '') || '; ' || next_actions.state as why,
			next_actions.source || ' ' || next_actions.record_type || ' ' || next_actions.record_id as records
		from marts.next_actions join plan.periods on next_actions.suggested_at >= periods.starts_at and next_actions.suggested_at < periods.ends_at
		where next_actions.rep_id = ? and periods.period = ?
		order by coalesce(next_actions.gain_points, 0) desc, next_actions.action_id`,
	"missions": `select missions.mission_id as id, cast(missions.day_on as string) as told_at, cast(missions.place as string) || ' ' || missions.name as what,
			missions.why || case when missions.done_at is not null then '; done' else '' end as why,
			coalesce(missions.source || ' ' || missions.record_type || ' ' || missions.record_id, '') as records
		from marts.missions join plan.periods on missions.day_on >= periods.starts_on and missions.day_on <= periods.ends_on
		where missions.rep_id = ? and periods.period = ? order by missions.day_on desc, missions.place`,
	"warnings": `select '' as id, cast(deal_warnings.since_on as string) as told_at, deal_warnings.warning || coalesce(' ' || deal_warnings.name, '') as what, deal_warnings.why,
			deal_warnings.source || ' deal ' || deal_warnings.deal_id as records
		from marts.deal_warnings cross join plan.periods
		where deal_warnings.rep_id = ? and periods.period = ? order by deal_warnings.since_on, deal_warnings.warning, deal_warnings.deal_id`,
	"coaching": `select '' as id, '' as told_at, coaching_map.topic || coalesce(', ' || coaching_map.module, '') as what, coaching_map.why, coalesce(coaching_map.play, '') as records
		from marts.coaching_map where coaching_map.rep_id = ? and coaching_map.period = ?
		union all
		select '' as id, cast(coaching_coverage.last_held_on as string) as told_at, coaching_coverage.topic as what, coaching_coverage.why, '' as records
		from marts.coaching_coverage where coaching_coverage.rep_id = ? and coaching_coverage.period = ?
		order by what, told_at`,
	"feed": `select recognition_feed.feed_id as id, cast(recognition_feed.happened_at as string) as told_at, recognition_feed.kind || ' for ' || recognition_feed.audience as what, recognition_feed.text as why, '' as records
		from marts.recognition_feed join plan.periods on recognition_feed.happened_at >= periods.starts_at and recognition_feed.happened_at < periods.ends_at
		where recognition_feed.who = ? and periods.period = ? order by recognition_feed.happened_at desc, recognition_feed.feed_id`,
}

// Kinds of what people are shown, of which Why tells the reasons.
func Kinds() []string { return slices.Sorted(maps.Keys(reasonQueries)) }

// Why tells a person's rows of one kind in a period, each with its reason.
func (t Tables) Why(ctx context.Context, rep, period, kind string) ([]Reason, error) {
	query, known := reasonQueries[kind]
	if !known {
		return nil, fault.Errorf(fault.You, "there is no %q to tell the reasons of%s", kind, fault.Instead(kind, Kinds()))
	}
	if _, err := t.scorecards(ctx, rep, period); err != nil { // nobody of that name, or not then
		return nil, err
	}
	var args []any
	for range strings.Count(query, "?") / 2 {
		args = append(args, rep, period)
	}
	rows, err := t.Rows(ctx, query, args...)
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	var reasons []Reason
	for _, row := range rows {
		reasons = append(reasons, Reason{ID: row.Text("id"), When: row.Text("told_at"), What: row.Text("what"), Why: row.Text("why"), Records: row.Text("records")})
	}
	return reasons, nil
}
