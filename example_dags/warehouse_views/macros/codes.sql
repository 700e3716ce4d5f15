{#- The name of an invoice's status; the API has further codes, and documents none of them. -#}
{%- macro invoice_status_name(code) -%}
  case {{ code }}
      when 1 then 'draft'
      when 2 then 'sent'
      when 3 then 'paid'
      when 4 then 'obliterated'
      when 7 then 'customer_loss'
      else 'unknown'
    end
{%- endmacro -%}
