package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"merit/models"
	"merit/pipelines"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/transform/model"
)

// compiled is the schema as a validator that knows nothing of our types reads it.
func compiled(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	var out bytes.Buffer
	if err := (schemaCommand{File: file}).Run(&app{out: &out}); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(&out)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	var document any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return err // no YAML at all
	}
	asJSON, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(instance)
}

func known(t *testing.T) plan.Known {
	t.Helper()
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	return (&pipelines.Job{Graph: graph}).Known()
}

func starterFile(t *testing.T, name string) string {
	t.Helper()
	text, err := starter.ReadFile("starter/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func openProject(t *testing.T, text string) error {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, project.FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Open(dir)
	if err != nil {
		return err
	}
	_, err = p.Sources(parts().Connectors)
	return err
}

func TestTheSchemasTakeTheFilesThatWeShip(t *testing.T) {
	if err := validate(t, compiled(t, "plan"), starterFile(t, "plan.yml")); err != nil {
		t.Errorf("plan.yml: %v", err)
	}
	pilot, err := initCommand{Pilot: true}.starterFile("plan.yml", time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, compiled(t, "plan"), string(pilot)); err != nil {
		t.Errorf("the pilot's plan.yml: %v", err)
	}
	if err := validate(t, compiled(t, "merit"), starterFile(t, "merit.yml")); err != nil {
		t.Errorf("merit.yml: %v", err)
	}
	plans, err := filepath.Glob("../../pipelines/testdata/payouts/*/plan.yml")
	if err != nil || len(plans) == 0 {
		t.Fatalf("%d plans: %v", len(plans), err)
	}
	schema := compiled(t, "plan")
	for _, path := range plans {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, string(text)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What our own loader refuses for its structure an editor refuses by the schema.
func TestTheSchemaRefusesAPlanThatTheLoaderRefuses(t *testing.T) {
	schema, good, metrics := compiled(t, "plan"), fullPlan, known(t)
	if _, err := plan.Parse("plan.yml", []byte(good), metrics); err != nil {
		t.Fatal(err)
	}
	if err := validate(t, schema, good); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"weight: 60", "weigth: 60"}, {"weight: 60", "weight: 101"}, {"weight: 60", "weight: -1"}, {"weight: 60", "weight: 60.00001"},
		{"weight: 60", "weight: many"}, {"stage_advances: {", "stage_advance: {"}, {"cap: 110", "cap: -1"}, {"cap: 110", "cap: 10001"},
		{"min_samples: 5", "min_samples: -5"}, {"min_samples: 5", "min_samples: 2.5"}, {"min_samples: 5", "min_samples: few"},
		{"when_missing: zero", "when_missing: nul"}, {"normalise: potential", "normalise: quota"},
		{"effective_from: 2026-01-01", "effective_from: 01/02/2026"}, {"effective_from: 2026-01-01", "effective_from: 2026-13-01"},
		{"version: \"2026\"", "version: \"\""}, {"versions:", "version:"}, {"    roles:", "    rolls:"},
		{"{tier: bronze, from: 80,", "{tear: bronze, from: 80,"}, {"{tier: bronze, from: 80,", "{tier: bronze, from: 80.001,"},
		{"{tier: bronze,", "{tier: \"\","}, {"multiplier: 0.5", "multiplier: -0.5"}, {"multiplier: 0.5", "multiplier: [0.5]"},
		{"within_days: 2", "within_day: 2"}, {"qualified_touch_rate: {within", "qualified_touch: {within"}, {"{within_days: 2}", "2"},
		{"minimum_days: 30", "minimum_days: -30"}, {"minimum_days: 30", "minimum_days: 30.5"}, {"counted: programme", "counted: program"},
		{"on_last_day: true", "on_last_day: 1"}, {"cap_percent: 120", "cap_percent: -120"}, {"floor_percent: 10", "floor_per_cent: 10"},
		{"cap: {USD: 20000.00}", "cap: {DOL: 20000.00}"}, {"cap: {USD: 20000.00}", "cap: 20000"},
		{"when_exceeded: by_tier", "when_exceeded: shout"}, {", when_exceeded: by_tier", ""}, {"amount: 1000.00", "amount: -1000.00"},
		{"currency: JPY", "currency: YEN"}, {"shared_by: score", "shared_by: luck"}, {"metric: hygiene_score", "metric: hygiene"},
		{"- pool: East", "- pull: East"}, {"teams: [East]", "teams: East"}, {"weights: {ae: 1}", "weights: [1]"},
		{"metrics: [stage_advances, hygiene_score]", "metrics: []"}, {"metrics: [stage_advances, hygiene_score]", "metrics: [nothing]"},
		{"metrics: [stage_advances, hygiene_score]", "metrics: [hygiene_score, hygiene_score]"}, {"- okr: Move", "- goal: Move"},
		{"target: 40", "target: 1000000000000000"}, {"target: 40", "target: {at: 40}"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("the plan has no %q", change[0])
		}
		if _, err := plan.Parse("plan.yml", []byte(bad), metrics); err == nil {
			t.Errorf("the loader takes %q for %q", change[1], change[0])
		}
		if err := validate(t, schema, bad); err == nil {
			t.Errorf("the schema takes %q for %q", change[1], change[0])
		}
	}
}

const fullPlan = `versions:
  - version: "2026"
    effective_from: 2026-01-01
    roles:
      ae:
        title: Account executive
        metrics:
          stage_advances: {weight: 60, target: 40, cap: 110, when_missing: zero}
          closed_won_arr: {weight: 30, floor: 10, target: 1000000, normalise: potential}
          hygiene_score: {weight: 10, target: 0.95, min_samples: 5}
        tiers:
          - {tier: on track, from: 60, multiplier: 0.75}
        limits: {floor: {USD: 100.00}}
    parameters:
      qualified_touch_rate: {within_days: 2}
    tiers:
      - {tier: bronze, from: 80, multiplier: 0.5}
      - {tier: silver, from: 90.5, multiplier: 0.8}
    eligibility: {minimum_days: 30, counted: programme, on_last_day: true}
    limits:
      floor_percent: 10
      cap_percent: 120
      cap: {USD: 20000.00}
    budgets:
      - {currency: USD, amount: 1000.00, when_exceeded: by_tier}
    pools:
      - pool: East
        teams: [East]
        roles: [ae]
        amount: 500000
        currency: JPY
        metric: hygiene_score
        target: 0.9
        shared_by: score
        weights: {ae: 1}
    okrs:
      - okr: Move
        kpi: moves
        metrics: [stage_advances, hygiene_score]
`

func TestTheSchemaRefusesSettingsThatTheLoaderRefuses(t *testing.T) {
	schema, good := compiled(t, "merit"), starterFile(t, "merit.yml")
	if err := openProject(t, good); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"currency: USD", "currency: DOL"}, {"currency: USD", "curency: USD"}, {"fiscal_year_starts: 1", "fiscal_year_starts: 13"},
		{"fiscal_year_starts: 1", "fiscal_year_starts: May"}, {"# first_period: 2025-Q1", "first_period: 2025-1"},
		{"connector: salesforce", "connector: sailsforce"}, {"client_id: ${", "clientid: ${"}, {"client_secret: ${SALESFORCE_CLIENT_SECRET}", "client_secret: hunter2"},
		{"endpoint: https://acme.my.salesforce.com", "endpoint: [a, b]"}, {"\n  salesforce:\n", "\n  Sales Force:\n"}, {"publish: published", "publish: [published]"},
		{"duckdb: warehouse.duckdb", "duck: warehouse.duckdb"}, {"roster: roster.csv", "rooster: roster.csv"}, {"sources:\n", "source:\n"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("the settings have no %q", change[0])
		}
		if err := openProject(t, bad); err == nil {
			t.Errorf("the loader takes %q for %q", change[1], change[0])
		}
		if err := validate(t, schema, bad); err == nil {
			t.Errorf("the schema takes %q for %q", change[1], change[0])
		}
	}
}
