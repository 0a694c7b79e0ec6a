package main

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/models"
	"merit/pipelines"
	"merit/pipelines/project"
	"merit/transform/model"
)

// graph is Merit's models and, where a project is, its own.
func (a *app) graph() (*model.Graph, error) {
	if _, err := os.Stat(filepath.Join(a.project, project.FileName)); errors.Is(err, fs.ErrNotExist) {
		return model.Load(models.Files)
	}
	return pipelines.Graph(models.Files, a.project)
}

type modelsCommand struct {
	New  modelsNewCommand  `cmd:"" help:"Write a model of the project's own, with a worked example, to begin from."`
	List modelsListCommand `cmd:"" help:"The project's own models, and what each reads."`
}

type modelsListCommand struct{}

// Run is called by the command line.
func (modelsListCommand) Run(a *app) error {
	graph, err := a.graph()
	if err != nil {
		return err
	}
	n := 0
	for _, m := range graph.Models() {
		if !m.IsOwn() {
			continue
		}
		n++
		a.printf("%s  %s\n    reads %s\n", m.Name, m.Header.Title, strings.Join(m.Needs, ", "))
	}
	if n == 0 {
		a.printf("this project has no models of its own; `merit models new metrics.%sNAME` writes one\n", model.OwnPrefix)
	}
	return nil
}

// skeletons are a model of each kind that is often wanted, which passes as it is.
//
//go:embed skeleton/*
var skeletons embed.FS

type modelsNewCommand struct {
	Model string `arg:"" help:"KIND.NAME: metrics.own_… or marts.own_…"`
}

// Help is what merit models new --help adds.
func (modelsNewCommand) Help() string {
	return "Writes models/KIND/NAME.sql and the worked example beside it into the project. The example passes as it is; `merit test --select NAME` runs it. A metric counts once plan.yml names it; a mart is published by the next run."
}

var ownName = regexp.MustCompile(`^` + model.OwnPrefix + `[a-z][a-z_]{0,50}$`)

// Run is called by the command line.
func (c modelsNewCommand) Run(a *app) error {
	if _, err := os.Stat(filepath.Join(a.project, project.FileName)); err != nil {
		return fault.Errorf(fault.You, "no project is in %s: a model of your own lies in a project", a.project)
	}
	kind, name, isBoth := strings.Cut(c.Model, ".")
	kinds := []string{"marts", "metrics"}
	switch {
	case !isBoth || !slices.Contains(kinds, kind):
		return fault.Errorf(fault.You, "%q is no KIND.NAME; write metrics.%[2]sNAME or marts.%[2]sNAME", c.Model, model.OwnPrefix)
	case !ownName.MatchString(name):
		return fault.Errorf(fault.You, "%q: the name of a model of your own is %s and then small letters and _, so that no later version of Merit takes it", name, model.OwnPrefix)
	}
	graph, err := a.graph()
	if err != nil {
		return err
	}
	if m := graph.Model(kind + "." + name); m != nil {
		return fault.Errorf(fault.You, "there is a model %s already: models/%s", m.Name, m.File)
	}
	for _, end := range []string{".sql", "_test.md"} {
		text, err := skeletons.ReadFile("skeleton/" + kind + end)
		if err != nil {
			return err
		}
		text = []byte(strings.ReplaceAll(string(text), "own_skeleton", name))
		if err := writeNew(filepath.Join(a.project, "models", kind, name+end), text); err != nil {
			return err
		}
	}
	a.printf("models/%[1]s/%[2]s.sql and its worked example are written; `merit test --select %[1]s.%[2]s` runs it\n", kind, name)
	return nil
}
