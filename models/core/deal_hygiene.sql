-- deal_hygiene: how well each open or newly closed deal is kept, as of the end of each period
-- grain: one row a deal and period, copies of another source's deals left out; of a running period, as of the build
-- key: source, deal_id, period
-- signal: a forecast is as good as the records that it is made of
-- owner: revenue operations
-- present: source, deal_id, period, rep_id, measured_at, stage, is_closed, required_fields, filled_fields, pushes, has_honest_close_date, has_contact_with_role, score, is_truncated
-- checks: score_is_a_share: score >= 0 and score <= 1
-- games: filling fields with a dot, pushing the close date on the last evening; what was there counts as of the period's end, and each push counts
-- changed: 2026-11-22 first version
with measured as (
    -- The last millisecond of a period is the latest that a CRM can name in it.
    select
        periods.period,
        periods.starts_at,
        fn.smaller(fn.just_before(periods.ends_at), fn.as_of()) as measured_at,
        fn.smaller(periods.ends_on, fn.today()) as measured_on
    from plan.periods
    where periods.starts_at <= fn.as_of()
),
rules as (
    select
        settings.period,
        max(case when settings.name = 'fields_weight' then fn.as_number(settings.value) end) as fields_weight,
        max(case when settings.name = 'close_date_weight' then fn.as_number(settings.value) end) as close_date_weight,
        max(case when settings.name = 'contact_weight' then fn.as_number(settings.value) end) as contact_weight,
        max(case when settings.name = 'max_pushes' then fn.as_number(settings.value) end) as max_pushes,
        max(case when settings.name = 'max_close_error_days' then fn.as_number(settings.value) end) as max_close_error_days,
        sum(case when settings.name = 'required_field' then 1 else 0 end) as required_fields
    from plan.settings
    where settings.metric = 'hygiene_score'
    group by settings.period
),
-- Which stay it was in comes first: of all stays of all owners' deals, few are looked at.
standing as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        measured.period,
        measured.measured_at,
        measured.measured_on,
        stage_visits.stage,
        false as is_closed,
        stage_visits.entered_at,
        measured.measured_at as promised_at,
        stage_visits.is_truncated
    from measured
    join core.stage_visits
        on stage_visits.entered_at <= measured.measured_at
        and coalesce(stage_visits.exited_at, fn.add_days(fn.as_of(), 1)) > measured.measured_at
    where not stage_visits.is_deleted
        and not stage_visits.is_closed
    union all
    select
        stage_visits.source,
        stage_visits.deal_id,
        measured.period,
        measured.measured_at,
        measured.measured_on,
        stage_visits.stage,
        true as is_closed,
        stage_visits.entered_at,
        -- What the close date said a day before the close: setting it right while closing earns nothing.
        fn.add_days(stage_visits.entered_at, -1) as promised_at,
        stage_visits.is_truncated
    from measured
    join core.stage_visits
        on stage_visits.entered_at <= measured.measured_at
        and stage_visits.entered_at >= measured.starts_at
    where not stage_visits.is_deleted
        and stage_visits.is_closed
        and coalesce(stage_visits.exited_at, fn.add_days(fn.as_of(), 1)) > measured.measured_at
),
assessed as (
    select
        standing.source,
        standing.deal_id,
        standing.period,
        standing.measured_at,
        standing.measured_on,
        rep_spans.rep_id,
        deal_owner_spans.owner_id,
        standing.stage,
        standing.is_closed,
        standing.entered_at,
        standing.promised_at,
        standing.is_truncated or coalesce(standing.measured_at < deal_owner_spans.forgotten_until, false) as is_truncated
    from standing
    join core.deal_owner_spans
        on deal_owner_spans.source = standing.source
        and deal_owner_spans.deal_id = standing.deal_id
        and deal_owner_spans.starts_at <= standing.measured_at
        and deal_owner_spans.until_at > standing.measured_at
    join core.rep_spans
        on rep_spans.rep_id = deal_owner_spans.rep_id
        and rep_spans.period = standing.period
        and standing.measured_on >= rep_spans.starts_on
        and standing.measured_on <= rep_spans.ends_on
    left join core.deal_copies
        on deal_copies.source = standing.source
        and deal_copies.deal_id = standing.deal_id
    where deal_copies.deal_id is null
),
-- A tracked field has the value that it had then; before its first one, none, unless the CRM has forgotten it.
looked_up as (
    select
        assessed.source,
        assessed.deal_id,
        assessed.period,
        deal_value_spans.field,
        deal_value_spans.change_number,
        case
            when deal_value_spans.starts_at <= assessed.measured_at or deal_value_spans.is_truncated
                then deal_value_spans.value
        end as value,
        deal_value_spans.until_at > assessed.measured_at
            and (deal_value_spans.starts_at <= assessed.measured_at or deal_value_spans.change_number = 1) as is_then,
        deal_value_spans.value as promise,
        -- A deal that closed before it was a day old is held to the first close date that it had; what is written after the close is no promise.
        deal_value_spans.until_at > assessed.promised_at
            and (
                deal_value_spans.starts_at <= assessed.promised_at
                or deal_value_spans.change_number = 1
                and (deal_value_spans.is_truncated or assessed.is_closed and deal_value_spans.starts_at <= assessed.entered_at)
            ) as is_promise,
        deal_value_spans.value > deal_value_spans.previous_value
            and deal_value_spans.starts_at <= assessed.measured_at as is_push
    from assessed
    join core.deal_value_spans
        on deal_value_spans.source = assessed.source
        and deal_value_spans.deal_id = assessed.deal_id
),
known as (
    select
        looked_up.source,
        looked_up.deal_id,
        looked_up.period,
        max(case when looked_up.field = 'amount' then 1 else 0 end) as tracks_amount,
        max(case when looked_up.field = 'amount' and looked_up.is_then then looked_up.value end) as amount,
        max(case when looked_up.field = 'close_on' then 1 else 0 end) as tracks_close_on,
        max(case when looked_up.field = 'close_on' and looked_up.is_then then looked_up.value end) as close_on,
        max(case when looked_up.field = 'close_on' and looked_up.is_promise then looked_up.promise end) as promised_on,
        sum(case when looked_up.field = 'close_on' and looked_up.is_push then 1 else 0 end) as pushes,
        max(case when looked_up.field = 'next_step' then 1 else 0 end) as tracks_next_step,
        max(case when looked_up.field = 'next_step' and looked_up.is_then then looked_up.value end) as next_step,
        max(case when looked_up.field = 'forecast_category' then 1 else 0 end) as tracks_forecast_category,
        max(case when looked_up.field = 'forecast_category' and looked_up.is_then then looked_up.value end) as forecast_category
    from looked_up
    -- The oldest value tells that the field is tracked, most others tell nothing of then.
    where looked_up.is_then
        or looked_up.is_promise
        or looked_up.is_push
        or looked_up.change_number = 1
    group by
        looked_up.source,
        looked_up.deal_id,
        looked_up.period
),
introduced as (
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
        assessed.source,
        assessed.deal_id,
        assessed.period,
        assessed.measured_at,
        assessed.measured_on,
        assessed.rep_id,
        assessed.owner_id,
        assessed.stage,
        assessed.is_closed,
        fn.day(assessed.entered_at) as entered_on,
        assessed.is_truncated,
        deals.name,
        deals.account_id,
        deals.deal_type,
        deals.lead_source,
        case when known.tracks_amount = 1 then known.amount else cast(deals.amount as string) end as amount,
        case when known.tracks_close_on = 1 then fn.as_date(known.close_on) else deals.close_on end as close_on,
        case when known.tracks_close_on = 1 then fn.as_date(known.promised_on) else deals.close_on end as promised_on,
        case when known.tracks_next_step = 1 then known.next_step else deals.next_step end as next_step,
        case
            when known.tracks_forecast_category = 1 then known.forecast_category
            else deals.forecast_category
        end as forecast_category,
        coalesce(known.pushes, 0) as pushes,
        coalesce(introduced.contacts, 0) as contacts,
        deals.url
    from assessed
    join staging.deals
        on deals.source = assessed.source
        and deals.deal_id = assessed.deal_id
    left join known
        on known.source = assessed.source
        and known.deal_id = assessed.deal_id
        and known.period = assessed.period
    left join introduced
        on introduced.source = assessed.source
        and introduced.deal_id = assessed.deal_id
),
unfilled as (
    select
        filled.source,
        filled.deal_id,
        filled.period,
        count(*) as fields,
        string_agg('; ' || settings.value || ' is empty', '' order by settings.value) as items
    from filled
    join plan.settings
        on settings.period = filled.period
        and settings.metric = 'hygiene_score'
        and settings.name = 'required_field'
    -- A field that nobody knows is filled by nobody.
    where coalesce(
        trim(case settings.value
            when 'name' then filled.name
            when 'account' then filled.account_id
            when 'amount' then filled.amount
            when 'close_on' then cast(filled.close_on as string)
            when 'next_step' then filled.next_step
            when 'forecast_category' then filled.forecast_category
            when 'deal_type' then filled.deal_type
            when 'lead_source' then filled.lead_source
        end),
        ''
    ) = ''
    group by
        filled.source,
        filled.deal_id,
        filled.period
),
judged as (
    select
        filled.source,
        filled.deal_id,
        filled.period,
        filled.rep_id,
        filled.owner_id,
        filled.measured_at,
        filled.stage,
        filled.is_closed,
        filled.close_on,
        filled.pushes,
        filled.contacts,
        filled.is_truncated,
        filled.url,
        rules.required_fields,
        rules.required_fields - coalesce(unfilled.fields, 0) as filled_fields,
        coalesce(unfilled.items, '') as empty_items,
        case
            when filled.promised_on is null then '; no close date'
            when filled.is_closed and abs(fn.whole_days(filled.promised_on, filled.entered_on)) > rules.max_close_error_days
                then '; closed ' || cast(abs(fn.whole_days(filled.promised_on, filled.entered_on)) as string) || ' days off the close date'
            when not filled.is_closed and filled.promised_on < filled.measured_on then '; close date in the past'
            else ''
        end
        || case
            when filled.pushes > rules.max_pushes then '; pushed ' || cast(filled.pushes as string) || ' times'
            else ''
        end as close_date_items,
        case when filled.contacts = 0 then '; no contact with a role' else '' end as contact_items,
        rules.fields_weight,
        rules.close_date_weight,
        rules.contact_weight
    from filled
    join rules
        on rules.period = filled.period
    left join unfilled
        on unfilled.source = filled.source
        and unfilled.deal_id = filled.deal_id
        and unfilled.period = filled.period
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
    cast(judged.required_fields as bigint) as required_fields, -- how many fields the plan asks for
    cast(judged.filled_fields as bigint) as filled_fields, -- how many of them were filled
    judged.close_on, -- the close date as of then
    cast(judged.pushes as bigint) as pushes, -- how often the close date had been moved later
    judged.close_date_items = '' as has_honest_close_date, -- true: there is one, not in the past, not pushed too often, and a close was not far off it
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
