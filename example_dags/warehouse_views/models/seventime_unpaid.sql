-- Receivables: what is unpaid, by status and currency. A draft is not owed yet, a customer loss no longer expected.
{%- set overdue = "invoices.status_name = 'sent' and invoices.due_date < " ~ swedish_today() %}
select
    invoices.status_name,
    invoices.currency_code,
    count(*) as invoices,
    {{ exact('sum(invoices.gross)') }} as gross,
    {{ exact('sum(invoices.to_pay)') }} as to_pay,
    {{ exact('sum(case when ' ~ overdue ~ ' then invoices.to_pay else 0 end)') }} as past_due
from {{ ref('seventime_invoicing') }} as invoices
where invoices.status_name not in ('paid', 'obliterated')
group by invoices.status_name, invoices.currency_code
