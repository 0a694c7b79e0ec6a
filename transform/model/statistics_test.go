package model

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"merit/models"
	"merit/transform/warehouse"
)

// Reference values of statistics, by scipy, statsmodels, fairlearn and pyod: the file
// says by which function each is.
type referenceCase struct {
	Statistic, Case string
	Input, Output   json.RawMessage
}

// The statistics that the flag rules stand on, as their SQL computes them, are those
// of the reference to 1e-9, tails to 1e-6.
func TestStatisticsAreThoseOfTheReference(t *testing.T) {
	text, err := os.ReadFile("testdata/statistics/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct{ Cases []referenceCase }
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	g, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	s := &statistics{wh: scratch(t), graph: g}
	putAsOf(t, s.wh, contractOf(t))
	if _, err := declare(t.Context(), s.wh); err != nil {
		t.Fatal(err)
	}
	checks := map[string]func(*testing.T, referenceCase){
		"robust_z": s.robustZ, "two_sided_p": s.twoSided, "benjamini_hochberg": s.adjusted, "poisson_burst": s.burst,
		"overdispersed_burst": s.overdispersed, "wilson_interval": s.wilson, "binomial_share": s.share,
	}
	checked := 0
	for _, c := range reference.Cases {
		if check := checks[c.Statistic]; check != nil {
			checked++
			t.Run(c.Statistic+"/"+c.Case, func(t *testing.T) { check(t, c) })
		}
	}
	if checked != 22 {
		t.Errorf("%d cases were checked", checked)
	}
}

type statistics struct {
	wh    warehouse.Warehouse
	graph *Graph
}

func read[T any](t *testing.T, text json.RawMessage) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// floats are the values of a query's only column.
func (s *statistics) floats(t *testing.T, query string) []float64 {
	t.Helper()
	var all []float64
	for row, err := range s.wh.Query(t.Context(), query) {
		if err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
		all = append(all, row.Float(row.Columns()[0]))
	}
	return all
}

func same(t *testing.T, what string, got []float64, want []float64, within float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, not %d", what, len(got), len(want))
	}
	for i := range want {
		if off := math.Abs(got[i] - want[i]); off > within*math.Max(1e-12, math.Abs(want[i])) && off > 1e-15 {
			t.Errorf("%s %d: %.15g, not %.15g", what, i, got[i], want[i])
		}
	}
}

// steps are the common table expressions of a model from the first to the last named,
// as they stand in its SQL.
func (s *statistics) steps(t *testing.T, model, first, last string) string {
	t.Helper()
	sql := s.graph.Model(model).SQL
	from := strings.Index(sql, first+" as (")
	to := strings.Index(sql, "\n"+last+" as (")
	if from < 0 || to < 0 {
		t.Fatalf("%s has no steps %s to %s", model, first, last)
	}
	end := strings.Index(sql[to:], "\n)")
	return sql[from : to+end+2]
}

var (
	settingsOfReps = regexp.MustCompile(`    join plan\.settings\n(?:        .*settings\..*\n)+`)
	boundOfReps    = regexp.MustCompile(`\w+\.reps >= cast\(fn\.as_number\(settings\.value\) as bigint\)`)
)

// robustZ runs outlier's own steps over one role's values.
func (s *statistics) robustZ(t *testing.T, c referenceCase) {
	values := read[struct{ Values []float64 }](t, c.Input).Values
	want := read[struct {
		Z       []float64
		AbsZ    []float64 `json:"abs_z"`
		Outlier []bool    `json:"is_outlier_3_5"`
	}](t, c.Output)
	var rows []string
	for i, v := range values {
		rows = append(rows, fmt.Sprintf("select 'r%02d' as rep_id, 'p' as period, 'ae' as role, 'm' as metric, cast(%v as double) as value, false as is_sum, 1 as favour, date '2026-01-01' as starts_on, true as is_peer", i, v))
	}
	// The bound of eight is the plan's; here every group is judged.
	judged := settingsOfReps.ReplaceAllString(s.steps(t, "audits.outlier", "scored", "judged"), "")
	judged = boundOfReps.ReplaceAllString(judged, "true")
	query := "with valued as (" + strings.Join(rows, " union all ") + "), " + judged + " select z from judged order by rep_id"
	got := s.floats(t, query)
	if want.AbsZ != nil {
		for i := range got {
			got[i] = math.Abs(got[i])
		}
		same(t, "z", got, want.AbsZ, 2e-5) // pyod takes 0.6745 for 0.67448975
		return
	}
	same(t, "z", got, want.Z, 1e-9)
}

func (s *statistics) twoSided(t *testing.T, c referenceCase) {
	want := read[struct{ P []float64 }](t, c.Output).P
	var got []float64
	for _, z := range read[struct{ Z []float64 }](t, c.Input).Z {
		got = append(got, s.floats(t, fmt.Sprintf("select 2 * fn.normal_tail(cast(%v as double)) as p", z))...)
	}
	same(t, "p", got, want, 1e-6)
}

// adjusted runs impossible_hours' own steps over one period's p values.
func (s *statistics) adjusted(t *testing.T, c referenceCase) {
	in := read[struct {
		P []float64
		Q float64
	}](t, c.Input)
	want := read[struct {
		Rejected []bool
		Adjusted []float64
	}](t, c.Output)
	var rows []string
	for i, p := range in.P {
		rows = append(rows, fmt.Sprintf("select 'r%02d' as rep_id, 'p' as period, date '2026-01-01' as day_on, cast(%v as double) as p_value", i, p))
	}
	steps := s.steps(t, "audits.impossible_hours", "placed", "adjusted")
	got := s.floats(t, "with days as ("+strings.Join(rows, " union all ")+"), "+steps+" select p_value from adjusted order by rep_id")
	same(t, "adjusted", got, want.Adjusted, 1e-9)
	var rejected []bool
	for _, p := range got {
		rejected = append(rejected, p <= in.Q)
	}
	if !slices.Equal(rejected, want.Rejected) {
		t.Errorf("rejected %v, not %v", rejected, want.Rejected)
	}
}

func (s *statistics) burst(t *testing.T, c referenceCase) {
	var z, p, wantZ, wantP []float64
	for _, row := range read[struct {
		Rows []struct {
			Count, Expected float64
			Z               float64 `json:"anscombe_z"`
			P               float64 `json:"p_from_anscombe"`
		}
	}](t, c.Output).Rows {
		call := fmt.Sprintf("fn.anscombe(%v, %v)", row.Count, row.Expected)
		z = append(z, s.floats(t, "select "+call+" as z")...)
		p = append(p, s.floats(t, "select fn.normal_tail("+call+") as p")...)
		wantZ, wantP = append(wantZ, row.Z), append(wantP, row.P)
	}
	same(t, "z", z, wantZ, 1e-9)
	same(t, "p", p, wantP, 1e-6)
}

func (s *statistics) overdispersed(t *testing.T, c referenceCase) {
	in := read[struct{ Count, Mean, Variance float64 }](t, c.Input)
	want := read[struct {
		Z float64 `json:"quasi_z"`
	}](t, c.Output)
	same(t, "z", s.floats(t, fmt.Sprintf("select fn.ratio(fn.anscombe(%v, %v), sqrt(fn.larger(cast(%v as double), cast(1 as double)))) as z", in.Count, in.Mean, in.Variance/in.Mean)), []float64{want.Z}, 1e-9)
}

func (s *statistics) wilson(t *testing.T, c referenceCase) {
	in := read[struct{ Count, Nobs int64 }](t, c.Input)
	want := read[struct{ Low, High float64 }](t, c.Output)
	same(t, "low", s.floats(t, fmt.Sprintf("select fn.wilson_low(%d, %d) as low", in.Count, in.Nobs)), []float64{want.Low}, 1e-9)
	same(t, "high", s.floats(t, fmt.Sprintf("select fn.wilson_high(%d, %d) as high", in.Count, in.Nobs)), []float64{want.High}, 1e-9)
}

func (s *statistics) share(t *testing.T, c referenceCase) {
	in := read[struct{ K, N int64 }](t, c.Input)
	want := read[struct {
		Low float64 `json:"wilson_low"`
	}](t, c.Output)
	same(t, "low", s.floats(t, fmt.Sprintf("select fn.wilson_low(%d, %d) as low", in.K, in.N)), []float64{want.Low}, 1e-9)
}
