package reference

import (
	"math"
	"slices"
	"strings"
	"time"
)

// A Visit is one stay of a deal in a stage.
type Visit struct {
	Number       int
	Stage, Label string
	From, FromID string // the stage before it, by label of then and by id
	EnteredAt    time.Time
	ExitedAt     *time.Time
	Direction    string
	Skipped      int
	IsFurthest   bool
	IsReentry    bool
	IsReopening  bool
	IsTied       bool
	IsTruncated  bool
	position     int // 0: none
	closed, lost bool
	assumed      bool // of a deal without history
}

// stagesAt is how a pipeline was set up at an instant: what is known from before
// the first change known stands for all that was earlier, and a pipeline whose
// changes nobody tells has always been as it is today.
func (f *Facts) stagesAt(source, pipeline string, at time.Time) []Stage {
	var told, stages []Stage
	for _, s := range f.StageHistory {
		if s.Source == source && s.Pipeline == pipeline {
			told = append(told, s)
		}
	}
	if len(told) == 0 {
		for _, s := range f.Stages {
			if s.Source == source && s.Pipeline == pipeline {
				stages = append(stages, s)
			}
		}
		return stages
	}
	first := told[0].From
	for _, s := range told {
		if s.From.Before(first) {
			first = s.From
		}
	}
	if at.Before(first) {
		at = first
	}
	for _, s := range told {
		if !at.Before(s.From) && (s.To == nil || at.Before(*s.To)) {
			stages = append(stages, s)
		}
	}
	return stages
}

// positions number a stages: open stages by place, then the won ones, among which what is
// open behind a sale has its place; what is lost has no position.
func positions(stages []Stage) map[string]int {
	climbed := slices.DeleteFunc(slices.Clone(stages), func(s Stage) bool { return s.IsClosed && !s.IsWon })
	sold, begun := math.MaxInt, math.MaxInt
	for _, s := range climbed {
		if s.IsWon {
			sold = min(sold, s.Position)
		} else {
			begun = min(begun, s.Position)
		}
	}
	isLate := func(s Stage) bool { return s.IsWon || begun < sold && s.Position > sold }
	slices.SortFunc(climbed, func(a, b Stage) int {
		if isLate(a) != isLate(b) {
			if isLate(b) {
				return -1
			}
			return 1
		}
		if a.Position != b.Position {
			return a.Position - b.Position
		}
		return strings.Compare(a.ID, b.ID)
	})
	numbers := map[string]int{}
	for i, s := range climbed {
		numbers[s.ID] = i + 1
	}
	return numbers
}

// lowest is the lowest position of the named stages, 0 when the stages has none of
// them.
func lowest(stages []Stage, isMeant func(Stage) bool) int {
	low, numbers := 0, positions(stages)
	for _, s := range stages {
		if position := numbers[s.ID]; position > 0 && isMeant(s) && (low == 0 || position < low) {
			low = position
		}
	}
	return low
}

// called tells the stages that are meant by their label or their value, in any
// spelling.
func called(names []string) func(Stage) bool {
	return func(s Stage) bool { return isNamed(names, s.Label, s.ID) }
}

func isNamed(names []string, texts ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return word(&name) == word(&text) })
	})
}

func find(stages []Stage, id string) (Stage, bool) {
	for _, s := range stages {
		if s.ID == id {
			return s, true
		}
	}
	return Stage{}, false
}

// stage finds a stage that the deal's pipeline has today.
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
	if known, there := f.visits[d.Ref]; there {
		return known
	}
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
		visits, truncated = []Visit{{Stage: *d.Stage, EnteredAt: f.withoutHistory(d), assumed: true}}, true
	}
	for i := range visits {
		f.describe(d, visits, i)
		visits[i].IsTruncated = truncated
	}
	if f.visits == nil {
		f.visits = map[Ref][]Visit{}
	}
	f.visits[d.Ref] = visits
	return visits
}

// describe says of a stay where it led from, all by the stages of the instant at
// which it began.
func (f *Facts) describe(d Deal, visits []Visit, at int) {
	v := &visits[at]
	stages := f.stagesAt(d.Source, d.Pipeline, v.EnteredAt)
	numbers := positions(stages)
	stood, furthest := 0, 0
	for _, earlier := range visits[:at] {
		if position := numbers[earlier.Stage]; position > 0 {
			stood, furthest = position, max(furthest, position)
		}
		v.IsReentry = v.IsReentry || earlier.Stage == v.Stage
	}
	stage, known := find(stages, v.Stage)
	v.Number, v.Label, v.position = at+1, v.Stage, numbers[v.Stage]
	if known {
		v.Label = stage.Label
	}
	v.closed = known && (stage.IsClosed || stage.IsWon)
	v.lost = known && stage.IsClosed && !stage.IsWon
	v.Direction = direction(*v, stood)
	if v.Direction == "forward" {
		v.Skipped = v.position - stood - 1
	}
	v.IsFurthest = v.position > 0 && (furthest > 0 && v.position > furthest || at == 0)
	if at == 0 {
		return
	}
	before := &visits[at-1]
	exited := v.EnteredAt
	before.ExitedAt = &exited
	left, known := find(stages, before.Stage)
	v.From, v.FromID = before.Stage, before.Stage
	if known {
		v.From = left.Label
	}
	v.IsReopening = known && (left.IsClosed || left.IsWon) && !v.closed
	if before.EnteredAt.Equal(v.EnteredAt) {
		before.IsTied, v.IsTied = true, true
	}
}

// direction is where a move leads from the position on which the deal stood last.
func direction(v Visit, stood int) string {
	switch {
	case v.Number == 1:
		return "first"
	case v.lost:
		return "lost"
	case v.position == 0 || stood == 0:
		return "unknown"
	case v.position > stood:
		return "forward"
	case v.position < stood:
		return "backward"
	}
	return "reentry"
}
