package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors/fault"
)

// NewJSON reads JSON tokens from r. A name that an object has twice is an error,
// for then nobody knows which value is meant. Broken UTF-8 inside a string is not:
// Text gives it as it came, so that the Builder rejects that one value.
func NewJSON(r io.Reader) *jsontext.Decoder {
	return jsontext.NewDecoder(r, jsontext.AllowInvalidUTF8(true))
}

// Object calls member for each name of the object that d is at; member reads
// exactly the name's value. A null is an object without members.
func Object(d *jsontext.Decoder, member func(name string) error) error {
	return Members(d, func(name []byte) error { return member(string(name)) })
}

// Members is Object for the hot path: the name is gone once d reads on, so member
// begins with a switch on string(name), which copies nothing.
func Members(d *jsontext.Decoder, member func(name []byte) error) error {
	if open, err := enter(d, '{', "an object"); !open {
		return err
	}
	for d.PeekKind() != '}' {
		raw, err := d.ReadValue()
		if err != nil {
			return inJSON(d, err)
		}
		name := inside(raw)
		if name == nil {
			if name, err = unquoted(nil, raw); err != nil {
				return inJSON(d, err)
			}
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return inJSON(d, err)
}

// Array calls element for each element of the array that d is at; element reads
// exactly that one. A null is an array without elements.
func Array(d *jsontext.Decoder, element func() error) error {
	if open, err := enter(d, '[', "an array"); !open {
		return err
	}
	for d.PeekKind() != ']' {
		if d.PeekKind() == 0 {
			_, err := d.ReadToken()
			return inJSON(d, err)
		}
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return inJSON(d, err)
}

// Text reads one value as text into buf[:0]; false for null. A string is given
// unescaped, a number with the digits that were sent, an object or array as its
// JSON.
func Text(d *jsontext.Decoder, buf []byte) ([]byte, bool, error) {
	raw, err := d.ReadValue()
	if err != nil {
		return buf[:0], false, inJSON(d, err)
	}
	switch raw.Kind() {
	case 'n':
		return buf[:0], false, nil
	case '"':
		text, err := unquoted(buf[:0], raw)
		return text, true, inJSON(d, err)
	}
	return append(buf[:0], raw...), true, nil
}

// Skip passes over one value.
func Skip(d *jsontext.Decoder) error { return inJSON(d, d.SkipValue()) }

// End is an error unless d is at its end: a reply that goes on behind its JSON was put
// together wrongly.
func End(d *jsontext.Decoder) error {
	_, err := d.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return inJSON(d, err)
	}
	return fault.Errorf(fault.Them, "the reply goes on behind its JSON")
}

// enter reads the opening of an object or array; false when there is none to read.
func enter(d *jsontext.Decoder, kind jsontext.Kind, what string) (bool, error) {
	switch d.PeekKind() {
	case kind:
		_, err := d.ReadToken()
		return err == nil, inJSON(d, err)
	case 'n':
		return false, Skip(d)
	case 0:
		_, err := d.ReadToken()
		return false, inJSON(d, err)
	}
	return false, fault.Errorf(fault.Them, "JSON at %q is not %s", d.StackPointer(), what)
}

// inside is the bytes between a JSON string's quotes, when those are what it
// says; nil when it has escapes.
func inside(raw jsontext.Value) []byte {
	text := raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		return nil
	}
	return text
}

// unquoted appends what a JSON string says to dst.
func unquoted(dst []byte, raw jsontext.Value) ([]byte, error) {
	if text := inside(raw); text != nil {
		return append(dst, text...), nil
	}
	text, err := jsontext.AppendUnquote(dst, []byte(raw))
	if err != nil && len(text) == 0 {
		return dst, fmt.Errorf("string %s: %w", raw, err)
	}
	return text, nil
}

// inJSON says where in the JSON the error is, and that its sender is to blame.
func inJSON(d *jsontext.Decoder, err error) error {
	if err == nil {
		return nil
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		err = errors.New("a duplicate name")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the reply ends before its JSON does")
	case errors.As(err, &syntax):
		err = fmt.Errorf("the reply is no JSON from its byte %d on", syntax.ByteOffset)
	}
	return fault.Errorf(fault.Them, "JSON at %q: %w", d.StackPointer(), err)
}
