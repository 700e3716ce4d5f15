-- Fails on invoices whose parts are not their whole.
select invoice_id, net, vat, rounding, gross
from {{ ref('seventime_invoicing') }}
where abs(net + vat + rounding - gross) >= 0.01
    and abs(net + vat + rounding - house_deduction - gross) >= 0.01
