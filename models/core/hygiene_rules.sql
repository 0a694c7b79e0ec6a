-- hygiene_rules: what the plan asks of a deal's record, by period
-- grain: one row a period
-- key: period
-- signal: what people are told to keep in order is what they are judged by
-- owner: revenue operations
-- not_null: period, required_fields, unknown_fields, unknown_items
-- gaming: none: the plan is published before the period begins
-- changed: 2026-11-22 first version
with asked as (
    select
        settings.period,
        settings.name,
        settings.value,
        settings.name = 'required_field' as is_field,
        -- A field that nobody knows is filled by nobody.
        settings.name = 'required_field' and settings.value not in (
            'name', 'account', 'amount', 'close_on', 'next_step', 'forecast_category', 'deal_type', 'lead_source'
        ) as is_unknown
    from plan.settings
    where settings.metric = 'hygiene_score'
)
select
    asked.period, -- fiscal year and quarter
    max(case when asked.name = 'fields_weight' then fn.as_number(asked.value) end) as fields_weight, -- weight of the fields
    max(case when asked.name = 'close_date_weight' then fn.as_number(asked.value) end) as close_date_weight, -- weight of an honest close date
    max(case when asked.name = 'contact_weight' then fn.as_number(asked.value) end) as contact_weight, -- weight of a contact with a role
    max(case when asked.name = 'max_pushes' then fn.as_number(asked.value) end) as max_pushes, -- how often a close date may move later
    max(case when asked.name = 'max_close_error_days' then fn.as_number(asked.value) end) as max_close_error_days, -- how many days after its date a close may be
    cast(sum(case when asked.is_field then 1 else 0 end) as bigint) as required_fields, -- how many fields are to be filled
    max(case when asked.is_field and asked.value = 'name' then 1 else 0 end) = 1 as asks_name, -- true: the name is
    max(case when asked.is_field and asked.value = 'account' then 1 else 0 end) = 1 as asks_account, -- true: the account is
    max(case when asked.is_field and asked.value = 'amount' then 1 else 0 end) = 1 as asks_amount, -- true: the amount is
    max(case when asked.is_field and asked.value = 'close_on' then 1 else 0 end) = 1 as asks_close_on, -- true: the close date is
    max(case when asked.is_field and asked.value = 'next_step' then 1 else 0 end) = 1 as asks_next_step, -- true: the next step is
    max(case when asked.is_field and asked.value = 'forecast_category' then 1 else 0 end) = 1 as asks_forecast_category, -- true: the forecast category is
    max(case when asked.is_field and asked.value = 'deal_type' then 1 else 0 end) = 1 as asks_deal_type, -- true: the type is
    max(case when asked.is_field and asked.value = 'lead_source' then 1 else 0 end) = 1 as asks_lead_source, -- true: the lead source is
    cast(sum(case when asked.is_unknown then 1 else 0 end) as bigint) as unknown_fields, -- how many fields no deal has
    string_agg(
        case when asked.is_unknown then '; ' || asked.value || ' is empty' else '' end,
        '' order by asked.value
    ) as unknown_items -- those, for people
from asked
group by asked.period
