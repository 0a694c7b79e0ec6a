package model

import (
	"slices"
	"strings"

	"merit/connectors/fault"
)

// Select gives the names that a pattern means, in the order of building:
// core.stage_visits or stage_visits; core.* for a folder; +x for x and all it
// reads from; x+ for x and all that reads from it; several with commas or spaces
// between. "" is everything.
func (g *Graph) Select(pattern string) ([]string, error) {
	parts := strings.FieldsFunc(pattern, func(r rune) bool { return r == ',' || r == ' ' })
	if len(parts) == 0 {
		return slices.Clone(g.order), nil
	}
	chosen := map[string]bool{}
	for _, part := range parts {
		bare := strings.TrimSuffix(strings.TrimPrefix(part, "+"), "+")
		meant := g.meant(bare)
		if len(meant) == 0 {
			return nil, fault.Errorf(fault.You, "no model is called %q%s", bare, fault.Instead(bare, g.order))
		}
		for _, name := range meant {
			chosen[name] = true
			if strings.HasPrefix(part, "+") {
				g.spread(chosen, name, g.readBy)
			}
			if strings.HasSuffix(part, "+") {
				g.spread(chosen, name, g.readers)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(g.order), func(name string) bool { return !chosen[name] }), nil
}

func (g *Graph) meant(bare string) []string {
	if folder, isFolder := strings.CutSuffix(bare, ".*"); isFolder {
		return slices.DeleteFunc(slices.Clone(g.order), func(name string) bool { return !strings.HasPrefix(name, folder+".") })
	}
	if m := g.Model(bare); m != nil {
		return []string{m.Name}
	}
	return nil
}

// readBy are the models that a model reads from.
func (g *Graph) readBy(name string) []string {
	return slices.DeleteFunc(slices.Clone(g.models[name].Needs), func(need string) bool { return g.models[need] == nil })
}

// readers are the models that read from a model.
func (g *Graph) readers(name string) []string {
	return slices.DeleteFunc(slices.Clone(g.order), func(other string) bool { return !slices.Contains(g.models[other].Needs, name) })
}

func (g *Graph) spread(chosen map[string]bool, from string, next func(string) []string) {
	seen := map[string]bool{from: true}
	for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
		for _, name := range next(todo[0]) {
			if !seen[name] {
				seen[name], chosen[name] = true, true
				todo = append(todo, name)
			}
		}
	}
}
