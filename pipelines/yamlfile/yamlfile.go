// Package yamlfile reads a person's YAML strictly and says of every mistake in
// which line it is and what would be right.
package yamlfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"merit/connectors/fault"
)

// A File is one YAML file as it was read, kept so that later checks can name
// lines too.
type File struct {
	Path string // as errors show it
	Text []byte
	tree *ast.File
}

// Read decodes the file into target. Unknown and doubled keys are errors.
func Read(path string, target any) (*File, error) {
	text, err := ReadRegular(path, mostBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.You, "%s is not there; `merit init %s` writes a commented one", path, filepath.Dir(path))
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "read %s: %w", path, err)
	}
	return Parse(filepath.Base(path), text, target)
}

// Parse is Read for text that is in memory; name stands in errors.
func Parse(name string, text []byte, target any) (*File, error) {
	f := &File{Path: name, Text: text}
	if err := f.decode(target); err != nil {
		return nil, f.mistake(err, target)
	}
	return f, nil
}

// decode reads the text. The YAML library panics on some files that are none
// (!!binary where a list is meant): that is their author's mistake too.
func (f *File) decode(target any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it can't be read as YAML: %v", p)
		}
	}()
	if err := checkDepth(f.Text); err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(f.Text, target, yaml.Strict()); err != nil {
		return err
	}
	f.tree, err = parser.ParseBytes(f.Text, 0)
	return err
}

// Errorf is a fault of the file's author at a place such as $.sources.crm.token;
// where the place itself is missing, the nearest one above it is named.
func (f *File) Errorf(place, format string, args ...any) error {
	return fault.Errorf(fault.You, "%s:%d: %s", f.Path, f.Line(place), fmt.Sprintf(format, args...))
}

// Line is where the content of place begins, 1 when nothing of it is in the file.
func (f *File) Line(place string) int {
	for place != "$" && place != "" {
		path, err := yaml.PathString(place)
		if err == nil {
			if node, err := path.FilterFile(f.tree); err == nil && node != nil {
				return beginning(node)
			}
		}
		place = place[:max(strings.LastIndexAny(place, ".["), 0)]
	}
	return 1
}

// Keys are the names in the mapping at place, in the file's order.
func (f *File) Keys(place string) []string {
	path, err := yaml.PathString(place)
	if err != nil {
		return nil
	}
	node, err := path.FilterFile(f.tree)
	if err != nil {
		return nil
	}
	var keys []string
	if m, ok := node.(ast.MapNode); ok {
		for pairs := m.MapRange(); pairs.Next(); {
			keys = append(keys, pairs.Key().GetToken().Value)
		}
	}
	return keys
}

func beginning(node ast.Node) int {
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		node = m.Values[0].Key
	}
	if s, ok := node.(*ast.SequenceNode); ok && len(s.Values) > 0 {
		return beginning(s.Values[0])
	}
	return node.GetToken().Position.Line
}

func (f *File) mistake(err error, target any) error {
	var where yaml.Error
	if !errors.As(err, &where) {
		return fault.Errorf(fault.You, "%s: %w", f.Path, err)
	}
	text := where.GetMessage()
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		name := unknown.GetToken().Value
		text = fmt.Sprintf("unknown field %q", name)
		if near := fault.Nearest(name, fieldNames(reflect.TypeOf(target), map[reflect.Type]bool{})); near != "" {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
	} else if plain := expected(err); plain != "" {
		text = plain
	}
	at := where.GetToken().Position
	return fault.Errorf(fault.You, "%s:%d:%d: %s", f.Path, at.Line, at.Column, text)
}

// expected says of a value of the wrong kind which kind would be right; "" for
// other mistakes.
func expected(err error) string {
	var kind *yaml.TypeError
	var node *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &kind):
		given := map[reflect.Kind]string{reflect.Slice: "a list", reflect.Map: "a mapping"}[kind.SrcType.Kind()]
		if given == "" {
			given = fmt.Sprintf("%q", kind.Token.Value)
		}
		wanted := map[reflect.Kind]string{reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.String: "one text"}[kind.DstType.Kind()]
		if wanted == "" {
			return ""
		}
		return fmt.Sprintf("%s stands where %s is meant", given, wanted)
	case errors.As(err, &node):
		wanted := map[ast.NodeType]string{ast.SequenceType: "a list, each item with a dash or all in [ ],", ast.MappingType: "a mapping, lines of key: value,"}[node.Expected]
		if wanted == "" {
			return ""
		}
		return wanted + " is meant here"
	}
	return ""
}

// fieldNames are all keys that a type and the types within it can have.
func fieldNames(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var names []string
	for i := range t.NumField() {
		field := t.Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
		names = append(names, fieldNames(field.Type, seen)...)
	}
	return names
}
