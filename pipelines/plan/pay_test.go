package plan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/calendar"
)

const paid = `
versions:
  - version: "2026"
    effective_from: 2026-01-01
    roles:
      ae:
        metrics:
          stage_advances: {weight: 60, target: 40, normalise: potential}
          hygiene_score: {weight: 40, target: 0.95}
        tiers:
          - {tier: on track, from: 60, multiplier: 0.75}
        limits: {floor: {USD: 100.00}, cap: {USD: 200.00}}
      sdr:
        metrics:
          stage_advances: {weight: 100, target: 15}
    tiers:
      - {tier: bronze, from: 80, multiplier: 0.5}
    eligibility: {minimum_days: 30, counted: programme}
    limits: {floor_percent: 10, cap_percent: 120}
    budgets:
      - {currency: USD, amount: 1000.00, when_exceeded: by_tier}
      - {currency: JPY, amount: 100000, when_exceeded: refuse}
    pools:
      - pool: East
        teams: [East]
        roles: [ae]
        amount: 5000.00
        currency: USD
        metric: hygiene_score
        target: 0.9
        weights: {ae: 2}
    okrs:
      - okr: Move
        metrics: [stage_advances]
`

func TestAMistakeInWhatIsPaidIsRefusedWithItsLineAndWhatWouldBeRight(t *testing.T) {
	if _, err := Parse("plan.yml", []byte(paid), known); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new, want string }{
		{"    okrs:", "    sign_off: [near a teir]\n    okrs:", `plan.yml:32: a sign-off is asked for near a tier, truncated history, doubtful data, not for "near a teir"`},
		{"    okrs:", "    sign_off: [doubtful data, doubtful data]\n    okrs:", `plan.yml:32: doubtful data is there twice`},
		{"counted: programme", "counted: program", `plan.yml:18: counted is one of role, programme, not "program"`},
		{"minimum_days: 30", "minimum_days: -3", `plan.yml:18: minimum_days -3 is below 0`},
		{"minimum_days: 30", "minimum_days: 30.5", `plan.yml:18:33: "30.5" is not a whole number`},
		{"floor_percent: 10", "floor_percent: 130", `plan.yml:19: floor_percent 130 is above cap_percent 120`},
		{"floor: {USD: 100.00}", "floor: {USD: 300.00}", `plan.yml:12: the floor of 300 USD is above the cap of 200`},
		{"cap: {USD: 200.00}", "cap: {USD: 200.005}", `plan.yml:12: cap: 200.005 has more decimals than USD has (2)`},
		{"cap: {USD: 200.00}", "cap: {US: 200.00}", `plan.yml:12: cap: "US" is no currency of ISO 4217; write it as USD`},
		{"amount: 100000,", "amount: 100000.5,", `plan.yml:22: budget: 100000.5 has more decimals than JPY has (0)`},
		{"currency: JPY", "currency: USD", `plan.yml:22: there are two budgets in USD`},
		{", when_exceeded: refuse", "", `plan.yml:22: the budget in JPY does not say what happens when it is exceeded: when_exceeded is one of proportional, by_tier, refuse`},
		{"when_exceeded: by_tier", "when_exceeded: cut", `plan.yml:21: when_exceeded is one of proportional, by_tier, refuse, not "cut"`},
		{"metric: hygiene_score", "metric: hygiene", `plan.yml:29: pool East: there is no metric "hygiene"; there are`},
		{"metric: hygiene_score", "metric: stage_to_stage_days", `plan.yml:29: pool East: stage_to_stage_days is a median, which can't be taken of a team`},
		{"roles: [ae]", "roles: [ae, sdr]", `plan.yml:29: pool East: role sdr is not measured by hygiene_score; put it into the role's mix, with weight 0`},
		{"roles: [ae]", "roles: [ceo]", `plan.yml:24: pool East: "ceo" is no role of version 2026; there are ae, sdr`},
		{"weights: {ae: 2}", "weights: {ae: -2}", `plan.yml:31: pool East: weight -2 is below 0`},
		{"target: 0.9\n", "target: 0\n", `plan.yml:30: hygiene_score: target and floor are both 0`},
		{"    okrs:", "      - {pool: East, amount: 1, currency: USD, metric: stage_advances, target: 1}\n    okrs:", `plan.yml:32: two pools are called East`},
		{"metrics: [stage_advances]", "metrics: [stage_advances, stage_advances]", `plan.yml:34: stage_advances is named twice`},
		{"metrics: [stage_advances]", "metrics: [stages]", `plan.yml:34: there is no metric "stages"`},
		{"hygiene_score: {weight: 40, target: 0.95}", "hygiene_score: {weight: 40, target: 0.95, normalise: potential}", `plan.yml:9: hygiene_score is a mean; only what is summed up can be held against a territory's potential`},
		{"normalise: potential", "normalise: quota", `plan.yml:8: stage_advances: normalise is potential or left out, not "quota"`},
		{"weight: 60,", "weight: 60.00001,", `plan.yml:8: stage_advances: weight 60.00001 has more than four decimals`},
		{"target: 40,", "target: 40, cap: 0.00001,", `plan.yml:8: stage_advances: cap 0.00001 is not between 0 and 10000 with at most four decimals`},
		{"target: 40,", "target: 1e400,", `plan.yml:8:48: "1e400" is not below 1000000000000000 with at most nine decimals`},
		{"target: 40,", "target: NaN,", `plan.yml:8:48: "NaN" is not a number; write it as 12.5`},
		{"from: 60,", "from: 60.001,", `plan.yml:11: tier on track begins at 60.001; scores are between 0 and 10000 and have two decimals`},
		{"multiplier: 0.75", "multiplier: 0.75001", `plan.yml:11: tier on track: multiplier 0.75001 is not between 0 and 10000 with at most four decimals`},
	} {
		text := strings.Replace(paid, test.old, test.new, 1)
		if text == paid {
			t.Fatalf("the plan has no %q", test.old)
		}
		_, err := Parse("plan.yml", []byte(text), known)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s\ngot  %v\nwant %s", test.new, err, test.want)
			continue
		}
		if fault.WhoMends(err) != fault.You {
			t.Errorf("%s: the fault is not the author's", test.new)
		}
	}
}

func parsed(t *testing.T, text string) Version {
	t.Helper()
	p, err := Parse("plan.yml", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	return p.Versions[0]
}

// Each change of one rule is told in one sentence, and gives another hash.
func TestEveryRuleThatDiffersIsToldAndChangesTheHash(t *testing.T) {
	before := parsed(t, paid)
	if changes := Changes(before, before); len(changes) > 0 {
		t.Fatalf("the same version differs: %v", changes)
	}
	for _, test := range []struct{ old, new, want string }{
		{"{weight: 60, target: 40", "{weight: 60, target: 50", "role ae, metric stage_advances: target was 40, is 50"},
		{", normalise: potential", "", "role ae, metric stage_advances: normalise was potential, is not set any more"},
		{"target: 40,", "target: 40, when_missing: hold,", "role ae, metric stage_advances: when_missing was redistribute, is hold"},
		{"target: 40,", "target: 40, cap: 0,", "role ae, metric stage_advances: cap was 120, is 0"},
		{"from: 60", "from: 70", "role ae, tier on track: from was 60, is 70"},
		{"      - {tier: bronze, from: 80, multiplier: 0.5}", "      - {tier: bronze, from: 80, multiplier: 0.5}\n      - {tier: gold, from: 100, multiplier: 1}", "tier gold is new: from 100, multiplier 1"},
		{"counted: programme", "counted: role", "eligibility: counted was programme, is role"},
		{", counted: programme", ", on_last_day: true, counted: programme", "eligibility: on_last_day was not set, is true"},
		{"cap_percent: 120", "cap_percent: 100", "limits: cap_percent was 120, is 100"},
		{"floor_percent: 10, ", "", "limits: floor_percent was 10, is not set any more"},
		{"floor_percent: 10, ", "floor_percent: 0, ", "limits: floor_percent was 10, is 0"},
		{"cap: {USD: 200.00}", "cap: {USD: 250.00}", "role ae, limits, cap: USD was 200, is 250"},
		{"      - {currency: JPY, amount: 100000, when_exceeded: refuse}\n", "", "budget in JPY is gone (it had currency JPY, amount 100000, when_exceeded refuse)"},
		{"teams: [East]", "teams: [East, West]", "pool East: teams was East, is East, West"},
		{"weights: {ae: 2}", "weights: {ae: 0}", "pool East, weights: ae was 2, is 0"},
		{"        target: 0.9\n", "        target: 0.9\n        shared_by: equal\n", "pool East: shared_by was days, is equal"},
		{"metrics: [stage_advances]", "metrics: [hygiene_score]", "objective Move: metrics was stage_advances, is hygiene_score"},
		{"    tiers:\n      - {tier: bronze", "    parameters: {hygiene_score: {close_date_weight: 0.3}}\n    tiers:\n      - {tier: bronze", "parameters of hygiene_score: close_date_weight was 0.25, is 0.3"},
		{"      sdr:\n        metrics:\n          stage_advances: {weight: 100, target: 15}\n", "", "role sdr is gone (it had stage_advances weight 100, stage_advances target 15, stage_advances cap 120, stage_advances min_samples 1, stage_advances when_missing redistribute)"},
	} {
		text := strings.Replace(paid, test.old, test.new, 1)
		if text == paid {
			t.Fatalf("the plan has no %q", test.old)
		}
		after := parsed(t, text)
		if changes := Changes(before, after); !slices.Equal(changes, []string{test.want}) {
			t.Errorf("%s\ngot  %q\nwant %q", test.new, changes, test.want)
		}
		if before.Hash() == after.Hash() {
			t.Errorf("%s has the same hash", test.new)
		}
	}
}

func TestWhatHoldsAnywayHasTheSameHashWhenItIsSaid(t *testing.T) {
	said := strings.Replace(paid, "weight: 40, target: 0.95}", "weight: 40.0, target: 0.95, floor: 0, cap: 120, min_samples: 3, when_missing: redistribute}", 1)
	said = strings.Replace(said, "metric: hygiene_score", "metric: hygiene_score\n        shared_by: days\n        min_samples: 3", 1)
	if parsed(t, said).Hash() != parsed(t, paid).Hash() {
		t.Error("it has another")
	}
}

func TestLeaveIsARowOfItsOwnCutWhereAQuarterEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roster.csv")
	text := "rep_id,name,email,role,team,valid_from,valid_to,bonus_target,currency,leave\n" +
		"r1,Ann,a@x,ae,East,2025-06-01,2026-12-31,1000.500,KWD,2025-12-22..2026-01-09;2026-03-31\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Parse("plan.yml", []byte(paid), known)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Phoenix") // west of Greenwich: midnight there is another day's
	if err != nil {
		t.Fatal(err)
	}
	in := Inputs{Plan: p, Calendar: calendar.Calendar{Zone: zone, StartMonth: time.January}}
	if in.Roster, err = p.Roster(path, "USD"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range in.reps() {
		to, _ := row[8].(string)
		got = append(got, row[7].(string)+" "+to+" "+map[bool]string{true: "leave"}[row[11].(int64) > 0])
	}
	want := "2025-06-01 2025-12-21 ,2025-12-22 2025-12-31 leave,2026-01-01 2026-01-09 leave,2026-01-10 2026-03-30 ,2026-03-31 2026-03-31 leave,2026-04-01 2026-12-31 "
	if strings.Join(got, ",") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ","), want)
	}
}

func TestAMistakeAboutLeaveTeamsOrMoneyIsRefusedWithItsLine(t *testing.T) {
	const header = "rep_id,name,email,role,team,valid_from,valid_to,bonus_target,currency,leave_days,leave\n"
	for _, test := range []struct{ row, want string }{
		{"r1,Ann,a@x,ae,East,2026-01-01,,1,USD,,2026-02-30", `roster.csv:2: leave: "2026-02-30" is neither a day nor a range`},
		{"r1,Ann,a@x,ae,East,2026-01-01,,1,USD,,2026-02-10..2026-02-01", `roster.csv:2: leave: "2026-02-10..2026-02-01" ends before it begins`},
		{"r1,Ann,a@x,ae,East,2026-01-01,,1,USD,,2025-12-31", `roster.csv:2: leave: "2025-12-31" is not within valid_from and valid_to`},
		{"r1,Ann,a@x,ae,East,2026-01-01,,1,USD,,2026-02-01..2026-02-10;2026-02-10", `roster.csv:2: leave: "2026-02-10" does not begin after the one before it ends`},
		{"r1,Ann,a@x,ae,East,2026-01-01,,1,USD,3,2026-02-01", `roster.csv:2: leave_days: is given beside leave`},
		{"r1,Ann,a@x,ae,East,2026-01-01,,1,EURO,,", `roster.csv:2: currency: "EURO" is no currency of ISO 4217; write it as USD`},
		{"r1,Ann,a@x,ae,East,2026-01-01,,1000.5,JPY,,", `roster.csv:2: bonus_target: 1000.5 has more than 0 decimals`},
		{"r1,Ann,a@x,ae,Est,2026-01-01,,1,USD,,", `plan.yml:25: pool East: nobody on the roster is in team "East", did you mean "Est"?; there are Est`},
	} {
		path := filepath.Join(t.TempDir(), "roster.csv")
		if err := os.WriteFile(path, []byte(header+test.row+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Parse("plan.yml", []byte(paid), known)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Roster(path, "USD"); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}
