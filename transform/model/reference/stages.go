package reference

import (
	"slices"
	"strings"
	"time"
)

// A Visit is one stay of a deal in a stage.
type Visit struct {
	Number       int
	Stage        string
	EnteredAt    time.Time
	ExitedAt     *time.Time
	Direction    string
	Skipped      int
	IsFurthest   bool
	IsReentry    bool
	IsReopening  bool
	IsTied       bool
	IsTruncated  bool
	rung         int // 0: none
	closed, lost bool
}

// rungs are the ladder of a pipeline: open stages by place, then the won ones;
// what is lost is on no rung.
func (f *Facts) rungs(source, pipeline string) map[string]int {
	var ladder []Stage
	for _, s := range f.Stages {
		if s.Source == source && s.Pipeline == pipeline && (!s.IsClosed || s.IsWon) {
			ladder = append(ladder, s)
		}
	}
	slices.SortFunc(ladder, func(a, b Stage) int {
		if a.IsWon != b.IsWon {
			if b.IsWon {
				return -1
			}
			return 1
		}
		if a.Position != b.Position {
			return a.Position - b.Position
		}
		return strings.Compare(a.ID, b.ID)
	})
	rungs := map[string]int{}
	for i, s := range ladder {
		rungs[s.ID] = i + 1
	}
	return rungs
}

// stage finds a stage that the pipeline has today.
func (f *Facts) stage(d Deal, id string) (Stage, bool) {
	for _, s := range f.Stages {
		if s.Source == d.Source && s.Pipeline == d.Pipeline && s.ID == id {
			return s, true
		}
	}
	return Stage{}, false
}

// Visits are a deal's stays in order. A history row with the stage that the deal
// was in already changes nothing. A deal without history has been in today's
// stage since it was made, as far as anybody knows.
func (f *Facts) Visits(d Deal) []Visit {
	var visits []Visit
	truncated := false
	for _, c := range f.history(d.Ref, "stage") {
		if c.Value == nil {
			continue
		}
		if len(visits) == 0 {
			truncated = c.IsTruncated
		}
		if n := len(visits); n > 0 && visits[n-1].Stage == *c.Value {
			continue
		}
		visits = append(visits, Visit{Stage: *c.Value, EnteredAt: c.At})
	}
	if len(visits) == 0 && d.Stage != nil && !d.CreatedAt.After(f.AsOf) {
		visits, truncated = []Visit{{Stage: *d.Stage, EnteredAt: d.CreatedAt}}, true
	}
	f.describe(d, visits)
	for i := range visits {
		visits[i].IsTruncated = truncated
	}
	return visits
}

// describe says of each stay where it led from.
func (f *Facts) describe(d Deal, visits []Visit) {
	rungs := f.rungs(d.Source, d.Pipeline)
	stood, furthest := 0, 0
	been := map[string]bool{}
	for i := range visits {
		v := &visits[i]
		v.Number = i + 1
		stage, known := f.stage(d, v.Stage)
		v.rung = rungs[v.Stage]
		v.closed = known && (stage.IsClosed || stage.IsWon)
		v.lost = known && stage.IsClosed && !stage.IsWon
		v.Direction = direction(*v, stood)
		if v.Direction == "forward" {
			v.Skipped = v.rung - stood - 1
		}
		v.IsFurthest = v.rung > 0 && (furthest > 0 && v.rung > furthest || i == 0)
		v.IsReentry = been[v.Stage]
		if i > 0 {
			before := &visits[i-1]
			exited := v.EnteredAt
			before.ExitedAt = &exited
			v.IsReopening = before.closed && !v.closed
			if before.EnteredAt.Equal(v.EnteredAt) {
				before.IsTied, v.IsTied = true, true
			}
		}
		been[v.Stage] = true
		if v.rung > 0 {
			stood, furthest = v.rung, max(furthest, v.rung)
		}
	}
}

// direction is where a move leads from the rung on which the deal stood last.
func direction(v Visit, stood int) string {
	switch {
	case v.Number == 1:
		return "first"
	case v.lost:
		return "lost"
	case v.rung == 0 || stood == 0:
		return "unknown"
	case v.rung > stood:
		return "forward"
	case v.rung < stood:
		return "backward"
	}
	return "reentry"
}
