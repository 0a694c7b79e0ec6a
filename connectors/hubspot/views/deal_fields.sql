-- deal_fields: the properties of deals that merit.yml names
select
    deal_fields.deal_id as deal_id,
    deal_fields.field as field,
    deal_fields.value as value
from raw.deal_fields as deal_fields
