package main

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"merit/connectors/fault"
)

// starter is a commented project, each file as a person would begin it.
//
//go:embed starter/*
var starter embed.FS

// pilotStarter is what a project that begins with a pilot has in the place of the
// starter's files.
//
//go:embed pilot/*
var pilotStarter embed.FS

type initCommand struct {
	Dir   string `arg:"" help:"Folder to write, made where it is not there." type:"path"`
	Pilot bool   `help:"A programme of one behaviour that pays nothing, with a pilot of twelve weeks. docs/programme.md goes through its 90 days."`
	From  string `help:"The pilot's first day, such as 2026-09-07; the next Monday unless said." placeholder:"DATE"`
}

const (
	pilotDays          = 12 * 7
	firstChallengeDays = 14
)

// Help is what merit init --help adds.
func (initCommand) Help() string {
	return "Writes merit.yml, plan.yml, roster.csv, quotas.csv, reviews.csv and disputes.csv with comments that say what to put where. A file that is there already is left alone and ends the command."
}

// Run is called by the command line.
func (c initCommand) Run(a *app) error {
	first, err := c.firstDay(time.Now())
	if err != nil {
		return err
	}
	names, err := fs.ReadDir(starter, "starter")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := c.starterFile(name.Name(), first)
		if err != nil {
			return err
		}
		if err := writeNew(filepath.Join(c.Dir, name.Name()), text); err != nil {
			return err
		}
	}
	if c.Pilot {
		a.printf("a pilot of twelve weeks begins on %s: put your people into roster.csv and plan.yml in the place of the ten\n", first.Format(time.DateOnly))
	}
	a.printf("%s holds a project now: fill in merit.yml, then `merit check --project %s`\n", c.Dir, c.Dir)
	return nil
}

// firstDay is the pilot's: as asked for, or the Monday after today.
func (c initCommand) firstDay(today time.Time) (time.Time, error) {
	if c.From == "" {
		return today.AddDate(0, 0, 7-(int(today.Weekday())+6)%7), nil
	}
	if !c.Pilot {
		return time.Time{}, fault.Errorf(fault.You, "--from is a pilot's first day: say --pilot with it")
	}
	first, err := time.Parse(time.DateOnly, c.From)
	if err != nil {
		return time.Time{}, fault.Errorf(fault.You, "--from %q is not a date; write it as 2026-09-07", c.From)
	}
	return first, nil
}

// starterFile is a file of the starter, or the pilot's in its place.
func (c initCommand) starterFile(name string, first time.Time) ([]byte, error) {
	if !c.Pilot {
		return starter.ReadFile("starter/" + name)
	}
	text, err := pilotStarter.ReadFile("pilot/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		return starter.ReadFile("starter/" + name)
	}
	after := func(days int) string { return first.AddDate(0, 0, days-1).Format(time.DateOnly) }
	dates := strings.NewReplacer("FIRST_DAY", after(1), "LAST_DAY", after(pilotDays), "CHALLENGE_ENDS", after(firstChallengeDays))
	return []byte(dates.Replace(string(text))), err
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Errorf(fault.You, "make the folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Errorf(fault.You, "%s is there already; nothing was written over it", path)
	}
	if err != nil {
		return fault.Errorf(fault.You, "write %s: %w", path, err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
