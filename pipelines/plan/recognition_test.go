package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"merit/pipelines/calendar"
)

var recognised = Known{
	"calls":     {Kind: "sum", Control: "own", Spans: []string{"week", "month", "quarter"}},
	"touches":   {Kind: "ratio", Control: "own", Spans: []string{"week", "month", "quarter"}},
	"hygiene":   {Kind: "mean", Control: "own", Spans: []string{"quarter"}},
	"meetings":  {Kind: "sum", Control: "shared", Spans: []string{"week", "month", "quarter"}},
	"win_rate":  {Kind: "ratio", Control: "outcome", Spans: []string{"month", "quarter"}},
	"won_value": {Kind: "sum", Control: "outcome", Spans: []string{"month", "quarter"}},
}

// recognising is a plan whose recognition is that text, from line 12 on.
func recognising(text string) string {
	return `
versions:
  - version: "1"
    effective_from: 2026-01-01
    roles:
      ae:
        metrics:
          calls: {weight: 100, target: 40}
    tiers:
      - {tier: gold, from: 100, multiplier: 1}
    recognition:
      ` + text + "\n"
}

func TestRecognitionThatComparesOrSpursByWhatIsNotOnesOwnIsRefused(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"an outcome on a board", `boards: [{board: b, rotation: [calls, won_value]}]`,
			"board b: won_value is an outcome, which the customer decides; only a behaviour that people control themselves belongs there, such as calls"},
		{"what others decide, too", `boards: [{board: b, rotation: [meetings]}]`, "board b: meetings is decided by others, too;"},
		{"a metric that no week can tell", `boards: [{board: b, rotation: [hygiene]}]`, "board b: hygiene can't be told by the week, only by the quarter"},
		{"a board of four", `boards: [{board: b, rotation: [calls], at_least: 4}]`, "board b: with fewer than 5 people a rank names who is last"},
		{"a cohort by region alone", `boards: [{board: b, rotation: [calls], cohort: [region]}]`, "board b: a cohort is [role], [role, region] or [role, region, shift], not [region]"},
		{"an outcome in a challenge", `challenges: [{challenge: c, metric: won_value, from: 2026-02-02, to: 2026-02-06}]`, "challenge c: won_value is an outcome"},
		{"a challenge over 28 days", `challenges: [{challenge: c, metric: calls, from: 2026-02-01, to: 2026-03-01}]`,
			"challenge c runs 29 days; what runs longer than 28 loses its urgency: end it sooner, and start another"},
		{"a challenge backwards", `challenges: [{challenge: c, metric: calls, from: 2026-02-02, to: 2026-02-01}]`, "challenge c ends before it begins"},
		{"three behaviours in a focus", `focus: [{team: t, from: 2026-02-01, to: 2026-02-28, behaviour: [calls, touches, hygiene]}]`, "the focus of t names 3 behaviours; nobody looks at more than two"},
		{"two outcomes in a focus", `focus: [{team: t, from: 2026-02-01, to: 2026-02-28, behaviour: [calls], outcome: [win_rate, won_value]}]`, "the focus of t names 2 outcomes; one is enough"},
		{"an outcome as behaviour", `focus: [{team: t, from: 2026-02-01, to: 2026-02-28, behaviour: [win_rate]}]`, "the focus of t: win_rate is an outcome, not a behaviour; put it under outcome:"},
		{"a badge without a metric", `badges: [{badge: thanks, span: week, from: 1}]`, "badge thanks has no metric: nobody could say what it is earned by"},
		{"a badge by the week of a quarter's metric", `badges: [{badge: b, metric: hygiene, span: week, from: 1}]`, "badge b: hygiene can't be told by the week, only by the quarter"},
		{"an own goal of a quarter", `badges: [{badge: b, metric: hygiene, span: quarter}]`, "badge b: there is no own goal for a quarter; say from:"},
		{"a streak of a rate", `streaks: [{streak: s, metric: touches}]`, "streak s: touches is a ratio; a day is done by records that are counted"},
		{"a mission of a rate", `missions: [{mission: m, metric: touches}]`, "mission m: a day's part of touches can't be counted"},
		{"a metric that is none", `coaching: [{topic: x, metric: call}]`, `coaching x: there is no metric "call", did you mean "calls"?`},
		{"two of one name", `badges: [{badge: b, metric: calls, span: week}, {badge: b, metric: calls, span: month}]`, "two badges are called b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("plan.yml", []byte(recognising(test.text)), recognised)
			if err == nil || !strings.HasPrefix(err.Error(), "plan.yml:12") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant plan.yml:12 … %s", err, test.want)
			}
		})
	}
}

func TestRecognitionIsNoPartOfWhatIsPaid(t *testing.T) {
	hash := func(text string) string {
		p, err := Parse("plan.yml", []byte(recognising(text)), recognised)
		if err != nil {
			t.Fatal(err)
		}
		return p.Versions[0].Hash()
	}
	if hash(`badges: []`) != hash(`badges: [{badge: b, metric: calls, span: week, points: 5}]`) {
		t.Error("another badge changed the hash that payouts carry")
	}
}

func TestAChallengeStandsInTheQuarterInWhichItBegins(t *testing.T) {
	p, err := Parse("plan.yml", []byte(recognising(`{challenges: [{challenge: c, metric: calls, from: 2026-03-30, to: 2026-04-10, teams: [West, East]}], boards: [{board: b, rotation: [touches, calls]}]}`)), recognised)
	if err != nil {
		t.Fatal(err)
	}
	in := Inputs{Plan: p, Calendar: calendar.Calendar{Zone: time.UTC, StartMonth: time.January}, Currency: "USD", AsOf: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC),
		Shown: []Shown{{Kind: "award", ID: "a", ShownAt: time.Date(2026, 4, 30, 0, 0, 0, 0, time.UTC)}, {Kind: "award", ID: "b", ShownAt: time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)}}}
	in.First = in.Calendar.Quarter(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	tables := in.Tables()
	for table, want := range map[string]string{
		"challenges":      "[[c calls 2026-03-30 2026-04-10 <nil> 0 true 2026-Q1]]",
		"challenge_teams": "[[c East] [c West]]",
		"boards":          "[[2026-Q1 b 1 2 touches week 2 5] [2026-Q1 b 2 2 calls week 2 5] [2026-Q2 b 1 2 touches week 2 5] [2026-Q2 b 2 2 calls week 2 5]]",
	} {
		if got := fmt.Sprint(tables[table]); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", table, got, want)
		}
	}
	if n := len(tables["shown"]); n != 1 {
		t.Errorf("%d things were shown before the build's instant, not 1", n)
	}
}
