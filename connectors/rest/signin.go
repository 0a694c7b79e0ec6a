package rest

import (
	"context"
	"net/url"

	"merit/connectors/fault"
)

// A pass is a token, and which one it is.
type pass struct {
	Token
	number int // 0: none; then counts the sign-ins
}

// A door keeps the account's pass and lets one caller at a time get a new one.
type door struct {
	signIn func(context.Context) (Token, error)
	base   *url.URL
	key    chan struct{} // held while current and refused are looked at
	state  *doorState
}

type doorState struct {
	current pass
	refused error // a sign-in that only a person can mend: asking again could lock the account
}

func newDoor(c Config) door {
	d := door{signIn: c.SignIn, base: c.Base, key: make(chan struct{}, 1), state: &doorState{}}
	d.key <- struct{}{}
	return d
}

// token is the current pass; it signs in when there is none.
func (d door) token(ctx context.Context) (pass, error) { return d.after(ctx, 0) }

// after is a pass newer than the one with this number. Whoever comes while
// another signs in waits for that one's pass.
func (d door) after(ctx context.Context, number int) (pass, error) {
	if d.signIn == nil {
		return pass{Token: Token{Base: d.base}}, nil
	}
	select {
	case <-ctx.Done():
		return pass{}, context.Cause(ctx)
	case <-d.key:
	}
	defer func() { d.key <- struct{}{} }()
	s := d.state
	if s.current.number > number {
		return s.current, nil
	}
	if s.refused != nil {
		return pass{}, s.refused
	}
	token, err := d.signIn(ctx)
	if err != nil {
		if fault.WhoMends(err) == fault.You {
			s.refused = err
		}
		return pass{}, err
	}
	if token.Base == nil {
		token.Base = d.base
	}
	if d.base.Scheme == "https" && token.Base.Scheme != "https" {
		return pass{}, fault.Errorf(fault.Them, "the sign-in leads from https to %s://%s", token.Base.Scheme, token.Base.Host)
	}
	s.current = pass{Token: token, number: s.current.number + 1}
	return s.current, nil
}
