package report

import (
	"time"

	"merit/transform/warehouse"
)

// recognised is what people are shown beside their score: missions, the week's goals,
// streaks, boards, awards, what went well, and what coaching would help with. Nothing
// of it is pay.
type recognised struct {
	missions   map[string][]mission // by rep, as all that follows
	week       map[string][]weekGoal
	streaks    map[string][]streak
	neighbours map[string][]neighbour
	awards     map[string][]award
	topics     map[string][]topic
	coverage   map[personPeriod]coverage
	warnings   map[string][]dealWarning
	challenges []contest
	feed       []feedItem
}

type mission struct {
	kind, name, record, why, url string
	gain, target, done           Maybe
	points                       int64
	isDone                       bool
}

type weekGoal struct {
	metric, unit, better, why      string
	starts                         time.Time
	value, goal, percent, expected Maybe
	workingDays, daysOver          int64
}

type streak struct {
	name       string
	days, best int64
	starts     time.Time
	why        string
}

type neighbour struct {
	board, cohort, metric, name string
	starts                      time.Time
	rank, people                int64
	percent                     float64
	isViewer                    bool
}

type award struct {
	kind, name, why, reason string
	points                  int64
	earnedAt                time.Time
	isWithdrawn             bool
}

type topic struct {
	metric, topic, module, play, why string
	isLearned                        bool
}

type coverage struct {
	sessions, agreed, done, overdue int64
	lastOn                          time.Time // zero: none was held
}

type dealWarning struct{ source, deal, name, url, warning, why string }

type contest struct {
	name, entrant, entrantName, metric, state string
	isTeam, hasLasted, isJudged               bool
	starts, ends                              time.Time
	value, goal, percent                      Maybe
	rank                                      Maybe
}

type feedItem struct {
	at                        time.Time
	kind, who, text, audience string
}

func newRecognised() recognised {
	return recognised{missions: map[string][]mission{}, week: map[string][]weekGoal{}, streaks: map[string][]streak{}, neighbours: map[string][]neighbour{},
		awards: map[string][]award{}, topics: map[string][]topic{}, coverage: map[personPeriod]coverage{}, warnings: map[string][]dealWarning{}}
}

// steps are what pages read of it.
func (r *recognised) steps() []step {
	return []step{
		{"missions", func(row warehouse.Row) {
			r.missions[row.Text("rep_id")] = append(r.missions[row.Text("rep_id")], mission{row.Text("kind"), row.Text("name"), row.Text("record_name"), row.Text("why"), row.Text("url"),
				maybe(row, "gain_points"), maybe(row, "target"), maybe(row, "done"), row.Int("points"), !row.IsNull("done_at")})
		}},
		{"week", func(row warehouse.Row) {
			r.week[row.Text("rep_id")] = append(r.week[row.Text("rep_id")], weekGoal{row.Text("metric"), row.Text("unit"), row.Text("better"), row.Text("why"), row.Time("starts_on"),
				maybe(row, "value"), maybe(row, "goal"), maybe(row, "percent_of_goal"), maybe(row, "expected_by_now"), row.Int("working_days"), row.Int("days_over")})
		}},
		{"streaks", func(row warehouse.Row) {
			r.streaks[row.Text("rep_id")] = append(r.streaks[row.Text("rep_id")], streak{row.Text("streak"), row.Int("days"), row.Int("best"), row.Time("starts_on"), row.Text("why")})
		}},
		{"neighbours", func(row warehouse.Row) {
			r.neighbours[row.Text("viewer_id")] = append(r.neighbours[row.Text("viewer_id")], neighbour{row.Text("board"), row.Text("cohort"), row.Text("metric"), row.Text("name"),
				row.Time("starts_on"), row.Int("rank"), row.Int("cohort_people"), row.Float("percent_of_goal"), row.Bool("is_viewer")})
		}},
		{"awards", func(row warehouse.Row) {
			r.awards[row.Text("rep_id")] = append(r.awards[row.Text("rep_id")], award{row.Text("kind"), row.Text("name"), row.Text("why"), row.Text("reason"), row.Int("points"),
				row.Time("earned_at"), row.Bool("is_withdrawn")})
		}},
		{"coaching", func(row warehouse.Row) {
			r.topics[row.Text("rep_id")] = append(r.topics[row.Text("rep_id")], topic{row.Text("metric"), row.Text("topic"), row.Text("module"), row.Text("play"), row.Text("why"), row.Bool("is_learned")})
		}},
		{"coverage", func(row warehouse.Row) {
			c := coverage{sessions: row.Int("sessions"), agreed: row.Int("actions_agreed"), done: row.Int("actions_done"), overdue: row.Int("actions_overdue")}
			if !row.IsNull("last_held_on") {
				c.lastOn = row.Time("last_held_on")
			}
			r.coverage[of(row)] = c
		}},
		{"warnings", func(row warehouse.Row) {
			r.warnings[row.Text("rep_id")] = append(r.warnings[row.Text("rep_id")], dealWarning{row.Text("source"), row.Text("deal_id"), row.Text("name"), row.Text("url"), row.Text("warning"), row.Text("why")})
		}},
		{"challenges", func(row warehouse.Row) {
			r.challenges = append(r.challenges, contest{row.Text("challenge"), row.Text("entrant"), row.Text("entrant_name"), row.Text("metric"), row.Text("state"), row.Bool("is_team"),
				row.Bool("has_lasted"), !row.IsNull("has_lasted"), row.Time("starts_on"), row.Time("ends_on"), maybe(row, "value"), maybe(row, "goal"), maybe(row, "percent_of_goal"), maybe(row, "rank")})
		}},
		{"feed", func(row warehouse.Row) {
			r.feed = append(r.feed, feedItem{row.Time("happened_at"), row.Text("kind"), row.Text("who"), row.Text("text"), row.Text("audience")})
		}},
	}
}
