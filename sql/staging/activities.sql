-- activities: calls, emails, meetings, tasks and notes
-- key: source, activity_id
create table staging.activities (
    source varchar not null, -- the source's name in merit.yml
    activity_id varchar not null, -- the CRM's id
    kind varchar not null, -- call, email, meeting, task or note
    subtype varchar, -- as the CRM or its users say it: Demo, Discovery …
    owner_id varchar, -- user_id of whose work it is
    deal_id varchar, -- the deal it is about
    account_id varchar, -- the account it is about
    contact_id varchar, -- the person it was with
    subject varchar, -- title; no body text, by design
    occurred_at timestamp with time zone, -- when it took or takes place: start of a meeting, time of a call, due time of a task
    completed_at timestamp with time zone, -- when it was marked done, where the CRM tells
    is_completed boolean, -- held, sent, connected or done; null: the source doesn't say, so what was to take place took place once its time is over
    duration_seconds bigint, -- of calls and meetings
    created_at timestamp with time zone, -- when it was logged
    is_deleted boolean not null, -- true: deleted or archived
    direction varchar, -- outbound: from the rep; inbound: from the customer; null: the CRM doesn't say
    text_hash varchar -- a hash of the text, so that the same text is known again without being kept; null: there is none
);
