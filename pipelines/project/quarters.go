package project

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"merit/pipelines/calendar"
)

// quartersFile keeps the fiscal quarters that a CRM gave at the last build, so
// that commands that read no CRM and no warehouse name the same days.
func (p *Project) quartersFile() string { return filepath.Join(p.State(), "fiscal_quarters.json") }

// givenQuarters are those of the last build; none where there was none.
func (p *Project) givenQuarters() []calendar.Days {
	text, err := os.ReadFile(p.quartersFile())
	if err != nil {
		return nil
	}
	var given []calendar.Days
	if err := json.Unmarshal(text, &given); err != nil {
		return nil // the next build writes it anew
	}
	return given
}

// KeepQuarters makes the CRM's quarters the project's calendar, now and for the
// commands to come; none leaves the months of merit.yml.
func (p *Project) KeepQuarters(given []calendar.Days) error {
	with, err := p.Calendar.With(given)
	if err != nil {
		return err
	}
	p.Calendar = with
	if len(given) == 0 {
		if err := os.Remove(p.quartersFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := json.MarshalIndent(given, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.State(), 0o755); err != nil {
		return err
	}
	half := p.quartersFile() + ".new"
	if err := os.WriteFile(half, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(half, p.quartersFile())
}
