package plan

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"merit/pipelines/currency"
	"merit/pipelines/yamlfile"
)

// Schema is the JSON Schema of plan.yml with the metrics there are.
func Schema(known Known) yamlfile.Schema {
	metrics := slices.Sorted(maps.Keys(known))
	s := yamlfile.SchemaOf(reflect.TypeFor[Plan](), map[string][]string{
		"metric": metrics, "metrics": metrics,
		"currency": currency.Codes(), "currencies": currency.Codes(),
	})
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "plan.yml: the rules by which behaviour is measured and paid"
	version := s["properties"].(yamlfile.Schema)["versions"].(yamlfile.Schema)["items"].(yamlfile.Schema)["properties"].(yamlfile.Schema)
	version["parameters"] = parametersSchema(known, version["parameters"].(yamlfile.Schema)["description"])
	return s
}

func parametersSchema(known Known, description any) yamlfile.Schema {
	all := yamlfile.Schema{}
	for name, definition := range known {
		own := yamlfile.Schema{}
		for parameter, defaults := range definition.Parameters {
			s := Values{}.JSONSchema()
			s["description"] = "Unless said: " + strings.Join(defaults, ", ") + "."
			own[parameter] = s
		}
		all[name] = yamlfile.Schema{"type": "object", "properties": own, "additionalProperties": false}
	}
	return yamlfile.Schema{"type": "object", "properties": all, "additionalProperties": false, "description": description}
}

// JSONSchema is what may stand for a number.
func (Decimal) JSONSchema() yamlfile.Schema {
	return yamlfile.Schema{"type": "number", "exclusiveMinimum": -1e15, "exclusiveMaximum": 1e15}
}

// JSONSchema is what may stand for a parameter.
func (Values) JSONSchema() yamlfile.Schema {
	scalar := []string{"string", "number", "boolean"}
	return yamlfile.Schema{"anyOf": []yamlfile.Schema{{"type": scalar}, {"type": "array", "items": yamlfile.Schema{"type": scalar}}}}
}
