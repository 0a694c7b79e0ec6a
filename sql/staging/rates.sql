-- rates: what a currency was worth in the company's currency, from when to when
-- key: source, currency, valid_from
create table staging.rates (
    source varchar not null, -- the source's name in merit.yml
    currency varchar not null, -- ISO 4217
    valid_from date not null, -- first day
    valid_to date, -- last day; null: until the next one's valid_from
    units numeric(38, 9) not null, -- so many units of this currency
    worth numeric(38, 9) not null -- are so many of the company's: money × worth ÷ units. Two numbers, as a rate turned round is not exact
);
