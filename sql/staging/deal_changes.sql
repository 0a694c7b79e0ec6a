-- deal_changes: each value a tracked field of a deal took, with the instant it took it; the first row of a field is the value at creation
-- key: source, change_id
create table staging.deal_changes (
    source varchar not null, -- the source's name in merit.yml
    change_id varchar not null, -- the CRM's id of the history row and field, or made of (deal, field, instant, ordinal) where it has none
    deal_id varchar not null, -- the deal
    field varchar not null, -- stage, amount, close_on, owner, next_step, forecast_category, pipeline or currency
    new_value varchar, -- text form: stage_id, plain decimal, YYYY-MM-DD, user_id, pipeline_id, ISO 4217; null: cleared
    changed_at timestamp with time zone not null, -- when it took the value
    ordinal bigint not null, -- order among changes of one instant; higher is later
    changed_by varchar, -- user_id, null when the CRM doesn't say
    changed_through varchar, -- user, import, integration, automation, merge; null when the CRM doesn't say
    is_truncated boolean not null -- true: the CRM had forgotten what was before, this is the oldest value known
);
