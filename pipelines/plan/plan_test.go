package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/calendar"
)

var known = Known{
	"stage_advances":      {Kind: "sum"},
	"hygiene_score":       {Kind: "mean", Parameters: Settings{"required_field": {"amount", "next_step"}, "close_date_weight": {"0.25"}}},
	"stage_to_stage_days": {Kind: "median"},
}

const good = `
versions:
  - version: "2025.1"
    effective_from: 2025-01-01
    roles:
      ae:
        title: Account executive
        metrics:
          stage_advances: {weight: 60, target: 40}
          hygiene_score: {weight: 40, floor: 0.5, target: 0.95, cap: 110, min_samples: 5, when_missing: zero}
    tiers:
      - {tier: bronze, from: 80, multiplier: 0.5}
      - {tier: gold, from: 100, multiplier: 1.25}
  - version: "2026.1"
    effective_from: 2026-02-15
    roles:
      ae:
        metrics:
          stage_advances: {weight: 100, target: 40}
    parameters:
      hygiene_score: {required_field: [amount, close_on, amount]}
`

func parse(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := Parse("plan.yml", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAMistakeInThePlanIsRefusedWithItsLine(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"weights that miss 100", "weight: 60", "weight: 59.5", `plan.yml:9: the weights of role ae sum to 99.5, not to 100`},
		{"an unknown metric", "stage_advances: {weight: 60", "stage_advance: {weight: 60", `plan.yml:9: role ae: there is no metric "stage_advance", did you mean "stage_advances"?; there are hygiene_score, stage_advances, stage_to_stage_days`},
		{"a metric by its old name", "stage_advances: {weight: 60", "stage_transitions: {weight: 60", `plan.yml:9: role ae: the metric stage_transitions is called stage_advances now; write that`},
		{"an unknown field", "weight: 60", "weigth: 60", `plan.yml:9:28: unknown field "weigth"; did you mean "weight"?`},
		{"a weight that is no number", "weight: 60", "weight: lots", `plan.yml`},
		{"a target that is the floor", "target: 0.95", "target: 0.50", `plan.yml:10: hygiene_score: target and floor are both 0.5;`},
		{"an unknown rule for missing", "when_missing: zero", "when_missing: nil", `plan.yml:10: hygiene_score: when_missing is one of redistribute, zero, hold, not "nil"`},
		{"a date that is none", "2025-01-01", "1 Jan 2025", `plan.yml:4: effective_from "1 Jan 2025" is not a date; write it as 2026-01-01`},
		{"versions out of order", "2026-02-15", "2024-02-15", `plan.yml:15: version 2026.1 takes effect on 2024-02-15, not after version 2025.1`},
		{"tiers out of order", "from: 100", "from: 80", `plan.yml:13: tier gold begins at 80, not above tier bronze (80)`},
		{"an unknown parameter", "required_field", "required_fields", `plan.yml:21: hygiene_score has no parameter "required_fields", did you mean "required_field"?; there are close_date_weight, required_field`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("plan.yml", []byte(strings.Replace(good, test.old, test.new, 1)), known)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Fatalf("got  %v\nwant %s", err, test.want)
			}
			if fault.WhoMends(err) != fault.You {
				t.Error("the fault is not the author's")
			}
		})
	}
}

func TestTheVersionInForceOnTheLastDayOfAPeriodHolds(t *testing.T) {
	p := parse(t, good)
	c := calendar.Calendar{Zone: time.UTC, StartMonth: time.January}
	for period, want := range map[string]string{"2024-Q4": "", "2025-Q1": "2025.1", "2025-Q4": "2025.1", "2026-Q1": "2026.1", "2027-Q3": "2026.1"} {
		q, err := c.Parse(period)
		if err != nil {
			t.Fatal(err)
		}
		v, ok := p.For(q)
		if v.Name != want || ok != (want != "") {
			t.Errorf("%s is scored by version %q, not %q", period, v.Name, want)
		}
	}
}

func TestAVersionsHashIsOfItsRulesNotOfItsLayout(t *testing.T) {
	p := parse(t, good)
	relaid := parse(t, strings.ReplaceAll(strings.Replace(good, "weight: 60", "weight: 60.0", 1), "  - {tier: bronze", "  # a remark\n      - {tier: bronze"))
	if p.Versions[0].Hash() != relaid.Versions[0].Hash() {
		t.Error("a remark and a trailing zero changed the hash")
	}
	changed := parse(t, strings.Replace(good, "multiplier: 0.5", "multiplier: 0.6", 1))
	if p.Versions[0].Hash() == changed.Versions[0].Hash() {
		t.Error("another multiplier has the same hash")
	}
}

func TestTheTablesSayAllThatWasComputedWith(t *testing.T) {
	in := Inputs{
		Plan: parse(t, good), Calendar: calendar.Calendar{Zone: time.UTC, StartMonth: time.January},
		Currency: "USD", AsOf: time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC),
	}
	in.First = in.Calendar.Quarter(time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC))
	tables := in.Tables()
	var periods []string
	for _, row := range tables["periods"] {
		periods = append(periods, row[0].(string)+" by "+row[6].(string))
	}
	if got := strings.Join(periods, ", "); got != "2025-Q1 by 2025.1, 2025-Q2 by 2025.1, 2025-Q3 by 2025.1, 2025-Q4 by 2025.1, 2026-Q1 by 2026.1" {
		t.Errorf("periods: %s", got)
	}
	var settings []string
	for _, row := range tables["settings"] {
		if row[0] == "2026-Q1" || row[0] == "2025-Q1" {
			settings = append(settings, row[0].(string)+" "+row[2].(string)+"="+row[3].(string))
		}
	}
	want := "2025-Q1 close_date_weight=0.25, 2025-Q1 required_field=amount, 2025-Q1 required_field=next_step, 2025-Q1 gaps=0.2, 2025-Q1 then=tell, 2025-Q1 values=0.25, 2025-Q1 volume=2, " +
		"2026-Q1 close_date_weight=0.25, 2026-Q1 required_field=amount, 2026-Q1 required_field=close_on, 2026-Q1 gaps=0.2, 2026-Q1 then=tell, 2026-Q1 values=0.25, 2026-Q1 volume=2"
	if got := strings.Join(settings, ", "); got != want {
		t.Errorf("settings:\n%s\nwant\n%s", got, want)
	}
}

func roster(t *testing.T, text string) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roster.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := parse(t, good).Roster(path, "USD")
	return err
}

func TestAMistakeInTheRosterNamesLineAndColumn(t *testing.T) {
	const header = "rep_id,name,email,role,valid_from,valid_to,bonus_target,leave_days\n"
	for name, test := range map[string]struct{ text, want string }{
		"no column":          {"rep_id,name,role\n", `roster.csv:1: column valid_from is missing`},
		"unknown column":     {"rep_id,name,rolle,valid_from\n", `roster.csv:1: unknown column "rolle"`},
		"unknown role":       {header + "r1,Ann,a@x,aee,2025-01-01,,,\n", `roster.csv:2: role: "aee" is no role of the plan; there are ae`},
		"a date that's none": {header + "r1,Ann,a@x,ae,01/02/2025,,,\n", `roster.csv:2: valid_from: "01/02/2025" is not a date`},
		"ends before":        {header + "r1,Ann,a@x,ae,2025-01-02,2025-01-01,,\n", `roster.csv:2: valid_to: lies before valid_from`},
		"twice at once":      {header + "r1,Ann,a@x,ae,2025-01-01,2025-06-30,,\nr1,Ann,a@x,ae,2025-06-30,,,\n", `roster.csv:3: valid_from: r1 is on the roster twice from 2025-06-30 on`},
		"fractions of cents": {header + "r1,Ann,a@x,ae,2025-01-01,,10.005,\n", `roster.csv:2: bonus_target: 10.005 has more than 2 decimals`},
		"no amount":          {header + "r1,Ann,a@x,ae,2025-01-01,,1e4,\n", `roster.csv:2: bonus_target: "1e4" is not an amount`},
		"no whole number":    {header + "r1,Ann,a@x,ae,2025-01-01,,,2.5\n", `roster.csv:2: leave_days: "2.5" is not a whole number`},
		"nobody":             {header + "r1,Ann,,ae,2025-01-01,,,\n", `roster.csv:2: email: neither e-mail nor crm_users`},
		"too few cells":      {header + "r1,Ann\n", `roster.csv: record on line 2: wrong number of fields`},
	} {
		t.Run(name, func(t *testing.T) {
			if err := roster(t, test.text); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	if err := roster(t, "# who is in\n"+header+"r1,Ann,a@x,ae,2025-01-01,2025-06-30,10000.00,3\nr1,Ann,a@x,ae,2025-07-01,,,\n"); err != nil {
		t.Errorf("a good roster: %v", err)
	}
}

func TestTheLastDecisionOnARecordCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reviews.csv")
	text := "decided_on,decided_by,decision,source,record_type,record_id,reason\n" +
		"2026-01-02,pat,exclude,crm,deal,1,a test deal\n2026-01-03,pat,exclude,crm,deal,2,copied\n2026-01-04,kim,keep,crm,deal,1,it was real\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	excluded, err := Reviews(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(excluded) != 1 || excluded[0].RecordID != "2" || excluded[0].Reason != "copied" {
		t.Errorf("%v", excluded)
	}
}

func TestADriftIsAcceptedAndNothingElseIs(t *testing.T) {
	for row, want := range map[string]string{
		"2026-04-02,pat,accept,plan,drift,2026-Q1 gaps: ae stage_advances,a new form": "",
		"2026-04-02,pat,accept,salesforce,deal,006,a test deal":                       "a drift is accepted, and anything else excluded",
		"2026-04-02,pat,exclude,plan,drift,2026-Q1 gaps: ae stage_advances,no":        "a drift is accepted, and anything else excluded",
	} {
		path := filepath.Join(t.TempDir(), "reviews.csv")
		if err := os.WriteFile(path, []byte("decided_on,decided_by,decision,source,record_type,record_id,reason\n"+row+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		excluded, err := Reviews(path)
		switch {
		case want == "" && (err != nil || len(excluded) != 1 || excluded[0].RecordType != "drift"):
			t.Errorf("%s: %v, %v", row, excluded, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s is not refused: %v", row, err)
		}
	}
}
