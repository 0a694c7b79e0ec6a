package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/transform/warehouse"
)

// shownFile keeps what people were given or shown, one JSON object a line, appended
// to once the tables that say so are published. A build computes everything from the
// lake and remembers nothing; without this an award whose records were deleted would
// be gone without a word, and nobody could tell whether advice was followed. It holds
// ids and what the plan calls things, no names, titles or texts of a CRM.
const shownFile = "recognition/shown.jsonl"

// readShown gives what was shown, each thing once, and how many bytes of the file are
// whole lines: a run that was killed while it wrote leaves half of one.
func readShown(p *project.Project) ([]plan.Shown, int64, error) {
	text, err := os.ReadFile(p.Path(shownFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fault.Errorf(fault.You, "what people were shown: %w", err)
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	var all []plan.Shown
	seen := map[[2]string]bool{}
	for number, line := range bytes.Split(text[:whole], []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var s plan.Shown
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, 0, fault.Errorf(fault.You, "%s:%d: %w; take the line out, or the file: awards that stand are given again", shownFile, number+1, err)
		}
		if key := [2]string{s.Kind, s.ID}; !seen[key] {
			seen[key] = true
			all = append(all, s)
		}
	}
	return all, int64(whole), nil
}

// rememberShown adds what the published tables show for the first time.
func (j *Job) rememberShown(ctx context.Context, asOf time.Time) error {
	known, whole, err := readShown(j.Project)
	if err != nil {
		return err
	}
	seen := map[[2]string]bool{}
	for _, s := range known {
		seen[[2]string{s.Kind, s.ID}] = true
	}
	var lines bytes.Buffer
	for _, query := range []string{shownAwards, shownActions, shownMissions} {
		rows, err := j.rows(ctx, query)
		if err != nil {
			return fmt.Errorf("what people are shown: %w", err)
		}
		for _, row := range rows {
			s := shownIn(row, asOf)
			if seen[[2]string{s.Kind, s.ID}] {
				continue
			}
			line, err := json.Marshal(s)
			if err != nil {
				return fmt.Errorf("what people are shown: %w", err)
			}
			lines.Write(append(line, '\n'))
		}
	}
	if lines.Len() == 0 {
		return nil
	}
	return appendShown(j.Project.Path(shownFile), whole, lines.Bytes())
}

// appendShown writes lines after the whole ones that are there.
func appendShown(path string, whole int64, lines []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Errorf(fault.You, "what people are shown: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Errorf(fault.You, "what people are shown: %w", err)
	}
	err = file.Truncate(whole)
	if err == nil {
		_, err = file.WriteAt(lines, whole)
	}
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fault.Errorf(fault.You, "what people are shown: %w", err)
	}
	return nil
}

// What is shown and has to be known later. What somebody gave comes by files, and
// stays as long as these do.
const (
	shownAwards = `select 'award' as kind, awards.award_id as id, awards.rep_id, awards.name, awards.metric, awards.points, awards.earned_at, awards.span,
			cast(awards.starts_on as string) as starts_on, awards.records, awards.why as text
		from marts.awards where not awards.is_withdrawn and awards.kind in ('badge', 'points') order by awards.award_id`
	shownActions = `select 'action' as kind, next_actions.action_id as id, next_actions.rep_id, next_actions.kind as name, next_actions.metric, next_actions.source,
			next_actions.record_type, next_actions.record_id, cast(next_actions.gain_points as double) as gain_points, next_actions.why as text
		from marts.next_actions where next_actions.state = 'open' order by next_actions.action_id`
	shownMissions = `select 'mission' as kind, missions.mission_id as id, missions.rep_id, cast(missions.day_on as string) as day_on, missions.place, missions.name, missions.metric,
			missions.source, missions.record_type, missions.record_id, missions.target, missions.points, cast(missions.gain_points as double) as gain_points, missions.why as text
		from marts.missions where missions.is_today order by missions.mission_id`
)

func shownIn(row warehouse.Row, asOf time.Time) plan.Shown {
	text := func(column string) string {
		if !slices.Contains(row.Columns(), column) {
			return ""
		}
		return row.Text(column)
	}
	s := plan.Shown{
		Kind: text("kind"), ID: text("id"), RepID: text("rep_id"), ShownAt: asOf.UTC(), DayOn: text("day_on"), Name: text("name"), Metric: text("metric"),
		Source: text("source"), RecordType: text("record_type"), RecordID: text("record_id"), Span: text("span"), StartsOn: text("starts_on"), Records: text("records"), Text: text("text"),
	}
	whole := func(column string) *int64 {
		if !slices.Contains(row.Columns(), column) || row.IsNull(column) {
			return nil
		}
		n := row.Int(column)
		return &n
	}
	number := func(column string) *float64 {
		if !slices.Contains(row.Columns(), column) || row.IsNull(column) {
			return nil
		}
		n := row.Float(column)
		return &n
	}
	s.Place, s.Points, s.Target, s.Gain = whole("place"), whole("points"), number("target"), number("gain_points")
	if slices.Contains(row.Columns(), "earned_at") && !row.IsNull("earned_at") {
		s.EarnedAt = row.Time("earned_at").UTC()
	}
	return s
}
