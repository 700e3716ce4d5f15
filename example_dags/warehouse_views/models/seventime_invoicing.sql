-- Invoicing: a row per invoice, in the invoice's own currency. A credit invoice counts against the sale. What the customer is
-- to pay is less than the total where Skatteverket pays a part (ROT, RUT); whether the API has taken that part off the total
-- already is not documented: the arithmetic of each invoice decides.
with amounts as (
    select
        invoices.id as invoice_id,
        invoices.invoice_number,
        invoices.invoice_name,
        {{ invoice_status_name('invoices.invoice_status') }} as status_name,
        invoices.is_credit_invoice,
        invoices.is_credited,
        invoices.partially_paid,
        invoices.customer as customer_id,
        invoices.customer_number,
        invoices.customer_name,
        invoices.project as project_id,
        {{ swedish_date('invoices.invoice_date') }} as invoice_date,
        {{ month_of(swedish_date('invoices.invoice_date')) }} as month,
        {{ swedish_date('invoices.due_date') }} as due_date,
        {{ swedish_date('invoices.payment_date') }} as payment_date,
        invoices.currency_code,
        invoices.currency_rate,
        {{ signed('invoices.total_amount') }} as net,
        {{ signed('invoices.total_tax_amount') }} as vat,
        {{ signed('coalesce(invoices.total_amount_rounding, 0)') }} as rounding,
        {{ signed('invoices.total_amount_incl_tax') }} as gross,
        case
            when invoices.is_credit_invoice or invoices.total_amount + invoices.total_tax_amount < 0
            then -abs(coalesce(invoices.house_deduction_amount, 0))
            else abs(coalesce(invoices.house_deduction_amount, 0))
        end as house_deduction
    from {{ source('seventime', 'invoices') }} as invoices
)

select
    amounts.*,
    case
        when abs(amounts.net + amounts.vat + amounts.rounding - amounts.gross)
            < abs(amounts.net + amounts.vat + amounts.rounding - amounts.house_deduction - amounts.gross)
        then {{ exact('amounts.gross - amounts.house_deduction') }}
        else amounts.gross
    end as to_pay
from amounts
