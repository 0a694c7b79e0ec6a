package project

import (
	"regexp"
	"strconv"
	"time"
)

// HistorySettings say how far back --as-of can go.
type HistorySettings struct {
	Keep  string `yaml:"keep" doc:"How long the lake keeps its checkpoints for --as-of, in days: 400d."`
	Every string `yaml:"every_run" doc:"How long it keeps those of every run; of older ones the last of each day: 30d."`
}

// History gives both as durations.
func (p *Project) History() (keep, every time.Duration, err error) {
	h := p.Settings.History
	if keep, err = p.days("$.history.keep", h.Keep); err != nil {
		return 0, 0, err
	}
	every, err = p.days("$.history.every_run", h.Every)
	return keep, every, err
}

var daysWritten = regexp.MustCompile(`^([1-9][0-9]{0,4})d$`)

func (p *Project) days(place, text string) (time.Duration, error) {
	parts := daysWritten.FindStringSubmatch(text)
	if parts == nil {
		return 0, p.file.Errorf(place, "%q is not a number of days such as 400d", text)
	}
	days, err := strconv.Atoi(parts[1])
	return time.Duration(days) * 24 * time.Hour, err
}
