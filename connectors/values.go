package connectors

import "log/slog"

// Values are a source's settings from merit.yml by Setting.Name, with defaults
// filled in and ${ENV} and file: resolved.
type Values map[string][]string

// Text is the setting's single value, "" when it is not set.
func (v Values) Text(name string) string {
	if len(v[name]) == 0 {
		return ""
	}
	return v[name][0]
}

// List is all values of a list setting.
func (v Values) List(name string) []string { return v[name] }

// Secret is the setting's value in a wrapping that no printing undoes.
func (v Values) Secret(name string) Secret { return NewSecret(v.Text(name)) }

const redacted = "[redacted]"

// A Secret prints as [redacted] in every form, logs, %#v and JSON too. Only
// Reveal gives the text.
type Secret struct{ text *string }

// NewSecret wraps text; the pointer keeps reflection-based printers from it.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal gives the secret itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty tells whether there is nothing in it.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

func (Secret) String() string               { return redacted }
func (Secret) GoString() string             { return redacted }
func (Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
