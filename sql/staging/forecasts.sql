-- forecasts: what was forecast, as it stood each time that it was looked at; a row is never changed afterwards
-- key: source, forecast_id
create table staging.forecasts (
    source varchar not null, -- the source's name in merit.yml
    forecast_id varchar not null, -- made of (user, first day, category, day taken) where the CRM has none
    user_key varchar not null, -- whose forecast: user_id at the source, or e-mail in lower case, or the roster's rep_id
    starts_on date not null, -- first day of the period that is forecast
    ends_on date not null, -- its last day
    category varchar not null, -- commit, best case, pipeline or closed; total where there is one number
    amount numeric(38, 9), -- that will be closed in the period; null: nothing was said
    currency varchar, -- ISO 4217; null: the company's currency
    is_adjusted boolean not null, -- true: a manager's judgement stands in for the sum of the deals
    taken_at timestamp with time zone not null -- when it was seen so; a forecast is locked by the newest one up to the day of locking
);
