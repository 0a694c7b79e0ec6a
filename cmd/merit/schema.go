package main

import (
	"encoding/json"

	"merit/pipelines"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/pipelines/yamlfile"
)

type schemaCommand struct {
	File string `arg:"" enum:"plan,merit" help:"plan for plan.yml, merit for merit.yml."`
}

// Help is what merit schema --help adds.
func (schemaCommand) Help() string {
	return "Prints the JSON Schema of plan.yml or merit.yml, with the metrics, parameters, connectors and settings that this binary knows. Editors complete and check the file by it: merit schema plan > plan.schema.json, and as the file's first line # yaml-language-server: $schema=plan.schema.json"
}

// Run is called by the command line.
func (c schemaCommand) Run(a *app) error {
	schema, err := c.schema(a)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return err
	}
	_, err = a.out.Write(append(text, '\n'))
	return err
}

func (c schemaCommand) schema(a *app) (yamlfile.Schema, error) {
	if c.File == "merit" {
		return project.Schema(parts().Connectors), nil
	}
	graph, err := a.graph()
	if err != nil {
		return nil, err
	}
	return plan.Schema((&pipelines.Job{Graph: graph}).Known()), nil
}
