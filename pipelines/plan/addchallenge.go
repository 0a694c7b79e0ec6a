package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"merit/connectors/fault"
)

// WithChallenge is the text of a plan with one more challenge in its last version, all
// else as it was, comments too. It is checked like any plan, and nothing but the
// challenge may have changed by it.
func WithChallenge(name string, text []byte, c Challenge, known Known) ([]byte, error) {
	before, err := Parse(name, text, known)
	if err != nil {
		return nil, err
	}
	last := len(before.Versions) - 1
	if v := before.Versions[last]; v.EffectiveFrom > c.From {
		return nil, fault.Errorf(fault.You, "version %s of %s is not in force on %s yet; write the challenge by hand into the version that is: %s", v.Name, name, c.From, c.line())
	}
	lines := strings.SplitAfter(string(text), "\n")
	at, indent, head, err := before.placeOfChallenges(last, lines)
	if err != nil {
		return nil, fmt.Errorf("%w; write it by hand: %s", err, c.line())
	}
	if at > 0 && !strings.HasSuffix(lines[at-1], "\n") {
		lines[at-1] += "\n"
	}
	added := head + indent + c.line() + "\n"
	changed := []byte(strings.Join(slices.Insert(lines, at, added), ""))
	after, err := Parse(name, changed, known)
	if err != nil {
		return nil, err
	}
	if !after.isBut(before, last, c.Name) {
		return nil, fault.Errorf(fault.You, "%s is laid out so that a challenge can't be added by itself; write it by hand under recognition.challenges: %s", name, c.line())
	}
	return changed, nil
}

// line is the challenge as it stands in plan.yml.
func (c Challenge) line() string {
	text := fmt.Sprintf("- {challenge: %q, metric: %s, from: %s, to: %s", c.Name, c.Metric, c.From, c.To)
	if len(c.Teams) > 0 {
		var teams []string
		for _, team := range c.Teams {
			teams = append(teams, fmt.Sprintf("%q", team))
		}
		text += ", teams: [" + list(teams) + "]"
	}
	return text + "}"
}

// placeOfChallenges is the line before which a challenge is written, how far it is
// indented, and what has to stand above it.
func (p *Plan) placeOfChallenges(version int, lines []string) (at int, indent, head string, err error) {
	root := fmt.Sprintf("$.versions[%d]", version)
	if challenges := root + ".recognition.challenges"; len(p.Versions[version].Recognition.Challenges) > 0 {
		at = p.file.Line(challenges+"[0]") - 1
		indent = indentOf(lines[at])
		if !strings.HasPrefix(lines[at][len(indent):], "- ") {
			return 0, "", "", p.file.Errorf(challenges, "the challenges do not stand one below the other")
		}
		return at, indent, "", nil
	}
	if keys := p.file.Keys(root + ".recognition"); len(keys) > 0 {
		at = p.file.Line(root+".recognition") - 1
		indent = indentOf(lines[at])
		if !strings.HasPrefix(lines[at][len(indent):], keys[0]+":") {
			return 0, "", "", p.file.Errorf(root+".recognition", "what stands under recognition does not stand one below the other")
		}
		return at, indent + "  ", indent + "challenges:\n", nil
	}
	if slices.Contains(p.file.Keys(root), "recognition") {
		return 0, "", "", p.file.Errorf(root+".recognition", "recognition has nothing under it")
	}
	at = p.file.Line(root) - 1
	indent = strings.Repeat(" ", len(indentOf(lines[at]))+2)
	if !strings.HasPrefix(strings.TrimSpace(lines[at]), "- ") || strings.HasPrefix(strings.TrimSpace(lines[at]), "- {") {
		return 0, "", "", p.file.Errorf(root, "the version's first key does not stand behind its dash")
	}
	return at + 1, indent + "    ", indent + "recognition:\n" + indent + "  challenges:\n", nil
}

func indentOf(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " "))] }

// isBut tells whether a plan is another one but for a challenge of one version.
func (p *Plan) isBut(other *Plan, version int, challenge string) bool {
	if len(p.Versions) != len(other.Versions) {
		return false
	}
	versions := slices.Clone(p.Versions)
	r := &versions[version].Recognition
	kept := slices.DeleteFunc(slices.Clone(r.Challenges), func(c Challenge) bool { return c.Name == challenge })
	if len(kept)+1 != len(r.Challenges) {
		return false
	}
	if r.Challenges = kept; len(kept) == 0 {
		r.Challenges = nil
	}
	return reflect.DeepEqual(versions, other.Versions)
}
