package hubspot

import (
	"net/url"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
)

// rateStream has what other currencies were worth in the account's, as its people or
// HubSpot set it. A rate holds until the next one of its currency.
func rateStream() small {
	return small{
		name: "exchange_rates", isSoft: true,
		tables: []connectors.Table{{Name: "exchange_rates", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
			text("id"), text("fromCurrencyCode"), text("toCurrencyCode"), decimal("conversionRate"), instant("effectiveAt"), instant("updatedAt"),
			flag(connectors.DeletedColumn), // not in the list any more
		}, nil)}},
		read: readRates,
	}
}

// readRates reads all of them each time, and tells those that are gone since.
func readRates(r *smallReading) error {
	b, known := r.builders[0], map[string]string{}
	id := b.Column("id")
	query := url.Values{"limit": {strconv.Itoa(listedAtOnce)}}
	err := r.each(r.path("settings/currencies", "exchange-rates"), query, func(d *jsontext.Decoder) error {
		err := decode.Members(d, func(name []byte) error {
			to := b.Column(string(name))
			if to < 0 {
				return decode.Skip(d)
			}
			text, _, err := decode.Text(d, nil)
			if to == id {
				known[string(text)] = ""
			}
			b.Set(to, text)
			return err
		})
		set(b, map[string]string{connectors.DeletedColumn: "false"})
		b.EndRow()
		return err
	})
	if err != nil {
		return err
	}
	for before := range r.last.Known {
		if _, ok := known[before]; !ok {
			set(b, map[string]string{"id": before, connectors.DeletedColumn: "true"})
			b.EndRow()
		}
	}
	r.last.Known = known
	return nil
}

// forecastTypeStream has what the account's forecasts are made of: which property is
// their amount, and which their date.
func forecastTypeStream() small {
	return small{
		name: "forecast_types", isSoft: true,
		tables: []connectors.Table{{Name: "forecast_types", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
			text("id"), text("forecastName"), text("objectTypeId"), flag("defaultType"), text("amountProperty"), text("dateProperty"),
			text("weightedAmountProperty"), text("dealSplitProperties"), instant("updatedAt"),
		}, nil)}},
		read: func(r *smallReading) error {
			one := func(d *jsontext.Decoder) error { return row(d, r.builders[0], nil) }
			path := "/forecast-settings/" + forecastVersion
			err := r.eachOrOne(path+"/forecast-types", one)
			if isRefused(err) { // some accounts have it as a beta only
				err = r.eachOrOne(path+"-beta/forecast-types", one)
			}
			return err
		},
	}
}
