{#- A sum with all its digits. SQLite reckons in binary fractions: there the noise behind the sixth decimal is taken off. -#}
{%- macro exact(number) -%}
  {%- if target.type == 'sqlite' -%} round({{ number }}, 6) {%- else -%} {{ number }} {%- endif -%}
{%- endmacro -%}

{#- An amount of an invoice as it counts in sales: which sign the API gives a credit invoice is not documented. -#}
{%- macro signed(amount) -%}
  case
      when invoices.is_credit_invoice and invoices.total_amount + invoices.total_tax_amount > 0 then -{{ amount }}
      else {{ amount }}
    end
{%- endmacro -%}
