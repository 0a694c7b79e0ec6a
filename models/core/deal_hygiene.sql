-- deal_hygiene: how well each open or newly closed deal is kept, as of the end of each period
-- grain: one row a deal and period, copies of another source's deals left out; of a running period, as of the build
-- key: source, deal_id, period
-- signal: a forecast is as good as the records that it is made of
-- owner: revenue operations
-- not_null: source, deal_id, period, rep_id, measured_at, stage, is_closed, required_fields, filled_fields, pushes, has_honest_close_date, has_contact_with_role, score, is_truncated
-- checks: score_is_a_share: score >= 0 and score <= 1
-- gaming: filling fields with a dot, pushing the close date on the last evening; what was there counts as of the period's end, and each push counts
-- changed: 2026-11-22 first version
--    2026-11-30 closing before the close date is no fault, and a closed deal needs no next step
--    2026-11-22 where a deal stood, what it said then and what is asked are tables of their own
with introduced as (
    select
        deal_people.source,
        deal_people.deal_id,
        count(*) as contacts
    from core.deal_people
    where deal_people.has_role
        and not deal_people.is_deleted
    group by
        deal_people.source,
        deal_people.deal_id
),
filled as (
    select
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period,
        deals_at_period_end.measured_at,
        deals_at_period_end.measured_on,
        deals_at_period_end.rep_id,
        deals_at_period_end.owner_id,
        deals_at_period_end.stage,
        deals_at_period_end.is_closed,
        fn.day(deals_at_period_end.entered_at) as entered_on,
        deals_at_period_end.is_truncated,
        deals.name,
        deals.account_id,
        deals.deal_type,
        deals.lead_source,
        case when deal_fields_at_period_end.tracks_amount then deal_fields_at_period_end.amount else cast(deals.amount as string) end as amount,
        case when deal_fields_at_period_end.tracks_close_on then fn.as_date(deal_fields_at_period_end.close_on) else deals.close_on end as close_on,
        case
            when deal_fields_at_period_end.tracks_close_on then fn.as_date(deal_fields_at_period_end.promised_on)
            else deals.close_on
        end as promised_on,
        case when deal_fields_at_period_end.tracks_next_step then deal_fields_at_period_end.next_step else deals.next_step end as next_step,
        case
            when deal_fields_at_period_end.tracks_forecast_category then deal_fields_at_period_end.forecast_category
            else deals.forecast_category
        end as forecast_category,
        coalesce(deal_fields_at_period_end.pushes, 0) as pushes,
        coalesce(introduced.contacts, 0) as contacts,
        deals.url
    from core.deals_at_period_end
    join staging.deals
        on deals.source = deals_at_period_end.source
        and deals.deal_id = deals_at_period_end.deal_id
    left join core.deal_fields_at_period_end
        on deal_fields_at_period_end.source = deals_at_period_end.source
        and deal_fields_at_period_end.deal_id = deals_at_period_end.deal_id
        and deal_fields_at_period_end.period = deals_at_period_end.period
    left join introduced
        on introduced.source = deals_at_period_end.source
        and introduced.deal_id = deals_at_period_end.deal_id
),
-- What is asked for and empty, by name.
missed as (
    select
        filled.source,
        filled.deal_id,
        filled.period,
        filled.rep_id,
        filled.owner_id,
        filled.measured_at,
        filled.measured_on,
        filled.stage,
        filled.is_closed,
        filled.entered_on,
        filled.close_on,
        filled.promised_on,
        filled.pushes,
        filled.contacts,
        filled.is_truncated,
        filled.url,
        -- What is closed has no next step.
        hygiene_rules.required_fields - case when hygiene_rules.asks_next_step and filled.is_closed then 1 else 0 end as required_fields,
        hygiene_rules.unknown_fields,
        hygiene_rules.unknown_items,
        hygiene_rules.max_pushes,
        hygiene_rules.max_close_error_days,
        hygiene_rules.fields_weight,
        hygiene_rules.close_date_weight,
        hygiene_rules.contact_weight,
        hygiene_rules.asks_account and coalesce(trim(filled.account_id), '') = '' as lacks_account,
        hygiene_rules.asks_amount and coalesce(trim(filled.amount), '') = '' as lacks_amount,
        hygiene_rules.asks_close_on and filled.close_on is null as lacks_close_on,
        hygiene_rules.asks_deal_type and coalesce(trim(filled.deal_type), '') = '' as lacks_deal_type,
        hygiene_rules.asks_forecast_category and coalesce(trim(filled.forecast_category), '') = '' as lacks_forecast_category,
        hygiene_rules.asks_lead_source and coalesce(trim(filled.lead_source), '') = '' as lacks_lead_source,
        hygiene_rules.asks_name and coalesce(trim(filled.name), '') = '' as lacks_name,
        hygiene_rules.asks_next_step and not filled.is_closed and coalesce(trim(filled.next_step), '') = '' as lacks_next_step
    from filled
    join core.hygiene_rules
        on hygiene_rules.period = filled.period
),
judged as (
    select
        missed.source,
        missed.deal_id,
        missed.period,
        missed.rep_id,
        missed.owner_id,
        missed.measured_at,
        missed.stage,
        missed.is_closed,
        missed.close_on,
        missed.pushes,
        missed.contacts,
        missed.is_truncated,
        missed.url,
        missed.required_fields,
        missed.required_fields
            - missed.unknown_fields
            - case when missed.lacks_account then 1 else 0 end
            - case when missed.lacks_amount then 1 else 0 end
            - case when missed.lacks_close_on then 1 else 0 end
            - case when missed.lacks_deal_type then 1 else 0 end
            - case when missed.lacks_forecast_category then 1 else 0 end
            - case when missed.lacks_lead_source then 1 else 0 end
            - case when missed.lacks_name then 1 else 0 end
            - case when missed.lacks_next_step then 1 else 0 end as filled_fields,
        case when missed.lacks_account then '; account is empty' else '' end
        || case when missed.lacks_amount then '; amount is empty' else '' end
        || case when missed.lacks_close_on then '; close_on is empty' else '' end
        || case when missed.lacks_deal_type then '; deal_type is empty' else '' end
        || case when missed.lacks_forecast_category then '; forecast_category is empty' else '' end
        || case when missed.lacks_lead_source then '; lead_source is empty' else '' end
        || case when missed.lacks_name then '; name is empty' else '' end
        || case when missed.lacks_next_step then '; next_step is empty' else '' end
        || missed.unknown_items as empty_items,
        case
            when missed.promised_on is null then '; no close date'
            -- Closing early is no fault: dead deals are to be cleared out, and a win is welcome.
            when missed.is_closed and fn.whole_days(missed.promised_on, missed.entered_on) > missed.max_close_error_days
                then '; closed ' || cast(fn.whole_days(missed.promised_on, missed.entered_on) as string) || ' days after the close date'
            when not missed.is_closed and missed.promised_on < missed.measured_on then '; close date in the past'
            else ''
        end
        || case
            when missed.pushes > missed.max_pushes then '; pushed ' || cast(missed.pushes as string) || ' times'
            else ''
        end as close_date_items,
        case when missed.contacts = 0 then '; no contact with a role' else '' end as contact_items,
        missed.fields_weight,
        missed.close_date_weight,
        missed.contact_weight
    from missed
)
select
    judged.source, -- the source's name in merit.yml
    judged.deal_id, -- the deal
    judged.period, -- fiscal year and quarter
    judged.rep_id, -- the rep who owned it then
    judged.owner_id, -- user_id of the rep
    judged.measured_at, -- the instant that this row speaks of
    judged.stage, -- the stage it was in then
    judged.is_closed, -- true: closed within the period; false: open
    cast(judged.required_fields as bigint) as required_fields, -- how many fields the plan asks for; no next step of a closed deal
    cast(judged.filled_fields as bigint) as filled_fields, -- how many of them were filled
    judged.close_on, -- the close date as of then
    cast(judged.pushes as bigint) as pushes, -- how often the close date had been moved later
    judged.close_date_items = '' as has_honest_close_date, -- true: there is one, not in the past, not pushed too often, and a close was not long after it
    judged.contacts > 0 as has_contact_with_role, -- true: somebody at the account has a role in the deal
    cast(
        fn.ratio(
            judged.fields_weight * coalesce(fn.ratio(judged.filled_fields, judged.required_fields), 1)
            + case when judged.close_date_items = '' then judged.close_date_weight else 0 end
            + case when judged.contacts > 0 then judged.contact_weight else 0 end,
            judged.fields_weight + judged.close_date_weight + judged.contact_weight
        ) as numeric(18, 6)
    ) as score, -- 0..1: the weighted share of what is in order
    nullif(substr(judged.empty_items || judged.close_date_items || judged.contact_items, 3), '') as missing, -- what is missing, for people; null: nothing
    judged.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    judged.url -- the record's page at the CRM
from judged
