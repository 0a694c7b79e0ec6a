-- documents: proposals, quotes and contracts that were sent to a customer
-- key: source, document_id
create table staging.documents (
    source varchar not null, -- the source's name in merit.yml
    document_id varchar not null, -- the CRM's id
    kind varchar not null, -- proposal, quote or contract
    deal_id varchar, -- the deal it is about
    account_id varchar, -- the account it went to
    owner_id varchar, -- user_id of who sent it
    amount numeric(38, 9), -- that it offers
    currency varchar, -- ISO 4217; null: the company's currency
    created_at timestamp with time zone, -- when it was made
    sent_at timestamp with time zone, -- when it went out; null: not sent
    signed_at timestamp with time zone, -- when the customer accepted it; null: not
    is_deleted boolean not null -- true: deleted or archived
);
