package project

import (
	"reflect"
	"slices"

	"merit/connectors"
	"merit/pipelines/currency"
	"merit/pipelines/yamlfile"
)

// Schema is the JSON Schema of merit.yml with the connectors there are.
func Schema(known []connectors.Connector) yamlfile.Schema {
	s := yamlfile.SchemaOf(reflect.TypeFor[Settings](), map[string][]string{"currency": currency.Codes()})
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "merit.yml: the settings of one company"
	s["required"] = []string{"sources"}
	sources := s["properties"].(yamlfile.Schema)["sources"].(yamlfile.Schema)
	sources["propertyNames"] = yamlfile.Schema{"pattern": sourceName.String()}
	sources["minProperties"] = 1
	sources["additionalProperties"] = sourceSchema(known)
	return s
}

// sourceSchema has a branch for each connector, with the settings that it knows.
func sourceSchema(known []connectors.Connector) yamlfile.Schema {
	var names []string
	var branches []yamlfile.Schema
	for _, c := range known {
		names = append(names, c.Name)
		branches = append(branches, yamlfile.Schema{
			"if":   yamlfile.Schema{"properties": yamlfile.Schema{"connector": yamlfile.Schema{"const": c.Name}}},
			"then": connectorSchema(c),
		})
	}
	slices.Sort(names)
	return yamlfile.Schema{
		"type": "object", "required": []string{"connector"}, "allOf": branches,
		"properties": yamlfile.Schema{"connector": yamlfile.Schema{"enum": names, "description": "What kind of CRM it is."}},
	}
}

func connectorSchema(c connectors.Connector) yamlfile.Schema {
	properties := yamlfile.Schema{
		"connector": true,
		"streams":   setting(connectors.Setting{List: true, Help: "Only these streams; without it all."}),
		"without":   setting(connectors.Setting{List: true, Help: "Streams that are not read, such as logins; what is computed from them is computed without."}),
	}
	required := []string{}
	for _, s := range c.Settings {
		properties[s.Name] = setting(s)
		if s.Required {
			required = append(required, s.Name)
		}
	}
	return yamlfile.Schema{"properties": properties, "required": required, "additionalProperties": false}
}

func setting(s connectors.Setting) yamlfile.Schema {
	scalar := yamlfile.Schema{"type": []string{"string", "number", "boolean"}}
	list := yamlfile.Schema{"type": "array", "items": scalar}
	if s.Secret {
		scalar = yamlfile.Schema{"type": "string", "pattern": reference.String() + "|^file:"}
	}
	if !s.List {
		list = yamlfile.Schema{"type": "array", "items": scalar, "minItems": 1, "maxItems": 1}
	}
	described := yamlfile.Schema{"anyOf": []yamlfile.Schema{scalar, list}, "description": s.Help}
	if s.Default != "" {
		described["default"] = s.Default
	}
	return described
}

// JSONSchema is what may stand for a setting of a source, whatever its connector.
func (yamlValue) JSONSchema() yamlfile.Schema { return yamlfile.Schema{} }
