-- forecast_error: how far what was won lies from the forecast that was locked early in the quarter
-- grain: one row a rep and a quarter that is over and was forecast
-- key: source, rep_id, record_id
-- signal: a rep who knows the own pipeline can be planned by
-- owner: sales operations
-- kpi: forecast error of the quarter
-- okr: a forecast that the company can plan by
-- value: ratio
-- unit: share
-- better: lower
-- control: own
-- spans: quarter
-- streams: forecasts, deals
-- parameters: lock_day: 5
--    category: commit, total
-- names: category: forecast category
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: nothing_below_nothing: numerator >= 0 and denominator >= 0
-- gaming: a low forecast that is then beaten counts as far off as a high one; a forecast changed after the day of locking counts for nothing; deals held back for the next quarter show in its bias
-- changed: 2026-11-22 first version
--    2026-11-30 a forecast of 0 is wrong by all that was won, and says nothing when nothing was; won deals without a known amount make it unknown
--    2026-11-22 truncated where the owner of a deal that counts had been forgotten
--    2026-11-22 the record is of one rep: a steward who takes it out takes out no other
select
    forecast_results.source, -- the source that gave the forecast
    forecast_results.rep_id, -- whose forecast
    forecast_results.measured_at as occurred_at, -- the quarter's last instant
    'forecast' as record_type, -- the record is a forecast
    forecast_results.rep_id || ' ' || forecast_results.period as record_id, -- whose, and the quarter
    cast(abs(forecast_results.actual - forecast_results.forecast) as numeric(38, 9)) as numerator, -- what was won beside the forecast, more or less
    cast(case when forecast_results.forecast = 0 then forecast_results.actual else forecast_results.forecast end as numeric(38, 9)) as denominator, -- the locked forecast; where that was 0 what was won, which makes the error 1
    forecast_results.is_truncated, -- true: the CRM had forgotten who owned a deal that counts at its close; forecasts are kept as they were seen
    'forecast ' || fn.digits(forecast_results.forecast, 2) || ', won ' || fn.digits(forecast_results.actual, 2)
        || ' with ' || cast(forecast_results.deals as string)
        || case when forecast_results.deals = 1 then ' deal' else ' deals' end
        || case when forecast_results.unknown_deals = 0 then '' else ', of ' || cast(forecast_results.unknown_deals as string) || ' of them the amount or its rate is not known' end as detail, -- both numbers
    case when forecast_results.unknown_deals > 0 then 'value unknown' end as unknown_reason -- value unknown: a deal that was won has no amount or no rate; null: all are known
from core.forecast_results
where forecast_results.forecast >= 0
    -- Nothing forecast and nothing won is no accuracy.
    and (forecast_results.forecast > 0 or forecast_results.actual > 0 or forecast_results.unknown_deals > 0)
