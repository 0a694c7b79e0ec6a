package report

import (
	"time"

	"merit/transform/warehouse"
)

// led is what whoever leads the programme is shown: whether it is used, whether it works,
// whether it is fair, and who needs help. Every verdict is the tables' own.
type led struct {
	adoption    []teamWeek
	fairness    []fairnessMeasure
	persistence []judged
	quotas      []quotaSpread
	pilots      []pilotResult
	coaching    []coachingResult
	warnings    []earlyWarning
	skills      map[personPeriod][]judged
	signs       []diagnosisSign
	validity    []validityResult
}

// A diagnosisSign points to people who do not want, or to a programme that does not let them.
type diagnosisSign struct{ Sign, Motivation, System, PointsTo, Evidence string }

type validityResult struct {
	role, metric, outcome, verdict, text string
	people                               int64
	spearman, low, high                  Maybe
}

type teamWeek struct {
	team, verdict, text string
	week                time.Time
	isTold              bool
	people              int64
	share, low, high    Maybe
}

type fairnessMeasure struct {
	period, role, kind, segment, measure, verdict, text string
	people, value, low, high                            Maybe
}

// A judged row is a verdict and its sentence.
type judged struct{ period, role, about, verdict, text string }

type quotaSpread struct {
	period, role          string
	reps, atQuota         int64
	unknown               int64
	lower, median, higher Maybe
}

type pilotResult struct {
	name, metric, verdict, text string
	starts, ends                time.Time
	isRunning                   bool
	did, low, high              Maybe
}

type coachingResult struct {
	topic, metric, verdict, why string
	sessions, people            int64
	change, low, high           Maybe
}

type earlyWarning struct {
	role, rep, kind, text string
	isOfRole, isCurrent   bool
	isTop                 bool
	week, last            time.Time
}

func (l *led) steps() []step {
	l.skills = map[personPeriod][]judged{}
	return []step{
		{"adoption", func(row warehouse.Row) {
			l.adoption = append(l.adoption, teamWeek{row.Text("team"), row.Text("verdict"), row.Text("text"), row.Time("week_on"), row.Bool("is_told"), row.Int("people"),
				maybe(row, "consistent_share"), maybe(row, "low"), maybe(row, "high")})
		}},
		{"fairness", func(row warehouse.Row) {
			l.fairness = append(l.fairness, fairnessMeasure{row.Text("period"), row.Text("role"), row.Text("segment_kind"), row.Text("segment"), row.Text("measure"),
				row.Text("verdict"), row.Text("text"), maybe(row, "n"), maybe(row, "value"), maybe(row, "low"), maybe(row, "high")})
		}},
		{"persistence", func(row warehouse.Row) {
			l.persistence = append(l.persistence, judged{row.Text("period"), row.Text("role"), row.Text("board"), row.Text("verdict"), row.Text("text")})
		}},
		{"quotas", func(row warehouse.Row) {
			l.quotas = append(l.quotas, quotaSpread{row.Text("period"), row.Text("role"), row.Int("reps"), row.Int("reps_at_quota"), row.Int("unknown_reps"),
				maybe(row, "lower_quartile_attainment"), maybe(row, "median_attainment"), maybe(row, "upper_quartile_attainment")})
		}},
		{"pilots", func(row warehouse.Row) {
			l.pilots = append(l.pilots, pilotResult{row.Text("pilot"), row.Text("metric"), row.Text("verdict"), row.Text("text"), row.Time("starts_on"), row.Time("ends_on"),
				row.Bool("is_running"), maybe(row, "did"), maybe(row, "low"), maybe(row, "high")})
		}},
		{"coaching_effects", func(row warehouse.Row) {
			l.coaching = append(l.coaching, coachingResult{row.Text("topic"), row.Text("metric"), row.Text("verdict"), row.Text("why"), row.Int("sessions"), row.Int("people"),
				maybe(row, "change"), maybe(row, "low"), maybe(row, "high")})
		}},
		{"early_warnings", func(row warehouse.Row) {
			l.warnings = append(l.warnings, earlyWarning{row.Text("role"), row.Text("rep_id"), row.Text("kind"), row.Text("text"), row.Text("subject") == "role", row.Bool("is_current"),
				row.Bool("is_top_performer"), row.Time("week_on"), row.Time("last_on")})
		}},
		{"diagnosis", func(row warehouse.Row) {
			l.signs = append(l.signs, diagnosisSign{row.Text("sign"), row.Text("motivation"), row.Text("system"), row.Text("points_to"), row.Text("evidence")})
		}},
		{"validity", func(row warehouse.Row) {
			l.validity = append(l.validity, validityResult{row.Text("role"), row.Text("metric"), row.Text("outcome"), row.Text("verdict"), row.Text("text"), row.Int("people"),
				maybe(row, "spearman"), maybe(row, "low"), maybe(row, "high")})
		}},
		{"skills", func(row warehouse.Row) {
			l.skills[of(row)] = append(l.skills[of(row)], judged{about: row.Text("metric"), verdict: row.Text("verdict"), text: row.Text("text")})
		}},
	}
}
