-- Receivables: a row per invoice that was sent and is not paid, as of today in Sweden. Of an invoice that is partly paid the
-- API documents no amount: it stands here whole, with partially_paid.
with unpaid as (
    select
        invoices.invoice_id,
        invoices.invoice_number,
        invoices.customer_id,
        invoices.customer_number,
        invoices.customer_name,
        invoices.is_credit_invoice,
        invoices.partially_paid,
        invoices.invoice_date,
        invoices.due_date,
        {{ swedish_today() }} as as_of,
        {{ days_between('invoices.due_date', swedish_today()) }} as days_overdue,
        invoices.currency_code,
        invoices.gross,
        invoices.to_pay
    from {{ ref('seventime_invoicing') }} as invoices
    where invoices.status_name = 'sent'
)

select
    unpaid.*,
    case
        when unpaid.days_overdue is null then 'no due date'
        when unpaid.days_overdue <= 0 then 'not due'
        when unpaid.days_overdue <= 30 then '1-30'
        when unpaid.days_overdue <= 60 then '31-60'
        when unpaid.days_overdue <= 90 then '61-90'
        else 'over 90'
    end as age_band
from unpaid
