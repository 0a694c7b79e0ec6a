package plan

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A Fact is one thing that a version of the plan says. Its path is made of the
// keys of plan.yml, an item of a list standing there by its name.
type Fact struct {
	Path  []string // roles, ae, metrics, hygiene_score, weight
	Value string
}

// Facts are all that the version says, defaults filled in; what is 0, empty or
// false says nothing. Name and first day are no rules and stay out, as do the
// parameters of metrics that no role is measured by.
func (v Version) Facts() []Fact {
	v.Name, v.EffectiveFrom = "", ""
	used := map[string]Settings{}
	for _, role := range v.Roles {
		for metric := range role.Metrics {
			used[metric] = v.Parameters[metric]
		}
	}
	v.Parameters = used
	return facts(nil, reflect.ValueOf(v))
}

func facts(path []string, v reflect.Value) []Fact {
	switch value := v.Interface().(type) {
	case Decimal:
		if value.IsZero() {
			return nil
		}
		return []Fact{{path, value.Plain()}}
	case *Decimal: // one that is given says something, also when it is 0
		if value == nil {
			return nil
		}
		return []Fact{{path, value.Plain()}}
	case []string:
		return listed(path, value)
	case Values:
		return listed(path, value)
	}
	switch v.Kind() {
	case reflect.Struct:
		return fieldFacts(path, v)
	case reflect.Map:
		return mapFacts(path, v)
	case reflect.Slice:
		var all []Fact
		for i := range v.Len() {
			name := v.Index(i).Field(0).String()
			all = append(all, facts(append(slices.Clone(path), name), v.Index(i))...)
		}
		return all
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if v.Elem().Kind() != reflect.Struct {
			return []Fact{{path, fmt.Sprint(v.Elem().Interface())}}
		}
		return facts(path, v.Elem())
	}
	if v.IsZero() {
		return nil
	}
	return []Fact{{path, fmt.Sprint(v.Interface())}}
}

// listed is a list without order: the same names in another order say the same.
func listed(path []string, names []string) []Fact {
	if len(names) == 0 {
		return nil
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(names)))
	return []Fact{{path, strings.Join(sorted, ", ")}}
}

func fieldFacts(path []string, v reflect.Value) []Fact {
	var all []Fact
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name == "" {
			continue
		}
		at := append(slices.Clone(path), name)
		if d, ok := v.Field(i).Interface().(Decimal); ok && name == "weight" { // 0 says: shown, not scored
			all = append(all, Fact{at, d.Plain()})
			continue
		}
		all = append(all, facts(at, v.Field(i))...)
	}
	return all
}

// mapFacts keeps a role's metric of weight 0, or a pool's share of 0: that the
// key is there says something.
func mapFacts(path []string, v reflect.Value) []Fact {
	var all []Fact
	keys := map[string]reflect.Value{}
	for _, key := range v.MapKeys() {
		keys[key.String()] = v.MapIndex(key)
	}
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		at := append(slices.Clone(path), name)
		if d, ok := keys[name].Interface().(Decimal); ok {
			all = append(all, Fact{at, d.Plain()})
			continue
		}
		all = append(all, facts(at, keys[name])...)
	}
	return all
}
