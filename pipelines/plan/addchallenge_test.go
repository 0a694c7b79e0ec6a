package plan

import (
	"strings"
	"testing"
)

// However a plan is laid out, a challenge comes to it as one more and changes no other
// line, or the person is told to write it by hand.
func TestAChallengeIsAddedAndNothingElse(t *testing.T) {
	c := Challenge{Name: `calls of "ae", East: after 2026-08`, Metric: "calls", From: "2026-09-07", To: "2026-09-20", Teams: []string{"East"}}
	block := "\n      # ours\n      challenges:\n        # begun in spring\n        - challenge: one\n          metric: calls\n          from: 2026-02-02\n          to: 2026-02-06\n      streaks: [{streak: s, metric: calls}]\n"
	for name, text := range map[string]string{
		"none":                  recognising("{}"),
		"others, block":         recognising("\n      # streaks\n      streaks: [{streak: s, metric: calls}] # daily\n"),
		"challenges, block":     recognising(block),
		"challenges, one line":  recognising("\n      challenges:\n        - {challenge: one, metric: calls, from: 2026-02-02, to: 2026-02-06}\n"),
		"no recognition at all": strings.SplitN(recognising("{}"), "    recognition:", 2)[0],
	} {
		t.Run(name, func(t *testing.T) {
			changed, err := WithChallenge("plan.yml", []byte(text), c, recognised)
			if err != nil {
				if name == "none" && strings.Contains(err.Error(), "by hand") {
					return
				}
				t.Fatalf("%v\n%s", err, text)
			}
			p, err := Parse("plan.yml", changed, recognised)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, challenge := range p.Versions[len(p.Versions)-1].Recognition.Challenges {
				found = found || challenge.Name == c.Name && challenge.From == c.From && len(challenge.Teams) == 1
			}
			if !found {
				t.Errorf("it is not there:\n%s", changed)
			}
			for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
				if !strings.Contains("\n"+string(changed), "\n"+line+"\n") {
					t.Errorf("the line %q is not there any more", line)
				}
			}
			if _, err := WithChallenge("plan.yml", changed, c, recognised); err == nil {
				t.Error("it is added twice")
			}
		})
	}
	for name, text := range map[string]string{
		"in one line":       recognising("{challenges: [{challenge: one, metric: calls, from: 2026-02-02, to: 2026-02-06}]}"),
		"an outcome":        recognising("\n      streaks: [{streak: s, metric: calls}]\n"),
		"not in force then": strings.Replace(recognising("\n      streaks: [{streak: s, metric: calls}]\n"), "effective_from: 20", "effective_from: 21", 1),
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			c := c
			if name == "an outcome" {
				c.Metric = "won_value"
			}
			if changed, err := WithChallenge("plan.yml", []byte(text), c, recognised); err == nil {
				t.Errorf("it was added:\n%s", changed)
			}
		})
	}
}
