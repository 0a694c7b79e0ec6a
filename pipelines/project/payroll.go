package project

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"merit/pipelines/currency"
	"merit/pipelines/yamlfile"
)

// A PayrollCode is a code of the payroll system: a text, or one for each currency.
type PayrollCode struct {
	Text       string
	ByCurrency map[string]string
}

// JSONSchema is a text, or a mapping of currencies to texts.
func (PayrollCode) JSONSchema() yamlfile.Schema {
	text := yamlfile.Schema{"type": []string{"string", "number"}}
	return yamlfile.Schema{"anyOf": []yamlfile.Schema{text, {
		"type": "object", "propertyNames": yamlfile.Schema{"enum": currency.Codes()}, "additionalProperties": text, "minProperties": 1,
	}}}
}

// UnmarshalYAML takes a text or a mapping, as it is written: 012 is a code, no number.
func (c *PayrollCode) UnmarshalYAML(node ast.Node) (err error) {
	if _, isMapping := node.(ast.MapNode); !isMapping {
		c.Text, err = yamlfile.Scalar(node)
		return err
	}
	c.ByCurrency = map[string]string{}
	for all := node.(ast.MapNode).MapRange(); all.Next(); {
		if c.ByCurrency[all.Key().String()], err = yamlfile.Scalar(all.Value()); err != nil {
			return err
		}
	}
	return nil
}

// checkPayroll refuses currencies that are none.
func (p *Project) checkPayroll() error {
	for _, name := range slices.Sorted(maps.Keys(p.Settings.Payouts.Payroll)) {
		code := p.Settings.Payouts.Payroll[name]
		place := "$.payouts.payroll." + name
		if name == "currency" && !currency.Known(code.Text) {
			return p.file.Errorf(place, "currency is the one that the payroll system pays in, as USD; codes by currency belong to the setting that they are of, as company_code: {USD: ABC, EUR: DEF}")
		}
		for _, of := range slices.Sorted(maps.Keys(code.ByCurrency)) {
			if !currency.Known(of) {
				return p.file.Errorf(place, "%s: %q is no currency of ISO 4217; write it as USD", name, of)
			}
		}
	}
	return nil
}
