-- fiscal_periods: the fiscal calendar as the org has it set up
-- A year is called by its name in the settings where that is a number, else by the year
-- in which it ends.
with numbered as (
    select
        periods.Id,
        lower(periods.Type) as kind,
        coalesce(
            cast(fn.as_number(years.Name) as bigint),
            cast(fn.as_number(substr(cast(coalesce(years.EndDate, periods.EndDate) as string), 1, 4)) as bigint)
        ) as fiscal_year,
        periods.Number,
        row_number() over (
            partition by periods.FiscalYearSettingsId, periods.Type
            order by periods.StartDate, periods.Id
        ) as place,
        coalesce(periods.FullyQualifiedLabel, periods.PeriodLabel, periods.QuarterLabel) as label,
        periods.StartDate,
        periods.EndDate
    from raw.Period as periods
    left join raw.FiscalYearSettings as years on years.Id = periods.FiscalYearSettingsId
    where periods.Type in ('Year', 'Quarter', 'Month', 'Week')
        and periods.StartDate is not null
        and periods.EndDate is not null
        and not coalesce(periods.merit_deleted, false)
)

select
    numbered.Id as period_id,
    numbered.kind as kind,
    numbered.fiscal_year as fiscal_year,
    case when numbered.kind = 'year' then cast(1 as bigint) else coalesce(numbered.Number, numbered.place) end as number,
    numbered.label as label,
    numbered.StartDate as starts_on,
    numbered.EndDate as ends_on
from numbered
