package plan

import (
	"fmt"
	"slices"
)

// signOffReasons are why a manager may be asked to look at a score: the reasons of
// audits.borderline.
var signOffReasons = []string{"near a tier", "truncated history", "doubtful data"}

// signOffSettings are the reasons for which this version asks for a manager's sign-off.
func (v Version) signOffSettings() map[string]Settings {
	return map[string]Settings{"sign_off": {"reason": v.SignOff}}
}

// checkSignOff is check for what a manager signs off.
func (p *Plan) checkSignOff(place string, reasons []string) error {
	for i, reason := range reasons {
		at := fmt.Sprintf("%s[%d]", place, i)
		if !slices.Contains(signOffReasons, reason) {
			return p.file.Errorf(at, "a sign-off is asked for %s, not for %q%s", list(signOffReasons), reason, meant(reason, signOffReasons))
		}
		if slices.Contains(reasons[:i], reason) {
			return p.file.Errorf(at, "%s is there twice", reason)
		}
	}
	return nil
}

// AsksSignOff is the first version that asks for a manager's sign-off; "" is none.
func (p *Plan) AsksSignOff() string {
	for _, v := range p.Versions {
		if len(v.SignOff) > 0 {
			return v.Name
		}
	}
	return ""
}
