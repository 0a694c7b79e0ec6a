package hsserver

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A kind is what HubSpot's description says that a query parameter must be.
type kind string

const (
	aText    kind = "a string"
	texts    kind = "a list of strings" // any number of them
	anInt32  kind = "an integer (int32)"
	anInt64  kind = "an integer (int64)"
	aBoolean kind = "a boolean"
	aTime    kind = "a date and time (RFC 3339)"
)

// described are the query parameters of the paths that this portal serves, with their
// kinds: names and types out of the API descriptions that HubSpot publishes
// (HubSpot/HubSpot-public-api-spec-collection, August 2026; 2026-03 and 2026-09 agree).
// Whatever is not among them is refused, so that a client which believes in another
// parameter is found out here and not by HubSpot.
func described() map[string]map[string]kind {
	return map[string]map[string]kind{
		"GET /crm/objects/{version}/{type}": {
			"after": aText, "limit": anInt32, "archived": aBoolean, "properties": texts, "propertiesWithHistory": texts, "associations": texts,
		},
		"GET /crm/objects/{version}/{type}/{id}": {
			"archived": aBoolean, "properties": texts, "propertiesWithHistory": texts, "associations": texts, "idProperty": aText,
		},
		"POST /crm/objects/{version}/{type}/batch/read": {"archived": aBoolean},
		"GET /crm/properties/{version}/{type}":          {"archived": aBoolean, "dataSensitivity": aText, "locale": aText, "properties": aText},
		"GET /crm/owners/{version}":                     {"after": aText, "limit": anInt32, "archived": aBoolean, "email": aText},
		"GET /crm/owners/{version}/{$}":                 {"after": aText, "limit": anInt32, "archived": aBoolean, "email": aText},
		"GET /account-info/{version}/activity/login":    {"after": aText, "limit": anInt32, "userId": anInt32},
		"GET /account-info/{version}/activity/audit-logs": {
			"after": aText, "limit": anInt32, "occurredAfter": aTime, "occurredBefore": aTime, "actingUserId": texts, "sort": texts, "fillFinalTimestamp": aBoolean,
		},
		"GET /forecast-submissions/{version}/events": {"after": aText, "limit": anInt32, "occurredAfter": anInt64, "occurredBefore": anInt64},
		"GET /settings/currencies/{version}/exchange-rates": {
			"after": aText, "limit": anInt32, "fromCurrencyCode": aText, "toCurrencyCode": aText,
		},
	}
}

// onlyIn are paths that not every dated version has; the others are in all of them.
func onlyIn() map[string][]string {
	return map[string][]string{
		"GET /settings/users/{version}/teams":               {"2026-03"},
		"GET /forecast-submissions/{version}/events":        {"2026-09-beta"},
		"GET /forecast-settings/{version}/forecast-types":   {"2026-09", "2026-09-beta"},
		"GET /account-info/{version}/activity/login":        {"2026-03", "2026-09"},
		"GET /account-info/{version}/activity/audit-logs":   {"2026-03", "2026-09"},
		"POST /deal-splits/{version}/batch/read":            {"2026-03", "2026-09"},
		"GET /settings/currencies/{version}/exchange-rates": {"2026-03", "2026-09"},
	}
}

// strict refuses what a path's description does not have before h sees it.
func strict(pattern string, h handler) handler {
	parameters, versions := described()[pattern], onlyIn()[pattern]
	return func(dst []byte, r *http.Request) (int, []byte, error) {
		if len(versions) > 0 && !slices.Contains(versions, r.PathValue("version")) {
			return 0, nil, notFound()
		}
		if pattern != "/" {
			if err := fits(r.URL.Query(), parameters); err != nil {
				return 0, nil, err
			}
		}
		return h(dst, r)
	}
}

func fits(query url.Values, parameters map[string]kind) error {
	for name, values := range query {
		want, isKnown := parameters[name]
		if !isKnown {
			return invalid("There is no query parameter %s", name)
		}
		if want != texts && len(values) > 1 {
			return invalid("%s is given %d times", name, len(values))
		}
		for _, text := range values {
			if !want.fits(text) {
				return invalid("Invalid %s: %q is not %s", name, text, want)
			}
		}
	}
	return nil
}

func (k kind) fits(text string) bool {
	var err error
	switch k {
	case anInt32:
		_, err = strconv.ParseInt(text, 10, 32)
	case anInt64:
		_, err = strconv.ParseInt(text, 10, 64)
	case aTime:
		_, err = time.Parse(time.RFC3339, text)
	case aBoolean:
		return text == "true" || text == "false"
	default:
		return !strings.ContainsRune(text, 0)
	}
	return err == nil
}
