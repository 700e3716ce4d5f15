-- Invoicing: a row per month, customer and currency, of what was invoiced: sent, paid, or lost since.
select
    invoices.month,
    invoices.customer_id,
    max(invoices.customer_number) as customer_number,
    max(invoices.customer_name) as customer_name,
    invoices.currency_code,
    count(*) as invoices,
    sum(case when invoices.is_credit_invoice then 1 else 0 end) as credit_invoices,
    {{ exact('sum(invoices.net)') }} as net,
    {{ exact('sum(invoices.vat)') }} as vat,
    {{ exact('sum(invoices.rounding)') }} as rounding,
    {{ exact('sum(invoices.gross)') }} as gross,
    {{ exact("sum(case when invoices.status_name = 'paid' then invoices.gross else 0 end)") }} as gross_paid
from {{ ref('seventime_invoicing') }} as invoices
where invoices.status_name in ('sent', 'paid', 'customer_loss')
group by invoices.month, invoices.customer_id, invoices.currency_code
