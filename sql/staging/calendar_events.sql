-- calendar_events: meetings in people's own calendars, held against those that were logged at the CRM
-- key: source, event_id
create table staging.calendar_events (
    source varchar not null, -- the source's name in merit.yml
    event_id varchar not null, -- the calendar's id of this occurrence
    user_key varchar not null, -- whose calendar: user_id at the source, or e-mail in lower case, or the roster's rep_id
    subject varchar, -- title; no text, by design
    starts_at timestamp with time zone not null, -- when it begins
    ends_at timestamp with time zone, -- when it ends
    created_at timestamp with time zone, -- when it was put there
    activity_id varchar, -- the activity at the CRM that logs it; null: none names it
    account_id varchar, -- the account that takes part, where it is known
    has_customer boolean not null, -- true: somebody from outside the company takes part
    is_cancelled boolean not null -- true: called off or declined
);
