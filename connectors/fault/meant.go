package fault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	mostListed = 20 // so many names are listed whole; of more only those that may be meant
	mostMeant  = 3
)

// Instead goes on a sentence that refuses word: which of the known names may be meant,
// and which there are. Of a long list only the nearest names are told, or how many
// there are and the first of them where none is near.
func Instead(word string, known []string) string {
	text := ""
	near := nearest(word, known)
	if len(near) > 0 {
		quoted := make([]string, len(near))
		for i, name := range near {
			quoted[i] = fmt.Sprintf("%q", name)
		}
		text = ", did you mean " + strings.Join(quoted, " or ") + "?"
	}
	switch {
	case len(known) == 0:
		return text + "; there are none"
	case len(known) <= mostListed:
		return text + "; there are " + strings.Join(known, ", ")
	case len(near) > 0:
		return text
	}
	return fmt.Sprintf("; there are %d, among them %s", len(known), strings.Join(known[:mostListed], ", "))
}

// Nearest is the known word that differs from word in at most a third of its
// letters, or is a part of a longer name such as core.deals; "" when none is.
func Nearest(word string, known []string) string {
	if near := nearest(word, known); len(near) > 0 {
		return near[0]
	}
	return ""
}

// nearest are the known names that may be meant, the nearest first.
func nearest(word string, known []string) []string {
	if word == "" {
		return nil
	}
	most := max(len(word)/3, 1)
	type candidate struct {
		name   string
		differ int
	}
	var near []candidate
	for _, name := range known {
		if d := differ(word, name); d <= most {
			near = append(near, candidate{name, d})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.differ, b.differ), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range near[:min(len(near), mostMeant)] {
		names = append(names, c.name)
	}
	return names
}

// differ is how far a word is from a name: capitals count for nothing, and a name
// with a folder may be meant without it, or with another one.
func differ(word, name string) int {
	word, name = strings.ToLower(word), strings.ToLower(name)
	least := distance(word, name)
	if _, bare, found := strings.Cut(name, "."); found {
		_, last, given := strings.Cut(word, ".")
		if !given {
			last = word
		}
		least = min(least, distance(last, bare)+1)
	}
	return least
}

// distance is Levenshtein's: how many letters must be put in, taken out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
