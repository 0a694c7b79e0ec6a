package main

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"merit/connectors/fault"
)

// starter is a commented project, each file as a person would begin it.
//
//go:embed starter/*
var starter embed.FS

type initCommand struct {
	Dir string `arg:"" help:"Folder to write, made where it is not there." type:"path"`
}

// Help is what merit init --help adds.
func (initCommand) Help() string {
	return "Writes merit.yml, plan.yml, roster.csv, quotas.csv, reviews.csv and disputes.csv with comments that say what to put where. A file that is there already is left alone and ends the command."
}

// Run is called by the command line.
func (c initCommand) Run(a *app) error {
	names, err := fs.ReadDir(starter, "starter")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := starter.ReadFile("starter/" + name.Name())
		if err != nil {
			return err
		}
		if err := writeNew(filepath.Join(c.Dir, name.Name()), text); err != nil {
			return err
		}
	}
	a.printf("%s holds a project now: fill in merit.yml, then `merit check --project %s`\n", c.Dir, c.Dir)
	return nil
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
