-- contributions: what a person gave beside the CRM: social posts, leads from content, presentations, practice runs, voicemails
-- key: source, contribution_id
create table staging.contributions (
    source varchar not null, -- the source's name in merit.yml
    contribution_id varchar not null, -- the system's id
    kind varchar not null, -- social_post, content_lead, presentation, practice_run or voicemail
    user_key varchar not null, -- who: e-mail in lower case, or the roster's rep_id, or user_id at the source
    occurred_at timestamp with time zone not null, -- when it was posted, came in or was given
    title varchar, -- of the post, the content or the presentation
    account_id varchar, -- the account it was for or came from, where there is one
    deal_id varchar, -- the deal it was for or led to, where there is one
    quantity bigint, -- how many it stands for; null: one
    url varchar -- where it can be seen
);
