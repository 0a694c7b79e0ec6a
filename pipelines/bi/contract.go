package bi

import "strings"

// contract is an Open Data Contract (ODCS 3.0.2) over the Parquet files. Linted and
// tested with datacontract-cli 1.2.8.
func contract(p Project) (map[string][]byte, error) {
	var schema []dict
	for _, t := range p.Catalogue.Tables {
		var properties []dict
		for _, c := range t.Columns {
			property := dict{pair("name", c.Name), pair("logicalType", logicalType(c)), pair("physicalType", c.Type), pair("description", sentence(c.Description)), pair("required", !c.IsNullable)}
			for i, key := range t.Key {
				if key == c.Name {
					property = append(property, pair("primaryKey", true), pair("primaryKeyPosition", i+1))
				}
			}
			properties = append(properties, property)
		}
		schema = append(schema, dict{pair("name", t.Name), pair("physicalName", t.Name), pair("logicalType", "object"), pair("physicalType", "table"),
			pair("description", sentence(t.Description)+" "+sentence(t.Grain)), pair("properties", properties)})
	}
	text, err := asYAML(dict{
		pair("apiVersion", "v3.0.2"), pair("kind", "DataContract"), pair("id", "merit-published"), pair("name", "Merit's published tables"),
		pair("version", "1.0.0"), pair("status", "active"),
		pair("description", dict{pair("purpose", "Scores, what they rest on, and the deals behind them.")}),
		pair("servers", []dict{{pair("server", "local"), pair("type", "local"), pair("path", strings.TrimSuffix(p.Published, "/")+"/current/{model}.parquet"), pair("format", "parquet")}}),
		pair("schema", schema),
	})
	return map[string][]byte{"merit.odcs.yaml": text}, err
}

func logicalType(c Column) string {
	switch {
	case c.Type == "BIGINT":
		return "integer"
	case c.isNumber():
		return "number"
	case c.Type == "BOOLEAN":
		return "boolean"
	case c.isTime():
		return "date"
	}
	return "string"
}
