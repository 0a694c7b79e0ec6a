package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Changes says in words what turns one version's rules into the other's.
func Changes(before, after Version) []string {
	was, is := before.Facts(), after.Facts()
	var sentences []string
	said := map[string]bool{}
	say := func(sentence string) {
		if !said[sentence] {
			said[sentence] = true
			sentences = append(sentences, sentence)
		}
	}
	for _, f := range was {
		switch now, there := find(is, f.Path); {
		case !there && missing(is, f.Path) > 0:
			item := f.Path[:missing(is, f.Path)]
			say(fmt.Sprintf("%s is gone (it had %s)", label(item), within(was, item)))
		case !there:
			say(fmt.Sprintf("%s was %s, is not set any more", leaf(f.Path), f.Value))
		case now != f.Value:
			say(fmt.Sprintf("%s was %s, is %s", leaf(f.Path), f.Value, now))
		}
	}
	for _, f := range is {
		if _, there := find(was, f.Path); there {
			continue
		}
		if n := missing(was, f.Path); n > 0 {
			say(fmt.Sprintf("%s is new: %s", label(f.Path[:n]), within(is, f.Path[:n])))
			continue
		}
		say(fmt.Sprintf("%s was not set, is %s", leaf(f.Path), f.Value))
	}
	return sentences
}

func find(all []Fact, path []string) (string, bool) {
	for _, f := range all {
		if slices.Equal(f.Path, path) {
			return f.Value, true
		}
	}
	return "", false
}

// missing is how long the path is of the outermost item (a role, a metric, a
// tier) that the others know nothing of; 0 when they know what it is part of.
func missing(others []Fact, path []string) int {
	for n := 2; n < len(path); n++ {
		if n == 3 && path[0] == "roles" {
			continue // "the metrics of role ae" is no item
		}
		if !slices.ContainsFunc(others, func(f Fact) bool { return len(f.Path) > n && slices.Equal(f.Path[:n], path[:n]) }) {
			return n
		}
	}
	return 0
}

// within is all that is said of an item.
func within(all []Fact, item []string) string {
	var parts []string
	for _, f := range all {
		if len(f.Path) > len(item) && slices.Equal(f.Path[:len(item)], item) {
			rest := f.Path[len(item):]
			if rest[0] == "metrics" && len(rest) > 1 {
				rest = rest[1:]
			}
			if len(rest) == 1 && slices.Contains(named, rest[0]) {
				continue // the item's own name
			}
			parts = append(parts, strings.Join(rest, " ")+" "+f.Value)
		}
	}
	return strings.Join(parts, ", ")
}

// named are the keys that hold an item's own name.
var named = []string{"tier", "pool", "okr"}

func leaf(path []string) string {
	last := path[len(path)-1]
	if len(path) == 1 {
		return last
	}
	return label(path[:len(path)-1]) + ": " + last
}

// label is a path in words: role ae, metric hygiene_score.
func label(path []string) string {
	one := map[string]string{
		"roles": "role", "metrics": "metric", "tiers": "tier", "pools": "pool", "budgets": "budget in", "okrs": "objective", "parameters": "parameters of",
		"weights": "weights",
	}
	var words []string
	for i := 0; i < len(path); i++ {
		if singular, isList := one[path[i]]; isList && i+1 < len(path) {
			words = append(words, singular+" "+path[i+1])
			i++
			continue
		}
		words = append(words, path[i])
	}
	return strings.Join(words, ", ")
}
