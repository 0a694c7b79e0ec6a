package yamlfile

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// A Schema is a JSON Schema (2020-12), or a part of one.
type Schema = map[string]any

// A described type says itself what may stand for it in a file.
type described interface{ JSONSchema() Schema }

// SchemaOf describes what Parse takes for a type, from its yaml, doc and schema
// tags, so that editors complete and check the file. A schema tag holds, with
// commas:
//
//	required         the key has to be there
//	filled, least=1  not empty
//	date             a day as 2026-01-31
//	period           a quarter as 2026-Q1
//	enum=a|b         one of these
//	min=0, max=100   bounds of a number
//	decimals=4       of a number
//	NAME             a text, the texts of a list or the keys of a map are among names[NAME]
func SchemaOf(t reflect.Type, names map[string][]string) Schema {
	if t.Kind() == reflect.Pointer {
		return SchemaOf(t.Elem(), names)
	}
	if text, ok := reflect.Zero(t).Interface().(described); ok {
		return text.JSONSchema()
	}
	switch t.Kind() {
	case reflect.Struct:
		return structSchema(t, names)
	case reflect.Map:
		return Schema{"type": "object", "additionalProperties": SchemaOf(t.Elem(), names)}
	case reflect.Slice:
		return Schema{"type": "array", "items": SchemaOf(t.Elem(), names)}
	case reflect.Bool:
		return Schema{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return Schema{"type": "integer"}
	case reflect.String:
		return Schema{"type": []string{"string", "number"}}
	}
	panic(fmt.Sprintf("%s can't stand in a YAML file", t))
}

func structSchema(t reflect.Type, names map[string][]string) Schema {
	properties, required := Schema{}, []string{}
	for i := range t.NumField() {
		field := t.Field(i)
		name := field.Tag.Get("yaml")
		if name == "" {
			continue
		}
		s := SchemaOf(field.Type, names)
		if doc := field.Tag.Get("doc"); doc != "" {
			s["description"] = doc
		}
		for _, rule := range strings.Split(field.Tag.Get("schema"), ",") {
			if rule == "required" {
				required = append(required, name)
				continue
			}
			narrow(s, rule, names)
		}
		properties[name] = s
	}
	s := Schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// narrow adds one rule of a schema tag.
func narrow(s Schema, rule string, names map[string][]string) {
	word, value, _ := strings.Cut(rule, "=")
	switch word {
	case "":
	case "filled":
		s["type"], s["minLength"] = []string{"string", "number"}, 1
	case "least":
		s[map[any]string{"array": "minItems", "object": "minProperties"}[s["type"]]] = number(value)
	case "date":
		s["type"], s["pattern"] = "string", `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
	case "period":
		s["type"], s["pattern"] = "string", `^[0-9]{4}-Q[1-4]$`
	case "enum":
		s["enum"] = strings.Split(value, "|")
		s["type"] = "string"
	case "min":
		s["minimum"] = number(value)
	case "max":
		s["maximum"] = number(value)
	case "decimals":
		s["multipleOf"] = number("1e-" + value)
	default:
		known, there := names[word]
		if !there {
			panic(fmt.Sprintf("the schema tag %q is neither a rule nor a list of names", rule))
		}
		switch s["type"] {
		case "object":
			s["propertyNames"] = Schema{"enum": known}
		case "array":
			s["items"], s["uniqueItems"] = Schema{"enum": known}, true
		default:
			s["type"], s["enum"] = "string", known
		}
	}
}

func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("the schema tag says %q where a number is meant", text))
	}
	return n
}

// Whole is a whole number; a fraction in the file is refused, not cut off.
type Whole int

// JSONSchema is what may stand for it.
func (Whole) JSONSchema() Schema { return Schema{"type": "integer"} }

// UnmarshalYAML refuses what a whole number would silently be made of.
func (w *Whole) UnmarshalYAML(node ast.Node) error {
	text, err := Scalar(node)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return Refuse(node, "%q is not a whole number", text)
	}
	*w = Whole(n)
	return nil
}

// Scalar is the text of a single value exactly as it stands in the file.
func Scalar(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.AnchorNode:
		return Scalar(n.Value)
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NanNode, *ast.InfinityNode:
		return node.GetToken().Value, nil
	}
	return "", Refuse(node, "a number is meant here, written as 12.5")
}

// Refuse is the error of a type that reads itself from a node, with its line.
func Refuse(node ast.Node, format string, args ...any) error {
	return &yaml.SyntaxError{Message: fmt.Sprintf(format, args...), Token: node.GetToken()}
}
